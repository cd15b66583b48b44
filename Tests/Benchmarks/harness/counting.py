"""What one operation costs in instructions and system calls, counted: the same from run to run, however busy the machine is.

The daemon is counted instruction by instruction (`step.c`), the programs that run and end by valgrind's callgrind.
"""

import json
import os
import re
import signal
import subprocess
import time

from . import processes
from .arena import SERVICE, Arena, Late
from .client import Client
from .symbols import Symbols
from .tools import HERE, Missing

# What is committed, and by how much a row may grow before that is a fault.
RECORD = os.path.join(HERE, "instructions.json")
GROWTH = 1.1
SUBSCRIBERS = 10
LINES = 500


class Counted:
    """A daemon with some services, of which operations are counted."""

    def __init__(self, supd, tools, step):
        self.tools, self.step, self.arena, self.process, self.clients = tools, step, Arena(), None, []
        arena = self.arena
        order = arena.path("order")
        os.mkfifo(order, 0o600)
        self.order = os.open(order, os.O_RDWR)
        for count in (100, 100 + LINES):
            arena.write(f"lines{count}", f"{'x' * 99}\n" * count)
        words = ", ".join(f'"{word}"' for word in (tools.service, arena.stamps, arena.life, "0", ""))
        configuration = arena.write("supd.toml", f"""
[supervisor]
control_groups = "off"

[defaults]
restart = "always"
start_limit_burst = 0
backoff = {{ policy = "constant", delay = "0s" }}

[service.still]
exec_start = [{words}]
enabled = false
log = {{ sink = "none" }}

[service.talks]
exec_start = ["/bin/sh", "-c", "while read name; do cat {arena.folder}/$$name; done <{order}"]
log = {{ sink = "file", file = "{arena.path("log")}" }}
""")
        self.socket = supd.socket(arena)
        with open(arena.path("output"), "wb") as output:
            self.process = subprocess.Popen(
                [supd.supd, "--config", configuration, "--socket", self.socket, "--log-level", "error"], cwd=arena.folder,
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True)
        deadline = time.monotonic() + 20
        # Its file is there a moment before anybody listens to it.
        while not self.clients:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise Late(f"supd does not listen: {processes.read(arena.path('output'))[-400:]}")
            try:
                self.client = self.connect()
            except (FileNotFoundError, ConnectionRefusedError):
                time.sleep(0.01)
        self.client.ask("supervisor.ping")
        self.loop = processes.loop(self.process.pid)
        self.until_idle()

    def connect(self):
        self.clients.append(Client(self.socket))
        return self.clients[-1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for client in self.clients:
            client.close()
        processes.end([self.process.pid])
        self.process.wait(10)
        processes.end_everything()
        os.close(self.order)
        self.arena.remove()

    def until_idle(self):
        """Waits until the loop waits, and goes on waiting."""
        deadline, quiet_looks = time.monotonic() + 60, 0
        while quiet_looks < 10:
            if time.monotonic() > deadline:
                raise Late("supd does not come to rest")
            quiet_looks = quiet_looks + 1 if processes.read(f"/proc/{self.loop}/stat").rsplit(")", 1)[1].split()[0] == "S" else 0
            time.sleep(0.005)

    def once(self, operation):
        """Instructions and system calls of the loop's thread, from the end of its wait to the next; and which instructions, how often."""
        counter = subprocess.Popen([self.step, str(self.loop)], stdout=subprocess.PIPE, text=True)
        try:
            if counter.stdout.readline() != "attached\n":
                raise Missing("ptrace(2) is not allowed here")
            operation()
            self.until_idle()
        finally:
            counter.send_signal(signal.SIGTERM)
        lines = counter.stdout.read().splitlines()
        counter.wait(10)
        return int(lines[0].split()[1]), int(lines[1].split()[1]), lines[2:]

    def count(self, operation, before=lambda: None):
        """The same, once what is made only once is made."""
        before()
        operation()
        before()
        self.until_idle()
        return self.once(operation)

    # What is counted.

    def ask(self, method, *services, **more):
        self.client.ask(method, {"services": list(services), **more})

    def start(self):
        self.ask("service.start", "still", wait=True)

    def stop(self):
        self.ask("service.stop", "still", wait=True)

    def kill(self):
        """Ends the service, and waits until the next one reports."""
        self.arena.take()
        os.kill(self.client.ask("service.status", {"services": ["still"]})["services"][0]["pid"], signal.SIGKILL)
        deadline = time.monotonic() + 60
        while not any(stamp.kind == SERVICE for stamp in self.arena.take()):
            if time.monotonic() > deadline:
                raise Late("the service was not started again")
            time.sleep(0.005)

    def talk(self, count):
        size = os.path.getsize(self.arena.path("log")) if os.path.exists(self.arena.path("log")) else 0
        os.write(self.order, f"lines{count}\n".encode())
        deadline = time.monotonic() + 60
        while not os.path.exists(self.arena.path("log")) or os.path.getsize(self.arena.path("log")) < size + 100 * count:
            if time.monotonic() > deadline:
                raise Late("the lines did not come")
            time.sleep(0.005)

    def subscribe(self):
        for _ in range(SUBSCRIBERS):
            self.connect().ask("events.subscribe")


def difference(many, few, count):
    """What each of `count` costs more."""
    return tuple(round((left - right) / count, 2) if index else (left - right) // count
                 for index, (left, right) in enumerate(zip(many[:2], few[:2])))


def callgrind(tools, command):
    """Instructions of a program from its start to its end, all threads."""
    valgrind = tools.debian("valgrind", "valgrind")
    done = subprocess.run([valgrind, "--tool=callgrind", "--callgrind-out-file=/dev/null", *command], capture_output=True,
                          text=True, check=False, timeout=120)
    found = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode != 0 or not found:
        raise RuntimeError(f"valgrind {' '.join(command)}: exit status {done.returncode}: {done.stderr[-300:]}")
    return int(found.group(1))


def calls(tools, command):
    """System calls of a program from its start to its end, all threads."""
    done = subprocess.run([tools.debian("strace", "strace"), "-f", "-qq", *command], capture_output=True, text=True, check=False,
                          timeout=120)
    return sum(1 for line in done.stderr.splitlines() if re.search(r"^(\[pid +\d+\] )?\w+\(", line))


def program(tools, command):
    return callgrind(tools, command), calls(tools, command)


def configuration(supd, tools, arena):
    """The reading of one service's part of a configuration, by `supd check`."""
    def checked(count):
        text = "".join(
            f'[service.s{index}]\nexec_start = ["/bin/sleep", "{index}"]\nrestart = "always"\n'
            'backoff = { policy = "constant", delay = "0s" }\n' for index in range(count))
        return program(tools, [supd.supd, "check", "--config", arena.write(f"check{count}.toml", text)])
    return difference(checked(200), checked(100), 100)


def rows(supd, tools, quick):
    """{operation: (instructions, system calls)}, and of those counted by `step` {operation: {function: instructions}}. With `quick` those
    that are counted within seconds."""
    if os.uname().machine != "x86_64":
        raise Missing("instructions are counted on x86-64 only")
    found, functions = {}, {}
    with Counted(supd, tools, tools.compile("step")) as counted:
        symbols = Symbols(counted.process.pid)

        def put(name, result):
            found[name] = result[:2]
            if len(result) > 2:
                functions[name] = symbols.functions(result[2])

        put("a status request", counted.count(lambda: counted.ask("service.status", "still")))
        put("supctl status", program(tools, [supd.supctl, "--socket", counted.socket, "status"]))
        found["the configuration of a service"] = configuration(supd, tools, counted.arena)
        if quick:
            return found, functions
        put("a start", counted.count(counted.start, counted.stop))
        put("a stop", counted.count(counted.stop, counted.start))
        counted.start()
        put("a kill and the restart", counted.count(counted.kill))
        lines = counted.count(lambda: counted.talk(100 + LINES)), counted.count(lambda: counted.talk(100))
        put("a log line of 100 bytes", difference(*lines, LINES))
        alone = counted.count(counted.start, counted.stop)
        counted.subscribe()
        put("a start told to a subscriber", difference(counted.count(counted.start, counted.stop), alone, SUBSCRIBERS))
    return found, functions


def recorded():
    with open(RECORD, encoding="utf-8") as file:
        return {name: tuple(row) for name, row in json.load(file).items()}


def instructions(supd, tools, quick=False, record=False, hot=0):
    """The table, and what has grown by more than a tenth."""
    found, functions = rows(supd, tools, quick)
    if record:
        with open(RECORD, "w", encoding="utf-8") as file:
            file.write("{\n" + ",\n".join(f"  {json.dumps(name)}: {json.dumps(row)}" for name, row in found.items()) + "\n}\n")
    before = recorded()
    lines = ["What operations cost, counted; what was recorded in parentheses.", "",
             f"| {'':<32} | {'instructions':>24} | {'system calls':>16} |", f"|{'-' * 34}|{'-' * 25}:|{'-' * 17}:|"]
    grown = []
    for name, row in found.items():
        old = before.get(name)
        if old is None:
            grown.append(f"{name} is not in {RECORD}")
        else:
            grown += [f"{name}: {new:,} {what}, {was:,} were recorded"
                      for what, new, was in zip(("instructions", "system calls"), row, old) if new > was * GROWTH]
        cells = [f"{new:,}" + (f" ({was:,})" if old else "") for new, was in zip(row, old or row)]
        lines.append(f"| {name:<32} | {cells[0]:>24} | {cells[1]:>16} |")
    for name, counts in functions.items() if hot else ():
        lines += ["", f"{name}:"] + [f"{count:>10,}  {function}" for function, count in counts.most_common(hot)]
    return "\n".join(lines), grown
