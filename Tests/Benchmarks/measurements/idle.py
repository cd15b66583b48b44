"""What a supervisor does while nothing happens."""

import time

from harness import processes
from harness.table import Row

ROWS = [
    Row("idle_cpu", "idle with 1,000 services: CPU, ms/s", "{:.2f}", False),
    Row("idle_wakeups", "idle with 1,000 services: wake-ups/s", "{:.1f}", False),
]


def measure(running, seconds):
    """CPU time and voluntary context switches a second of all supervising threads."""
    supervisors = running.supervisors()
    start = time.monotonic()
    before = processes.work_by_thread(supervisors)
    time.sleep(seconds)
    cpu, switches = processes.worked(before, processes.work_by_thread(supervisors))
    taken = time.monotonic() - start
    return {
        "idle_cpu": cpu / 1e6 / taken,
        "idle_wakeups": switches / taken,
    }
