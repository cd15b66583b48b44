"""What is printed in the end."""

import os
import platform
from statistics import median

from measurements import footprint, idle, restart, startup, status, stop

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


def table(results, rounds):
    """The head, the table, the floors, and what went wrong, as Markdown."""
    plan, peers, floors = rounds.plan, rounds.peers, rounds.floors
    versions = ", ".join(f"{peer.name} {peer.version()}".strip() for peer in peers)
    echoes = [value for values in floors["echo"] for value in values]
    parts = [
        f"{machine()}; {versions}.\n"
        f"Medians of {plan.rounds} round{'' if plan.rounds == 1 else 's'}, the peers in turn; p99 over all rounds' samples; "
        "in parentheses how many times supd's value.",
        results.table(ROWS, [peer.name for peer in peers]),
        f"Floors: a spawn of `true` takes {median(floors['true']):.2f} ms; a loop of waitpid and vfork restarts in "
        f"{median(floors['restart']):.2f} ms; an echo over a Unix socket, both ends on one processor, p50 "
        f"{median(map(median, floors['echo'])):.1f} µs, p99 {percentile(echoes, 0.99):.1f} µs. "
        f"Load average when done: {os.getloadavg()[0]:.1f}.",
        *(f"Failed: {failure}" for failure in results.failures),
    ]
    return "\n\n".join(parts)


def put(text, name, document):
    """Prints a part; where a document is named, also replaces what it has between the part's two marks."""
    print(text + "\n", flush=True)
    if not document:
        return
    begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
    with open(document, encoding="utf-8") as file:
        before, first, rest = file.read().partition(begin)
    _, last, after = rest.partition(end)
    if not first or not last:
        raise ValueError(f"{document} has no lines `{begin.strip()}` and `{end}`")
    with open(document, "w", encoding="utf-8") as file:
        file.write(f"{before}{begin}{text}\n{end}{after}")
