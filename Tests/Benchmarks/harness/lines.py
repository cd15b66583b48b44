"""How fast lines of one service get into its log file, and what that costs: supd, another supd, and supervisord, in turns."""

import sys
import time
from statistics import median

from peers.supd import LoggingSupd
from peers.supervisord import LoggingSupervisord

from . import processes
from .arena import BEGINS, ENDS
from .running import Running
from .tools import Missing

ROUNDS = 7
# The mode of service.c, and how many gigabytes that is.
SCENES = (("l", "lines of 100 bytes, a write each", 0.3), ("b", "the same, 655 in a write", 1.2))


def measure(peer, tools, mode, gigabytes):
    """Megabytes a second until the service has written all, and the supervisors' processor seconds a gigabyte."""
    with Running(peer, tools, 1, mode) as run:
        supervisors = run.supervisors()
        before = processes.work(supervisors)[0]
        begins, ends = (run.arena.next_kind(kind, 60) for kind in (BEGINS, ENDS))
        # Until what is on its way is in the file.
        last = None
        while (now := processes.work(run.supervisors())[0]) != last:
            last = now
            time.sleep(0.05)
        return gigabytes * 1e12 / (ends.nanoseconds - begins.nanoseconds), (last - before) / 1e9 / gigabytes


def rates(supd, tools, other, quick):
    """The table: medians of the rounds."""
    peers = {"supd": LoggingSupd(supd.supd)}
    if other:
        peers["the other supd"] = LoggingSupd(other)
    peers["supervisord"] = LoggingSupervisord()
    for name, peer in list(peers.items()):
        try:
            peer.install(tools)
        except Missing as missing:
            print(f"without {name}: {missing}", file=sys.stderr)
            del peers[name]
    text = [f"| {'MB/s; processor seconds a GB':<36} | " + " | ".join(f"{name:>16}" for name in peers) + " |",
             f"|{'-' * 38}|" + "|".join("-" * 17 + ":" for _ in peers) + "|"]
    for mode, title, gigabytes in SCENES:
        taken = {name: [] for name in peers}
        for _ in range(1 if quick else ROUNDS):
            for name, peer in peers.items():
                taken[name].append(measure(peer, tools, mode, gigabytes))
        cells = [f"{median(speed for speed, _ in values):.0f}; {median(cost for _, cost in values):.2f}" for values in taken.values()]
        text.append(f"| {title:<36} | " + " | ".join(f"{cell:>16}" for cell in cells) + " |")
    return "\n".join(text)
