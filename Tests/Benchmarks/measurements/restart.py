"""From the SIGKILL of a service to the first instruction of its replacement."""

import os
import signal
import time

from harness.arena import Late
from harness.table import Row

ROWS = [
    Row("restart_50", "SIGKILL to the replacement's first instruction, p50 ms", "{:.2f}"),
    Row("restart_99", "… p99 ms", "{:.2f}"),
    Row("again_50", "the same one killed again at once, p50 ms", "{:.2f}"),
    Row("again_99", "… p99 ms", "{:.2f}"),
]
LIMIT = 10.0
# The first ones fill caches and page tables.
WARM_UP = 1


def kill(running, stamp):
    """Kills a service; answers the milliseconds until its replacement ran, and the replacement."""
    at = time.monotonic_ns()
    os.kill(stamp.pid, signal.SIGKILL)
    replacement = running.arena.next_of(stamp.index, LIMIT)
    return (replacement.nanoseconds - at) / 1e6, replacement


def floor(running, samples):
    """Milliseconds of the same service killed and run again, over and over."""
    stamp, taken = running.first[0], []
    for _ in range(samples):
        milliseconds, stamp = kill(running, stamp)
        taken.append(milliseconds)
        time.sleep(0.005)
    return taken[WARM_UP:]


def measure(running, samples, seconds):
    """Each service is killed once and its replacement once more; lists of milliseconds, bounded by count and by time."""
    first, again = [], []
    deadline = time.monotonic() + seconds
    for index in sorted(running.first):
        if len(first) >= samples + WARM_UP or (len(first) > 3 and time.monotonic() > deadline):
            break
        try:
            taken, replacement = kill(running, running.first[index])
            first.append(taken)
            again.append(kill(running, replacement)[0])
        except Late as late:
            raise Late(f"{running.peer.name}, restart: {late}") from late
        # A person's pace rather than a storm: what the death of the one left to do is done before the next one dies.
        time.sleep(0.005)
    return first[WARM_UP:], again[WARM_UP:]
