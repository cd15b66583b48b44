"""supd from this package's release build."""

import os
import shutil
import subprocess

from harness import processes
from harness.tools import ROOT, Missing, read_back

from .base import Peer

SERVICE = """
[service.s{index}]
exec_start = [{command}]
restart = "always"
start_limit_burst = 0
backoff = {{ policy = "constant", delay = "0s" }}
timeout_stop = "1s"
log = {{ {log} }}
"""


class Supd(Peer):
    name = "supd"
    says_ready = True
    #: What stands before the services.
    head = ""
    log = 'sink = "none"'

    def __init__(self, binary=None):
        self.supd = binary or os.environ.get("SUPD_BIN") or os.path.join(ROOT, ".build", "release", "supd")
        self.supctl = os.path.join(os.path.dirname(self.supd), "supctl")

    def install(self, tools):
        self.supd = os.path.abspath(self.supd)
        if not os.access(self.supd, os.X_OK):
            raise Missing(f"{self.supd} is not there: build it with contrib/build, or name another with --supd or SUPD_BIN")
        if not os.access(self.supctl, os.X_OK):
            self.supctl = shutil.which("supctl")
            if not self.supctl:
                raise Missing(f"no supctl beside {self.supd}")
        self.supctl = os.path.abspath(self.supctl)
        read_back(self.supd, self.supctl)

    def version(self):
        done = subprocess.run([self.supd, "--version"], capture_output=True, text=True, check=False, timeout=10)
        return done.stdout.strip().removeprefix("supd").strip()

    def prepare(self, arena, tools, count, mode):
        text = self.head
        for index in range(count):
            words = [tools.service, arena.stamps, arena.life, str(index), mode]
            text += SERVICE.format(
                index=index, command=", ".join(f'"{word}"' for word in words), log=self.log.format(folder=arena.folder))
        configuration = arena.write("supd.toml", text)
        return [self.supd, "--config", configuration, "--socket", self.socket(arena)]

    def socket(self, arena):
        """Where the daemon listens."""
        return arena.path("control.sock")

    def client(self, arena, index):
        return [self.supctl, "--socket", self.socket(arena), "status", f"s{index}"]

    def stop_service(self, arena, index):
        """Orders one service down and waits for that."""
        subprocess.run([self.supctl, "--socket", self.socket(arena), "stop", f"s{index}"], check=True, timeout=20,
                       stdout=subprocess.DEVNULL)

    def probe(self, arena, index):
        request = arena.write(
            "request", f'{{"jsonrpc":"2.0","id":1,"method":"service.status","params":{{"services":["s{index}"]}}}}\n')
        return ["socket", self.socket(arena), request, "\n"]


class ReadingSupd(Supd):
    """The same where supd reads what its services write."""

    log = 'sink = "stderr"'


class PlainSupd(Supd):
    """The same without control groups, which the others do without."""

    name = "supd-plain"
    head = '[supervisor]\ncontrol_groups = "off"\n'


class UnitSupd(Supd):
    """The same as the main process of a unit of systemd with `Delegate=yes`: in a group that is its own, and that goes with the unit."""

    name = "supd-unit"

    def install(self, tools):
        super().install(tools)
        self.parent = processes.hierarchy()
        if self.parent is None:
            raise Missing("no folder of control groups of version 2 that groups may be made in")

    def group(self, arena):
        return os.path.join(self.parent, os.path.basename(arena.folder))

    def launcher(self, arena):
        os.mkdir(self.group(arena))
        # As systemd marks it (systemd.resource-control(5), Delegate=).
        os.setxattr(self.group(arena), "trusted.delegate", b"1")
        return ["/bin/sh", "-c", f'echo $$ >{self.group(arena)}/cgroup.procs; export SYSTEMD_EXEC_PID=$$; exec "$@"', "unit"]

    def leave(self, arena):
        """As systemd does."""
        for folder, _, _ in os.walk(self.group(arena), topdown=False):
            os.rmdir(folder)


class LoggingSupd(PlainSupd):
    """The same with the lines of its services in a file that is rotated."""

    log = 'sink = "file", file = "{folder}/log", rotate_size = "10MiB", rotate_keep = 1'
