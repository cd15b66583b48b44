"""What control groups cost: supd with and without them, in turns."""

import time
from statistics import median

from measurements import restart, stop
from peers.supd import PlainSupd

from . import processes
from .running import Running

ROUNDS = 9
QUICK_ROUNDS = 3
SAMPLES = 60
STOP_SECONDS = 20.0

ROWS = ["exec to the service's first instruction", "exec to the last of 1,000 started", "… processor time of supd's",
        "SIGKILL to the replacement's first instruction", "the same one killed again at once", "SIGTERM to all of 100 services gone", "SIGTERM to the end of supd, 100 services",
        "SIGTERM to all of 1,000 services gone", "SIGTERM to the end of supd, 1,000 services"]


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
    """The table: medians of the rounds, and of the rounds' ratios."""
    peers = [supd, PlainSupd(supd.supd)]
    taken = {peer.name: [] for peer in peers}
    for number in range(QUICK_ROUNDS if quick else ROUNDS):
        for peer in peers if number % 2 else peers[::-1]:
            taken[peer.name].append(measure(peer, tools))
    title = "median of the ratios"
    lines = [f"| {'ms':<46} | with groups | without | {title} |", f"|{'-' * 48}|------------:|--------:|{'-' * (len(title) + 1)}:|"]
    for row, name in enumerate(ROWS):
        having, lacking = ([values[row] for values in taken[peer.name]] for peer in peers)
        ratio = median(one / other for one, other in zip(having, lacking))
        lines.append(f"| {name:<46} | {median(having):>11.2f} | {median(lacking):>7.2f} | {ratio:>{len(title)}.2f} |")
    return "\n".join(lines)
