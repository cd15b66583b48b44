"""simpervisor from PyPI: a library, run by the smallest program that uses it."""

import os

from harness.tools import HERE

from .base import Peer

VERSION = "1.0.0"


class Simpervisor(Peer):
    name = "simpervisor"

    def install(self, tools):
        self.python = tools.python("simpervisor==" + VERSION)

    def version(self):
        return VERSION

    def prepare(self, arena, tools, count, mode):
        return [self.python, os.path.join(HERE, "simpervisor_host.py"),
                tools.service, arena.stamps, arena.life, str(count), mode]
