"""runit from Debian: runsvdir over a folder, one runsv a service."""

import os
import signal

from harness.tools import debian_version

from .base import Peer


class Runit(Peer):
    name = "runit"
    # SIGTERM ends runsvdir alone; SIGHUP makes it tell each runsv to bring its service down and to exit (runsvdir(8)).
    stop_signal = signal.SIGHUP

    def install(self, tools):
        self.runsvdir = tools.debian("runsvdir", "runit")
        self.sv = tools.debian("sv", "runit")

    def version(self):
        return debian_version("runit")

    def prepare(self, arena, tools, count, mode):
        for index in range(count):
            os.makedirs(arena.path(f"scan/s{index}"))
            os.symlink(tools.service, arena.path(f"scan/s{index}/run"))
        # runsvdir waits for the next second to look into a folder that was changed in this one; nobody starts it so.
        os.utime(arena.path("scan"), (0, 0))
        return [self.runsvdir, arena.path("scan")]

    def client(self, arena, index):
        return [self.sv, "status", arena.path(f"scan/s{index}")]

    def probe(self, arena, index):
        return ["file", arena.path(f"scan/s{index}/supervise/status")]
