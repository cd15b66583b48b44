"""One supervisor that runs a number of services."""

import os
import subprocess
import sys
import time

from . import processes
from .arena import LAUNCH, SERVICE, Arena, Late
from .manager import Manager

# How long after its last service a peer that says READY=1 may take to say it.
READY_SECONDS = 3.0


class Running:
    """A peer started with `count` services, from its exec until `close`. A context manager: leaving it ends everything."""

    def __init__(self, peer, tools, count, mode="", seconds=60.0):
        self.peer = peer
        self.arena = Arena()
        self.first = {}      # index: the first report of that service
        self.extra = []      # reports of grandchildren
        self.launched_at = None
        self.manager = None
        try:
            self._start(tools, count, mode, seconds)
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _start(self, tools, count, mode, seconds):
        arena = self.arena
        environment = {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LANG": "C.UTF-8",
            "BENCH_STAMPS": arena.stamps, "BENCH_LIFE": arena.life, "BENCH_MODE": mode,
        }
        command = self.peer.prepare(arena, tools, count, mode)
        if self.peer.says_ready:
            self.manager = Manager(arena.path("notify"))
            environment["NOTIFY_SOCKET"] = arena.path("notify")
        self.output = arena.path("output")
        with open(self.output, "wb") as output:
            # A session of its own: an interrupt at the terminal reaches the harness, which ends things in order.
            self.process = subprocess.Popen(
                [*self.peer.launcher(arena), tools.service, "--launch", arena.stamps, *command], env=environment, cwd=arena.folder,
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True)
        self._await(count, seconds)

    def _await(self, count, seconds):
        deadline = time.monotonic() + seconds
        all_started = None
        while len(self.first) < count or self.launched_at is None or (self.manager and self.ready_at is None):
            if len(self.first) >= count and self.manager:
                all_started = all_started or time.monotonic()
                if time.monotonic() > all_started + READY_SECONDS:
                    # Its other figures are worth having without this one.
                    print(f"{self.peer.name} runs its services and does not send READY=1: not waited for any more",
                          file=sys.stderr)
                    self.peer.says_ready = False
                    break
            # The services report into a pipe that holds them all, each with its time: to read it now and then is enough
            # and leaves the processor to the supervisor.
            time.sleep(0.02 if count > 1 else 0.002)
            for stamp in self.arena.take():
                if stamp.kind == LAUNCH:
                    self.launched_at = stamp.nanoseconds
                elif stamp.kind == SERVICE:
                    self.first.setdefault(stamp.index, stamp)
                else:
                    self.extra.append(stamp)
            if self.process.poll() is not None:
                raise Late(f"{self.peer.name} ended with {self.process.returncode}: {self.last_words()}")
            if time.monotonic() > deadline:
                raise Late(f"{self.peer.name}: {len(self.first)} of {count} services within {seconds:g} s: "
                           f"{self.last_words()}")
        self.last_at = max(stamp.nanoseconds for stamp in self.first.values())

    @property
    def ready_at(self):
        """When READY=1 came, in nanoseconds; None where it did not."""
        return self.manager.ready_at if self.manager else None

    @property
    def pid(self):
        """The process that was started: the supervisor, or the first of several."""
        return self.process.pid

    def last_words(self):
        """The end of what the supervisor printed."""
        return processes.read(self.output)[-400:].strip() or "it said nothing"

    def supervisors(self):
        """Every process of the supervisor: what runs below the one that was started and is not a service."""
        below = processes.descendants(self.pid)
        return [self.pid] + [pid for pid in below if not processes.program(pid).endswith("/service")]

    def settle(self, seconds=5.0):
        """Waits until the start is over: at most a twentieth of one processor for 200 ms, and every service 1.2 s old.

        The age matters to s6 and runit, which hold back a service that did not live for a second.
        """
        deadline = time.monotonic() + seconds
        supervisors = self.supervisors()
        before = processes.work(supervisors)[0]
        while time.monotonic() < deadline:
            time.sleep(0.2)
            after = processes.work(supervisors)[0]
            if after - before < 10_000_000:
                break
            before = after
        time.sleep(max(0.0, self.last_at / 1e9 + 1.2 - time.monotonic()))

    def order_stop(self):
        """Orders the whole supervisor to stop; answers the moment, in nanoseconds."""
        at = time.monotonic_ns()
        os.kill(self.pid, self.peer.stop_signal)
        return at

    def close(self):
        """Ends the supervisor and everything it started, without waiting for its manners."""
        process = getattr(self, "process", None)
        if process:
            below = processes.descendants(process.pid)
            supervisors = [pid for pid in below if not processes.program(pid).endswith("/service")]
            processes.end([process.pid])
            processes.end(supervisors)
            process.poll()
        # Orphans come to this process: what is left below it now belongs to this run.
        processes.end_everything()
        if self.manager:
            self.manager.close()
        self.peer.leave(self.arena)
        self.arena.remove()
