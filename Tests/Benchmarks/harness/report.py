"""What is printed in the end."""

import os
import platform
from statistics import median

from measurements import footprint, idle, restart, startup, status, stop

from . import inside
from .table import percentile

ROWS = footprint.ROWS + startup.ROWS + restart.ROWS + status.ROWS + stop.ROWS + idle.ROWS


def machine():
    """The machine in a few words."""
    system = "Linux"
    try:
        with open("/etc/os-release", encoding="utf-8") as file:
            fields = dict(line.rstrip().split("=", 1) for line in file if "=" in line)
        system = f"{fields['ID'].strip(chr(34)).capitalize()} {fields.get('VERSION_ID', '').strip(chr(34))}".strip()
    except (OSError, KeyError):
        pass
    return f"{os.cpu_count()}-core {system} machine, kernel {platform.release().split('-')[0]}"


def print_results(results, rounds):
    """The head, the table, the floors, and what went wrong."""
    plan, peers = rounds.plan, rounds.peers
    versions = ", ".join(f"{peer.name} {peer.version()}".strip() for peer in peers)
    print(f"{machine()}; {versions}.")
    print(f"Medians of {plan.rounds} round{'' if plan.rounds == 1 else 's'}, the peers in turn; p99 over all rounds' samples; "
          "in parentheses how many times supd's value.\n")
    print(results.table(ROWS, [peer.name for peer in peers]))
    floors = rounds.floors
    echoes = [value for values in floors["echo"] for value in values]
    print(f"\nFloors: a spawn of `true` takes {median(floors['true']):.2f} ms; a loop of waitpid and vfork restarts in "
          f"{median(floors['restart']):.2f} ms; an echo over a Unix socket, both ends on one processor, p50 "
          f"{median(map(median, floors['echo'])):.1f} µs, p99 {percentile(echoes, 0.99):.1f} µs.")
    print(f"Load while measuring ended: {os.getloadavg()[0]:.2f}.")
    for failure in results.failures:
        print(f"Failed: {failure}")


def print_inside(supd, tools):
    """What supd's memory consists of and where its microseconds go."""
    print("\n" + inside.memory(supd, tools))
    print("\n" + inside.calls(supd, tools))
