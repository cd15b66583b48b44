"""Memory and threads of everything that supervises: the services' own are not counted."""

from harness import processes
from harness.table import Row

ROWS = [
    Row("pss_1", "PSS with 1 service, MiB", "{:.2f}"),
    Row("pss_100", "PSS with 100 services, MiB", "{:.2f}"),
    Row("pss_1000", "PSS with 1,000 services, MiB", "{:.2f}"),
    Row("pss_each", "PSS a service (of the last 900), KiB", "{:.2f}"),
    Row("processes", "processes with 1,000 services", "{:.0f}", False),
    Row("threads", "threads with 1,000 services", "{:.0f}", False),
]


def measure(running, key):
    """PSS of all supervising processes, in MiB."""
    return {key: processes.pss(running.supervisors()) / 1024}


def measure_many(running):
    """The same and the counts, with 1,000 services."""
    supervisors = running.supervisors()
    return {
        **measure(running, "pss_1000"),
        "processes": len(supervisors),
        "threads": processes.threads(supervisors),
    }


def per_service(results, peer):
    """What each service beyond the hundredth costs, from the medians."""
    few, many = results.of("pss_100", peer), results.of("pss_1000", peer)
    if few is not None and many is not None:
        results.add(peer, {"pss_each": (many - few) * 1024 / 900})
