"""What a plan and an apply of 10,000 services cost, and for how long they hold up the daemon's loop."""

import os
import subprocess
import threading
import time

from . import processes
from .arena import Arena, Late
from .client import Client

COUNT = 10_000
ROUNDS = 5


def service(index, more=""):
    return f'[service.s{index}]\nexec_start = ["/bin/sleep", "{index}"]\nenabled = false\nafter = ["s{index // 2}"]\n{more}\n' \
        if index > 1 else f'[service.s{index}]\nexec_start = ["/bin/sleep", "{index}"]\nenabled = false\n{more}\n'


class Pings(threading.Thread):
    """Asks again and again while a `with` block runs; `longest` is the slowest answer, in milliseconds."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.client, self.longest, self.ends = Client(path), 0.0, False

    def run(self):
        while not self.ends:
            start = time.monotonic_ns()
            self.client.ask("supervisor.ping")
            self.longest = max(self.longest, (time.monotonic_ns() - start) / 1e6)
            time.sleep(0.0005)

    def __enter__(self):
        self.start()
        time.sleep(0.1)
        self.longest = 0.0
        return self

    def __exit__(self, *_):
        self.ends = True
        self.join()


def processor_seconds(pid):
    """What the loop's thread has used, and what the whole process has."""
    def used(path):
        fields = processes.read(path).rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    runtime = int(processes.read(f"/proc/{pid}/task/{processes.loop(pid)}/schedstat").split()[0]) / 1e9
    return runtime, used(f"/proc/{pid}/stat")


def measure(path, pid, method, prepare=lambda: None):
    """Milliseconds until the answer, the longest answer to a ping meanwhile, and of the loop's processor time; medians but for the
    longest, which is the worst."""
    rows = []
    for _ in range(ROUNDS):
        prepare()
        client = Client(path)
        with Pings(path) as pings:
            idle = processor_seconds(pid)[0]
            time.sleep(0.2)
            idle = (processor_seconds(pid)[0] - idle) / 0.2
            pings.longest = 0.0
            before, start = processor_seconds(pid)[0], time.monotonic()
            client.ask(method)
            taken = time.monotonic() - start
            loop = max(processor_seconds(pid)[0] - before - idle * taken, 0)
        rows.append((taken * 1e3, pings.longest, loop * 1e3))
    columns = list(zip(*rows))
    return sorted(columns[0])[ROUNDS // 2], max(columns[1]), sorted(columns[2])[ROUNDS // 2]


def configuration(supd):
    """The table."""
    arena = Arena()
    file = arena.path("supd.toml")
    state = {"round": 0}

    def write(change):
        text = "".join(service(index, change(index)) for index in range(COUNT))
        with open(file, "w", encoding="utf-8") as output:
            output.write(text)

    def some(share):
        def prepare():
            state["round"] += 1
            write(lambda index: f'description = "{state["round"]}"' if index % share == 0 else "")
        return prepare

    write(lambda _: "")
    socket_path = supd.socket(arena)
    with open(arena.path("output"), "wb") as output:
        process = subprocess.Popen(
            [supd.supd, "--config", file, "--socket", socket_path], cwd=arena.folder, stdin=subprocess.DEVNULL,
            stdout=output, stderr=output, start_new_session=True)
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                Client(socket_path).ask("supervisor.ping")
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise Late("supd does not listen") from None
                time.sleep(0.05)
        time.sleep(1)
        scenes = [
            ("a plan that changes nothing", "config.plan", lambda: write(lambda _: "")),
            ("a plan that changes 1 of 100", "config.plan", some(100)),
            ("a plan that changes every service", "config.plan", some(1)),
            ("an apply that changes nothing", "config.reload", lambda: None),
            ("an apply that changes 1 of 100", "config.reload", some(100)),
            ("an apply that changes every service", "config.reload", some(1)),
        ]
        Client(socket_path).ask("config.reload")
        lines = [f"What a changed configuration costs, with {COUNT:,} services (ms; a ping every 0.5 ms).", "",
                 f"| {'':<36} | until the answer | longest ping | loop's time |", f"|{'-' * 38}|{'-' * 17}:|{'-' * 13}:|{'-' * 12}:|"]
        for title, method, prepare in scenes:
            if title == "an apply that changes nothing":
                write(lambda _: "")
                Client(socket_path).ask("config.reload")
            taken, longest, loop = measure(socket_path, process.pid, method, prepare)
            lines.append(f"| {title:<36} | {taken:>16.1f} | {longest:>12.1f} | {loop:>11.1f} |")
        return "\n".join(lines)
    finally:
        process.terminate()
        process.wait(30)
