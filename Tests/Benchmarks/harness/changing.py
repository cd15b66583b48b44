"""What an apply costs that adds, restarts or takes away 10,000 services that run."""

import subprocess
import threading
import time

from . import processes
from .arena import Arena, Late
from .client import Client
from .configuring import COUNT, Pings, processor_seconds


class Drain(threading.Thread):
    """Takes the reports of the services, so that none of them waits to make its own."""

    def __init__(self, arena):
        super().__init__(daemon=True)
        self.arena, self.ends = arena, False

    def run(self):
        while not self.ends:
            self.arena.take()
            time.sleep(0.02)


def changes(supd, tools):
    """The table."""
    arena = Arena()
    file, socket_path = arena.path("supd.toml"), supd.socket(arena)

    def write(count, more=""):
        with open(file, "w", encoding="utf-8") as output:
            for index in range(count):
                output.write(f'[service.s{index}]\nexec_start = ["{tools.service}", "{arena.stamps}", "{arena.life}", "{index}"]\n'
                             f'log = {{ sink = "none" }}\n{more}\n')

    write(1)
    drain = Drain(arena)
    drain.start()
    with open(arena.path("output"), "wb") as output:
        process = subprocess.Popen([supd.supd, "--config", file, "--socket", socket_path], cwd=arena.folder,
                                   stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True)
    try:
        deadline = time.monotonic() + 20
        while True:
            try:
                client = Client(socket_path)
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise Late("supd does not listen") from None
                time.sleep(0.05)
        lines = [f"What an apply of {COUNT:,} services costs that run (ms; a ping every 0.5 ms).", "",
                 f"| {'':<36} | until all are there | longest ping | loop's time |", f"|{'-' * 38}|{'-' * 20}:|{'-' * 13}:|{'-' * 12}:|"]
        for title, count, more in (("one that adds them", COUNT, ""),
                                   ("one that restarts each of them", COUNT, 'environment = { A = "1" }'),
                                   ("one that changes each in place", COUNT, 'environment = { A = "1" }\ntimeout_stop = "5s"'),
                                   ("one that takes them away", 1, 'environment = { A = "1" }\ntimeout_stop = "5s"')):
            write(count, more)
            # What came before is over, and its memory given back.
            time.sleep(2)
            with Pings(socket_path) as pings:
                idle = processor_seconds(process.pid)[0]
                time.sleep(0.2)
                idle = (processor_seconds(process.pid)[0] - idle) / 0.2
                pings.longest = 0.0
                before, start = processor_seconds(process.pid)[0], time.monotonic()
                client.ask("config.reload", {"wait": True, "timeout": 120})
                taken = time.monotonic() - start
                loop = max(processor_seconds(process.pid)[0] - before - idle * taken, 0)
            running = sum(row["state"] == "RUNNING" for row in client.ask("service.status")["services"])
            if running != count:
                raise Late(f"{title}: {running:,} of {count:,} run")
            lines.append(f"| {title:<36} | {taken * 1e3:>19.0f} | {pings.longest:>12.1f} | {loop * 1e3:>11.0f} |")
        return "\n".join(lines)
    finally:
        drain.ends = True
        process.terminate()
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            processes.end([process.pid])
        processes.end_everything()
        drain.join()
        arena.remove()
