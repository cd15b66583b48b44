"""What supd's memory consists of, and which system calls a restart and a request are made of."""

import os
import re
import shutil
import signal
import subprocess
import time

from measurements import restart

from . import processes
from .arena import Late
from .running import Running

HEADER = re.compile(r"^[0-9a-f]+-[0-9a-f]+ (\S+) \S+ \S+ \S+ *(.*)$")


def needed(library):
    """The libraries that a library brings with it, by ldd."""
    done = subprocess.run(["ldd", library], capture_output=True, text=True, check=False)
    return {os.path.realpath(word) for word in done.stdout.split() if word.startswith("/")}


def group(path, permissions, binary, systemd):
    """Which line of the table a mapping belongs to."""
    base = os.path.basename(path)
    if path == binary:
        kind = "code" if "x" in permissions else "data" if "w" in permissions else "constants"
        return f"supd: {kind}"
    if not path:
        return "anonymous"
    if path.startswith("["):
        return {"[heap]": "heap", "[stack]": "stack"}.get(path, "kernel (vdso)")
    for prefix, name in (("libc.", "libc"), ("libc-", "libc"), ("libm.", "libm"), ("libm-", "libm"), ("ld-", "loader"),
                         ("libstdc++", "libstdc++"), ("libgcc_s", "libgcc_s"), ("libsystemd", "libsystemd")):
        if base.startswith(prefix):
            return name
    return "what libsystemd brings" if path in systemd else base


def groups(pid):
    """{line: [resident, PSS, private dirty]} in KiB, by /proc/PID/smaps."""
    text = processes.read(f"/proc/{pid}/smaps")
    binary = processes.program(pid)
    paths = [match.group(2) for match in map(HEADER.match, text.splitlines()) if match]
    systemd = set().union(*(needed(path) for path in set(paths) if os.path.basename(path).startswith("libsystemd")), set())
    found, current = {}, None
    for line in text.splitlines():
        header = HEADER.match(line)
        if header:
            current = found.setdefault(group(header.group(2), header.group(1), binary, systemd), [0, 0, 0])
        elif current is not None:
            for column, name in enumerate(("Rss:", "Pss:", "Private_Dirty:")):
                if line.startswith(name):
                    current[column] += int(line.split()[1])
    return found


def memory(supd, tools):
    """The daemon's memory by what it is, with 1 and with 1,000 services."""
    sides = []
    for count in (1, 1000):
        with Running(supd, tools, count) as running:
            running.settle()
            sides.append(groups(running.pid))
    few, many = sides
    names = sorted(set(few) | set(many), key=lambda name: -many.get(name, [0, 0, 0])[1])
    lines = ["What supd's memory consists of, KiB: resident / PSS / private dirty.", "",
             f"| {'':<24} | {'1 service':>20} | {'1,000 services':>20} |", f"|{'-' * 26}|{'-' * 21}:|{'-' * 21}:|"]
    for name in [*names, "all"]:
        cells = []
        for side in sides:
            values = side.get(name, [0, 0, 0]) if name != "all" else [sum(column) for column in zip(*side.values())]
            cells.append(" / ".join(str(value) for value in values))
        lines.append(f"| {name:<24} | {cells[0]:>20} | {cells[1]:>20} |")
    return "\n".join(lines)


class Tracer:
    """strace on the loop's thread while a `with` block runs; it ends before the process does and leaves it as it was."""

    def __init__(self, running):
        self.pid, self.file = processes.loop(running.pid), running.arena.path("trace")

    def __enter__(self):
        self.process = subprocess.Popen(
            ["strace", "-ttt", "-T", "-s", "40", "-o", self.file, "-p", str(self.pid)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 5
        while processes.field(self.pid, "status", "TracerPid") == 0:
            if time.monotonic() > deadline:
                raise Late("strace did not attach within 5 s")
            time.sleep(0.01)
        time.sleep(0.1)
        return self

    def __exit__(self, *_):
        time.sleep(0.2)
        self.process.send_signal(signal.SIGINT)
        self.process.wait(10)

    def lines(self):
        """Every call as (seconds, call, its result, seconds inside it)."""
        pattern = re.compile(r"^([0-9.]+) (\w+)\((.*?)\)? += (.*?)(?: <([0-9.]+)>)?$")
        return [(float(match.group(1)), match.group(2), f"({match.group(3)}) = {match.group(4)}", float(match.group(5) or 0))
                for match in map(pattern.match, processes.read(self.file).splitlines()) if match]


def told(title, lines):
    """A trace as text: when, which call, with what, how long inside."""
    if not lines:
        return f"{title}: no system call was seen"
    start = lines[0][0]
    text = [f"{title}: {len(lines)} system calls, {(lines[-1][0] - start) * 1e6:.0f} µs under strace (µs from the first; µs inside)"]
    for moment, name, rest, inside in lines[:60]:
        text.append(f"  {(moment - start) * 1e6:7.0f} {inside * 1e6:6.0f}  {name}{rest[:96]}")
    return "\n".join(text)


def calls(supd, tools):
    """The system calls of one restart and of one request, with the time each takes under strace."""
    if not shutil.which("strace"):
        return "strace is not installed: no trace of a restart and a request."
    with Running(supd, tools, 10) as running:
        running.settle()
        restart.kill(running, running.first[0])
        with Tracer(running) as tracer:
            restart.kill(running, running.first[1])
        one_restart = tracer.lines()
        probe = [tools.probe, *supd.probe(running.arena, 1), "20", "5000"]
        with Tracer(running) as tracer:
            subprocess.run(probe, stdout=subprocess.DEVNULL, check=False, timeout=30)
        requests = tracer.lines()
    # One request in the middle of the connection's life: from one wait for events to the next.
    waits = [index for index, line in enumerate(requests) if line[1].startswith("epoll_")and "wait" in line[1]]
    middle = len(waits) // 2
    one_request = requests[waits[middle]:waits[middle + 1] + 1] if len(waits) > middle + 1 else requests
    return told("One restart", one_restart) + "\n\n" + told("One status request on an open connection", one_request)
