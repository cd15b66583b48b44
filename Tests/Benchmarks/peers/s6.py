"""s6 from Debian: s6-svscan over a folder, one s6-supervise a service."""

import os

from harness.tools import debian_version

from .base import Peer


class S6(Peer):
    name = "s6"

    def install(self, tools):
        self.svscan = tools.debian("s6-svscan", "s6")
        self.svstat = tools.debian("s6-svstat", "s6")

    def version(self):
        return debian_version("s6")

    def prepare(self, arena, tools, count, mode):
        for index in range(count):
            # SIGKILL after so many milliseconds of a stop (s6 servicedir, timeout-kill).
            arena.write(f"scan/s{index}/timeout-kill", "1000\n")
            # No shell in between: ./run is the service itself.
            os.symlink(tools.service, arena.path(f"scan/s{index}/run"))
        return [self.svscan, "-c", str(count + 10), "-t", "0", arena.path("scan")]

    def client(self, arena, index):
        return [self.svstat, arena.path(f"scan/s{index}")]

    def probe(self, arena, index):
        return ["file", arena.path(f"scan/s{index}/supervise/status")]
