"""What one operation costs the loop as the number of services grows: flat where it should be flat. And the same for hours."""

import os
import random
import signal
import statistics
import time

from peers import Supd

from . import processes
from .arena import SERVICE, Late
from .client import Client
from .running import Running

SIZES = (10, 100, 1_000, 10_000)
SUBSCRIBERS = 100
# So often each is done; medians are shown.
ROUNDS = 15


class Large(Supd):
    """A supd that takes many connections."""

    def prepare(self, arena, tools, count, mode):
        command = super().prepare(arena, tools, count, mode)
        self.file = arena.path("supd.toml")
        with open(self.file, encoding="utf-8") as file:
            services = file.read()
        self.text = f'[supervisor]\ncontrol_groups = "off"\nconnections = {SUBSCRIBERS + 64}\n{services}'
        self.write()
        return command

    def write(self, description=""):
        """The configuration, with this description of its first service."""
        with open(self.file, "w", encoding="utf-8") as file:
            file.write(self.text.replace("[service.s0]\n", f'[service.s0]\ndescription = "{description}"\n', 1))


class Scene:
    """A daemon with `count` services that run, of which operations are measured."""

    def __init__(self, supd, run, count):
        self.supd, self.run, self.count, self.clients = supd, run, count, []
        self.client = Client(supd.socket(run.arena))
        self.changes = 0
        run.settle(20)
        run.arena.take()

    def loop(self):
        """Microseconds of processor time that the loop has used."""
        return int(processes.read(f"/proc/{self.run.pid}/task/{processes.loop(self.run.pid)}/schedstat").split()[0]) / 1e3

    def all_threads(self):
        return processes.processor_time(self.run.pid) / 1e3

    def median(self, operation, after=lambda: None, clock=None, rounds=ROUNDS, times=1):
        """Microseconds that `operation` takes, `after` not counted."""
        clock, taken = clock or self.loop, []
        for _ in range(rounds):
            before = clock()
            for _ in range(times):
                operation()
            taken.append((self.rest(clock) - before) / times)
            after()
        return statistics.median(taken)

    def rest(self, clock):
        """What the clock says once it stands still."""
        deadline, last = time.monotonic() + 60, clock()
        while time.monotonic() < deadline:
            time.sleep(0.003)
            now = clock()
            if now == last:
                return now
            last = now
        raise Late("the daemon does not come to rest")

    def ask(self, method, **params):
        self.client.ask(method, params)

    def start(self):
        self.ask("service.start", services=["s0"], wait=True)

    def stop(self):
        self.ask("service.stop", services=["s0"], wait=True)

    def crash(self):
        self.run.arena.take()
        os.kill(self.client.ask("service.status", {"services": ["s0"]})["services"][0]["pid"], signal.SIGKILL)
        deadline = time.monotonic() + 60
        while not any(stamp.kind == SERVICE for stamp in self.run.arena.take()):
            if time.monotonic() > deadline:
                raise Late("the service was not started again")
            time.sleep(0.001)

    def change(self):
        self.changes += 1
        self.supd.write(f"change {self.changes}")
        self.ask("config.reload", wait=True)

    def subscribe(self):
        for _ in range(SUBSCRIBERS):
            self.clients.append(Client(self.supd.socket(self.run.arena)))
            self.clients[-1].ask("events.subscribe")

    def read_events(self):
        for client in self.clients:
            client.socket.setblocking(False)
            try:
                while client.socket.recv(1 << 16):
                    pass
            except BlockingIOError:
                pass

    def rows(self):
        """{what: microseconds}"""
        found = {"status of one": self.median(lambda: self.ask("service.status", services=["s0"]), times=50)}
        found["status of all, a service"] = self.median(lambda: self.ask("service.status"), rounds=5) / self.count
        found["stop of one"] = stop = self.median(self.stop, self.start)
        self.stop()
        found["start of one"] = self.median(self.start, self.stop)
        self.start()
        found["crash and restart of one"] = self.median(self.crash)
        found["a plan that changes nothing, all threads"] = self.median(lambda: self.ask("config.plan"), clock=self.all_threads, rounds=5)
        found["… of the loop"] = self.median(lambda: self.ask("config.plan"), rounds=5)
        found["an apply that changes one, of the loop"] = self.median(self.change, rounds=5)
        self.subscribe()
        told = self.median(self.stop, lambda: (self.start(), self.read_events()), rounds=5)
        # A stop is told four times: that it was ordered, and the two states that follow; to each of them that is one write a turn.
        found[f"a stop told to {SUBSCRIBERS} subscribers, a subscriber"] = max(0.0, told - stop) / SUBSCRIBERS
        for client in self.clients:
            client.close()
        before = self.loop()
        self.ask("supervisor.drain", wait=True)
        found["drain, a service"] = (self.rest(self.loop) - before) / self.count
        return found


def scale(supd, tools, sizes):
    """{size: {operation: microseconds}}"""
    found = {}
    for size in sizes:
        peer = Large(supd.supd)
        peer.supctl = supd.supctl
        with Running(peer, tools, size, seconds=300) as run:
            found[size] = Scene(peer, run, size).rows()
    return found


def table(found):
    """As Markdown."""
    sizes = list(found)
    lines = ["Microseconds of the loop's processor time, with so many services that run; medians.", "",
             f"| {'':<52} |" + "".join(f" {size:>8,} |" for size in sizes), f"|{'-' * 54}|" + f"{'-' * 9}:|" * len(sizes)]
    for name in found[sizes[0]]:
        lines.append(f"| {name:<52} |" + "".join(f" {found[size][name]:>8,.1f} |" for size in sizes))
    return "\n".join(lines)


COLOURS = ("#1b6ca8", "#c0392b", "#1e8449", "#7d3c98", "#b9770e", "#117a65", "#566573", "#a04000", "#2e4053", "#d4ac0d")


def plot(found):
    """The same as an SVG with both axes logarithmic."""
    import math
    sizes, names = list(found), list(found[next(iter(found))])
    width, height, left, top, bottom, right = 860, 420, 60, 20, 40, 330
    values = [max(found[size][name], 0.1) for size in sizes for name in names]
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    across = (width - left - right) / max(1e-9, math.log10(sizes[-1]) - math.log10(sizes[0]))
    up = (height - top - bottom) / max(1, high - low)

    def x(size):
        return left + (math.log10(size) - math.log10(sizes[0])) * across

    def y(value):
        return height - bottom - (math.log10(max(value, 10 ** low)) - low) * up

    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">',
             f'<rect width="{width}" height="{height}" fill="white"/>']
    for power in range(low, high + 1):
        parts.append(f'<path d="M{left} {y(10 ** power):.1f}H{width - right}" stroke="#ddd"/>'
                     f'<text x="{left - 6}" y="{y(10 ** power) + 4:.1f}" text-anchor="end">{10 ** power:g} µs</text>')
    for size in sizes:
        parts.append(f'<text x="{x(size):.1f}" y="{height - bottom + 18}" text-anchor="middle">{size:,}</text>')
    parts.append(f'<text x="{(left + width - right) / 2}" y="{height - 6}" text-anchor="middle">services</text>')
    for place, name in enumerate(names):
        colour = COLOURS[place % len(COLOURS)]
        points = " ".join(f"{x(size):.1f},{y(found[size][name]):.1f}" for size in sizes)
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'
                     f'<path d="M{width - right + 14} {top + 8 + 22 * place}h18" stroke="{colour}" stroke-width="2"/>'
                     f'<text x="{width - right + 38}" y="{top + 12 + 22 * place}">{name}</text>')
    return "\n".join(parts + ["</svg>"]) + "\n"


# An endurance run: services that run, and crashes a second.
LASTING, CRASHES = 10_000, 28
# What an instance's history keeps, in changes, of which a crash is four. Before the hour begins they are full, by so many crashes a second.
CHANGES, CHANGES_A_CRASH, FILLING = 64, 4, 300


def endurance(supd, tools, minutes, count=LASTING):
    """Kills services at random, a hundred thousand an hour, and looks at memory and descriptors. The table, and whether either has grown."""
    peer = Large(supd.supd)
    peer.supctl = supd.supctl
    samples = []
    with Running(peer, tools, count, seconds=300) as run:
        scene = Scene(peer, run, count)
        names = [entry["name"] for entry in scene.client.ask("service.status")["services"]]
        for _ in range(CHANGES // CHANGES_A_CRASH):
            for start in range(0, count, FILLING):
                kill_all(run, scene.client, names[start:start + FILLING])
        end, chance, killed = time.monotonic() + minutes * 60, random.Random(1), 0
        next_look = time.monotonic()
        while time.monotonic() < end:
            now = time.monotonic()
            if now >= next_look:
                samples.append((processes.pss([run.pid]), len(os.listdir(f"/proc/{run.pid}/fd"))))
                next_look = now + minutes * 6
            killed += kill_all(run, scene.client, chance.sample(names, min(CRASHES, count)))
        scene.rest(scene.loop)
        samples.append((processes.pss([run.pid]), len(os.listdir(f"/proc/{run.pid}/fd"))))
        counts = scene.client.ask("supervisor.status")["services"]
    # What was learned in the first tenth is not growth.
    first, last = samples[min(1, len(samples) - 1)], samples[-1]
    lines = [f"{count:,} services, {killed:,} killed and restarted in {minutes:g} minutes; {counts['RUNNING']:,} run in the end.", "",
             f"| {'after':<8} | PSS, KiB | descriptors |", f"|{'-' * 10}|---------:|------------:|"]
    for place, (memory, descriptors) in enumerate(samples):
        lines.append(f"| {f'{min(place * 10, 100)} %':<8} | {memory:>8,} | {descriptors:>11,} |")
    grown = last[0] > first[0] * 1.02 + 1024 or last[1] > first[1] + 8 or counts["RUNNING"] != count
    return "\n".join(lines), grown


def kill_all(run, client, names):
    """Kills the main processes of these services, in a second at least. How many there were."""
    begun = time.monotonic()
    killed = sum(kill_main(client, name) for name in names)
    run.arena.take()
    time.sleep(max(0.0, 1 - (time.monotonic() - begun)))
    return killed


def kill_main(client, name):
    """Kills the main process of a service. Whether there was one: each ends by itself after a quarter of an hour (`service.c`), and may do
    so between the answer and the signal. Then supd must have another, or wait to start one; else it takes for running what is gone."""
    def main():
        return client.ask("service.status", {"services": [name]})["services"][0]["pid"]

    pid = main()
    if not pid:
        return False
    try:
        os.kill(pid, signal.SIGKILL)
        return True
    except ProcessLookupError:
        deadline = time.monotonic() + 5
        while main() == pid:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{name} has process {pid}, which is gone")
        return False


def stalls(supd, tools):
    """The longest turn of the loop with a thousand services that start at once, fifty that flood, 64 clients that ask, and a drain."""
    peer = Stalling(supd.supd)
    peer.supctl = supd.supctl
    lines = ["How long the loop was away, ms (`supctl info`).", "",
             f"| {'':<40} | {'p50':>7} | {'p99':>7} | {'longest':>8} | for {'':<28} |",
             f"|{'-' * 42}|{'-' * 8}:|{'-' * 8}:|{'-' * 9}:|{'-' * 34}|"]

    def add(title, loop):
        longest = loop.get("longest") or {}
        lines.append(f"| {title:<40} | {loop['p50'] * 1e3:>7.2f} | {loop['p99'] * 1e3:>7.2f} | {longest.get('took', 0) * 1e3:>8.2f} "
                     f"| {longest.get('work', ''):<32} |")

    with Running(peer, tools, 1_000, seconds=120) as run:
        clients = [Client(peer.socket(run.arena)) for _ in range(64)]
        add("1,000 started, 50 of 51 more flood", clients[0].ask("supervisor.status")["loop"])
        end = time.monotonic() + 5
        while time.monotonic() < end:
            for client in clients:
                client.socket.sendall(b'{"id":1,"method":"service.status"}\n')
            for client in clients:
                client.file.readline()
        add("… and 64 clients ask for all of them", clients[0].ask("supervisor.status")["loop"])
        clients[0].ask("supervisor.drain", {"wait": True})
        add("… and a drain", clients[0].ask("supervisor.status")["loop"])
        for client in clients:
            client.close()
    return "\n".join(lines)


class Stalling(Large):
    """With fifty services more, that write as fast as they can."""

    def prepare(self, arena, tools, count, mode):
        command = super().prepare(arena, tools, count, mode)
        flood = "".join(
            f'[service.flood{index}]\nexec_start = ["/bin/sh", "-c", "yes flood | head -c 200000000; sleep 600"]\n'
            f'log = {{ sink = "file", file = "{arena.path("flood")}{index}", rotate_size = "1MiB", rotate_keep = 1 }}\n'
            for index in range(50))
        self.text += flood
        self.write()
        return command
