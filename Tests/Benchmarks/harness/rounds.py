"""Which supervisor does what, and when: every peer takes its turn at each scene before the next scene begins."""

import sys
from collections import namedtuple
from statistics import median

from measurements import footprint, idle, restart, startup, status, stop

from peers.floor import Floor

from .arena import Arena, Late
from .running import Running
from .table import percentile

#: How much of everything. Each measurement ends at its count or at its seconds, whichever comes first.
Plan = namedtuple("Plan", "rounds services starts restarts restart_seconds clients requests idle_seconds stubborn_rounds")

FULL = Plan(rounds=5, services=(1, 100, 1000), starts=5, restarts=90, restart_seconds=8, clients=40, requests=4000,
            idle_seconds=5, stubborn_rounds=3)
QUICK = Plan(rounds=1, services=(1, 100, 1000), starts=2, restarts=15, restart_seconds=4, clients=5, requests=500,
             idle_seconds=2, stubborn_rounds=1)

STOP_SECONDS = 20.0
STUBBORN = 10


class Rounds:
    """All the rounds of one run of the benchmark."""

    def __init__(self, peers, tools, results, plan):
        self.peers, self.tools, self.results, self.plan = peers, tools, results, plan
        self.samples = {}   # (row, peer): every single restart or request, for the 99th percentile
        self.floors = {"true": [], "echo": [], "restart": []}

    def run(self):
        """Runs them."""
        scenes = [(count, scene) for count, scene in ((1, self.one), (100, self.hundred), (1000, self.thousand))
                  if count in self.plan.services]
        for number in range(self.plan.rounds):
            for count, scene in scenes:
                self.turns(scene, number)
            if number < self.plan.stubborn_rounds:
                self.turns(self.stubborn, number)
            if number == 0:
                self.turns(self.grandchildren, number)
            self.measure_floors()
        for (key, peer), values in self.samples.items():
            self.results.add(peer, {key: percentile(values, 0.99)})
        for peer in self.peers:
            footprint.per_service(self.results, peer.name)

    def turns(self, scene, number):
        """One scene by each peer, beginning with another one each round."""
        shift = number % len(self.peers)
        for peer in self.peers[shift:] + self.peers[:shift]:
            print(f"round {number + 1}/{self.plan.rounds}: {peer.name}, {scene.__name__}", file=sys.stderr)
            try:
                scene(peer)
            except (Late, RuntimeError, OSError) as failure:
                self.results.failures.append(f"{peer.name}, {scene.__name__}: {failure}")
                print(f"failed: {self.results.failures[-1]}", file=sys.stderr)

    def take(self, peer, half, tail, values):
        """One round's samples: their median counts for the round, all rounds' samples for the 99th percentile."""
        if values:
            self.results.add(peer.name, {half: median(values)})
            self.samples.setdefault((tail, peer.name), []).extend(values)

    def one(self, peer):
        """A start with a single service, several times."""
        for turn in range(self.plan.starts + 1):
            with Running(peer, self.tools, 1) as running:
                # The first start of a round is the one that finds cold caches.
                if turn > 0:
                    self.results.add(peer.name, startup.measure(running, "first_start", "ready"))
                if turn == self.plan.starts:
                    running.settle()
                    self.results.add(peer.name, footprint.measure(running, "pss_1"))

    def hundred(self, peer):
        """Footprint, requests and restarts with a hundred services."""
        plan = self.plan
        with Running(peer, self.tools, 100) as running:
            running.settle()
            self.results.add(peer.name, footprint.measure(running, "pss_100"))
            command, arguments = peer.client(running.arena, 1), peer.probe(running.arena, 1)
            if command:
                self.results.add(peer.name, {"client_50": median(status.by_client(command, plan.clients, 5))})
            if arguments:
                supervisors = running.supervisors()
                with status.on_one_processor(supervisors):
                    taken = status.by_connection(self.tools, arguments, plan.requests, 5)
                self.take(peer, "open_50", "open_99", taken)
            first, again = restart.measure(running, plan.restarts, plan.restart_seconds)
            self.take(peer, "restart_50", "restart_99", first)
            self.take(peer, "again_50", "again_99", again)

    def thousand(self, peer):
        """Start, footprint, idleness and stop with a thousand services."""
        with Running(peer, self.tools, 1000) as running:
            self.results.add(peer.name, startup.measure(running, "last_start", "ready_1000"))
            running.settle()
            self.results.add(peer.name, footprint.measure_many(running))
            self.results.add(peer.name, idle.measure(running, self.plan.idle_seconds))
            self.results.add(peer.name, stop.measure(running, "stop_1000", "stop_exit", STOP_SECONDS))

    def stubborn(self, peer):
        """A stop of services that ignore SIGTERM."""
        if isinstance(self.results.of("stubborn", peer.name), str):
            return  # It never ended; once is enough to know.
        with Running(peer, self.tools, STUBBORN, "i") as running:
            running.settle()
            self.results.add(peer.name, stop.measure(running, "stubborn", None, STOP_SECONDS))

    def grandchildren(self, peer):
        """What a stop leaves of the processes that such services started."""
        with Running(peer, self.tools, STUBBORN, "igo") as running:
            running.settle()
            self.results.add(peer.name, stop.left_behind(running, STOP_SECONDS))

    def measure_floors(self):
        """What the cheapest command and the cheapest answer cost here."""
        arena = Arena()
        try:
            self.floors["true"].append(median(status.by_client(["/bin/true"], self.plan.clients, 5)))
            self.floors["echo"].append(status.echo_floor(self.tools, arena, self.plan.requests, 5))
        finally:
            arena.remove()
        with Running(Floor(), self.tools, 1) as running:
            self.floors["restart"].append(median(restart.floor(running, self.plan.restarts)))
