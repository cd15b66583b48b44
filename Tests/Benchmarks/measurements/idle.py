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
    cpu, switches = processes.work(supervisors)
    time.sleep(seconds)
    cpu_after, switches_after = processes.work(supervisors)
    taken = time.monotonic() - start
    return {
        "idle_cpu": (cpu_after - cpu) / 1e6 / taken,
        "idle_wakeups": (switches_after - switches) / taken,
    }
