"""From the exec of the supervisor to its services' first instructions, by the services' own clocks."""

from harness.table import Row

ROWS = [
    Row("first_start", "exec to the service's first instruction, ms", "{:.2f}"),
    Row("ready", "exec to READY=1, 1 service, ms", "{:.2f}"),
    Row("last_start", "exec to the last of 1,000 started, ms", "{:.0f}"),
    Row("ready_1000", "exec to READY=1, 1,000 services, ms", "{:.0f}"),
]


def measure(running, start, ready):
    """Milliseconds from the exec to the last first instruction and to READY=1, under these keys."""
    values = {start: (running.last_at - running.launched_at) / 1e6}
    if running.ready_at:
        values[ready] = (running.ready_at - running.launched_at) / 1e6
    return values
