"""dinit from its source, which Debian 12 has no package of."""

import os
import shutil
import struct

from harness.tools import Missing, quiet, read_back

from .base import Peer

VERSION = "0.22.1"
SOURCE = "https://github.com/davmac314/dinit"

SERVICE = """\
type = process
command = {service} {stamps} {life} {index} {mode}
restart = yes
smooth-recovery = yes
restart-delay = 0
restart-limit-count = 0
stop-timeout = 1
"""

# Of its control protocol, control-cmds.h: FINDSERVICE answers 7 bytes, SERVICESTATUS5 16, and the first handle of a connection is 0.
FIND, FOUND, STATUS, TOLD = 1, 7, 26, 16


class Dinit(Peer):
    name = "dinit"

    def install(self, tools):
        self.folder = os.path.join(tools.folder, "dinit-" + VERSION)
        self.dinit, self.dinitctl = (os.path.join(self.folder, "src", name) for name in ("dinit", "dinitctl"))
        if not (os.access(self.dinit, os.X_OK) and os.access(self.dinitctl, os.X_OK)):
            self.build()
        read_back(self.dinit, self.dinitctl)

    def build(self):
        source = os.environ.get("DINIT_SOURCE", SOURCE)
        shutil.rmtree(self.folder, ignore_errors=True)
        try:
            quiet(["git", "clone", "--quiet", "--branch", "v" + VERSION, source, self.folder], 120)
        except Missing as missing:
            raise Missing(f"{missing}; DINIT_SOURCE may name another repository of it") from missing
        quiet(["make", "-C", self.folder, "mconfig"])
        quiet(["make", "-C", os.path.join(self.folder, "build"), "all"])
        quiet(["make", "-C", os.path.join(self.folder, "src"), "dinit", "dinitctl"])

    def version(self):
        return VERSION

    def prepare(self, arena, tools, count, mode):
        for index in range(count):
            arena.write(f"dinit.d/s{index}", SERVICE.format(
                service=tools.service, stamps=arena.stamps, life=arena.life, index=index, mode=mode))
        arena.write("dinit.d/boot", "type = internal\n" + "".join(f"waits-for = s{index}\n" for index in range(count)))
        return [self.dinit, "--user", "--quiet", "--services-dir", arena.path("dinit.d"), "--socket-path", self.socket(arena)]

    def socket(self, arena):
        """Where it listens."""
        return arena.path("dinitctl")

    def client(self, arena, index):
        return [self.dinitctl, "--socket-path", self.socket(arena), "status", f"s{index}"]

    def probe(self, arena, index):
        name = f"s{index}".encode()
        find = arena.write("find", struct.pack("=BH", FIND, len(name)) + name)
        status = arena.write("request", struct.pack("=BI", STATUS, 0))
        return ["session", self.socket(arena), find, f"#{FOUND}", status, f"#{TOLD}"]
