"""What control groups cost: supd with and without them, in turns, also as a unit of systemd runs it, and the kernel alone."""

import os
import subprocess
import tempfile
import time
from statistics import median

from measurements import restart, stop
from peers.supd import PlainSupd, UnitSupd

from . import processes
from .arena import Arena
from .running import Running

ROUNDS = 9
QUICK_ROUNDS = 3
SAMPLES = 60
STOP_SECONDS = 20.0

ROWS = ["exec to the service's first instruction", "exec to the last of 1,000 started", "… processor time of supd's",
        "SIGKILL to the replacement's first instruction", "the same one killed again at once", "SIGTERM to all of 100 services gone", "SIGTERM to the end of supd, 100 services",
        "SIGTERM to all of 1,000 services gone", "SIGTERM to the end of supd, 1,000 services"]
BARE = 1000
BARE_ROWS = [("replace", "a kill and the next start", 1000), ("start", "1,000 starts, processor time", 1), ("gone", "SIGTERM to 1,000 gone", 1),
             ("end", "… and their groups removed", 1)]


def measure(peer, tools):
    """Milliseconds, in the order of the rows."""
    first = []
    for turn in range(4):
        with Running(peer, tools, 1) as running:
            if turn > 0:
                first.append((running.last_at - running.launched_at) / 1e6)
    values = [median(first)]
    stops = []
    for count in (1000, 100):
        with Running(peer, tools, count) as running:
            if count == 1000:
                values += [(running.last_at - running.launched_at) / 1e6, processes.work([running.pid])[0] / 1e6]
            running.settle()
            if count == 100:
                values += map(median, restart.measure(running, SAMPLES, 4))
                time.sleep(0.2)
            stops.append([moment / 1e6 for moment in stop.stop(running, STOP_SECONDS)])
    return values + stops[1] + stops[0]


def grouping(supd, tools, quick):
    """The table: medians of the rounds, and of the rounds' ratios to supd without groups."""
    peers = [supd, UnitSupd(supd.supd), PlainSupd(supd.supd)]
    for peer in peers[1:]:
        peer.install(tools)
    taken = {peer.name: [] for peer in peers}
    for number in range(QUICK_ROUNDS if quick else ROUNDS):
        for peer in peers if number % 2 else peers[::-1]:
            taken[peer.name].append(measure(peer, tools))
    lines = [f"| {'ms; ratios to without':<46} | without | with groups | ratio | in a unit | ratio |",
             f"|{'-' * 48}|--------:|------------:|------:|----------:|------:|"]
    for row, name in enumerate(ROWS):
        having, unit, lacking = ([values[row] for values in taken[peer.name]] for peer in peers)
        ratios = [median(one / other for one, other in zip(values, lacking)) for values in (having, unit)]
        lines.append(f"| {name:<46} | {median(lacking):>7.2f} | {median(having):>11.2f} | {ratios[0]:>5.2f} | {median(unit):>9.2f} | {ratios[1]:>5.2f} |")
    return "\n".join(lines + ["", bare(tools, QUICK_ROUNDS if quick else ROUNDS)])


def bare(tools, rounds):
    """The same of a loop that does nothing else (`groups.c`): what of it is the kernel's."""
    parent = processes.hierarchy()
    if parent is None or os.uname().machine != "x86_64":
        return "The kernel alone could not be measured."
    arena, folder = Arena(), tempfile.mkdtemp(prefix="bench-", dir=parent)
    taken = {}
    try:
        for way in ("none", "made", "kept") * rounds:
            done = subprocess.run(
                [tools.compile("groups"), way, folder, str(BARE), tools.service, arena.stamps, arena.life, "0"], capture_output=True,
                text=True, check=True, timeout=120)
            arena.take()
            for line in done.stdout.splitlines():
                what, value = line.split()
                taken.setdefault((way, what), []).append(float(value))
    finally:
        os.rmdir(folder)
        arena.remove()
    lines = [f"| {'the kernel alone, ms':<46} | with groups | without | ratio | with the same group again |",
             f"|{'-' * 48}|------------:|--------:|------:|--------------------------:|"]
    for what, name, unit in BARE_ROWS:
        having, lacking = (median(taken[way, what]) / unit for way in ("made", "none"))
        kept = f"{median(taken['kept', what]) / unit:.3f}" if ("kept", what) in taken else ""
        lines.append(f"| {name:<46} | {having:>11.3f} | {lacking:>7.3f} | {having / lacking:>5.2f} | {kept:>25} |")
    return "\n".join(lines)
