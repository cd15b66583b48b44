"""From the order to stop to the end: of 1,000 that obey, and of ten that do not."""

import os
import select
import time

from harness import processes
from harness.arena import OWN_SESSION, SAME_GROUP
from harness.table import Row

ROWS = [
    Row("stop_1000", "SIGTERM to all of 1,000 services gone, ms", "{:.0f}"),
    Row("stop_exit", "SIGTERM to the supervisor's own end, 1,000 services, ms", "{:.0f}"),
    Row("stubborn", "10 that ignore SIGTERM, limit 1 s, gone after ms", "{:.0f}"),
    Row("left_group", "their grandchildren alive after: same group, of 10", "{:.0f}", False),
    Row("left_session", "their grandchildren alive after: own session, of 10", "{:.0f}", False),
]


def stop(running, seconds):
    """Orders the stop; answers the nanoseconds until the last service was gone and until the supervisor was, or None each."""
    pidfd = os.pidfd_open(running.pid)
    poller = select.poll()
    poller.register(running.arena.life_fd, 0)
    poller.register(pidfd, select.POLLIN)
    moments = {}
    try:
        at = running.order_stop()
        deadline = time.monotonic() + seconds
        while len(moments) < 2 and (left := deadline - time.monotonic()) > 0:
            for fd, _ in poller.poll(left * 1000):
                moments[fd] = time.monotonic_ns() - at
                poller.unregister(fd)
        return moments.get(running.arena.life_fd), moments.get(pidfd)
    finally:
        os.close(pidfd)


def measure(running, gone, ended, seconds):
    """Milliseconds from the order to the last service's end and to the supervisor's, under these keys."""
    never = f"never (in {seconds:.0f} s)"
    services, supervisor = stop(running, seconds)
    values = {gone: services / 1e6 if services else never}
    if ended:
        values[ended] = supervisor / 1e6 if supervisor else never
    return values


def left_behind(running, seconds):
    """How many grandchildren outlive services and supervisor after a stop."""
    stop(running, seconds)
    running.extra += [stamp for stamp in running.arena.take() if stamp.kind in (SAME_GROUP, OWN_SESSION)]
    alive = [stamp for stamp in running.extra if processes.alive(stamp.pid)]
    return {
        "left_group": sum(stamp.kind == SAME_GROUP for stamp in alive),
        "left_session": sum(stamp.kind == OWN_SESSION for stamp in alive),
    }
