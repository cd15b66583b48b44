"""What a service takes of supd's memory: from run to run the same, but for a hundredth."""

import json
import os

from peers.supd import ReadingSupd

from . import processes
from .running import Running
from .tools import HERE

# What is committed, and by how much it may grow before that is a fault.
RECORD = os.path.join(HERE, "footprint.json")
GROWTH = 1.1
# What a service may take whatever was recorded: 2 KiB.
MOST = 2048
# Tables have room for a power of two, and with the first number the ring of events is full.
FEW, MANY = 1_000, 4_000


def anonymous(supd, tools, count):
    """Memory of the daemon's own, in bytes: not the pages of its files, which the kernel has anyway."""
    with Running(supd, tools, count, seconds=120) as running:
        running.settle()
        return processes.field(running.pid, "smaps_rollup", "Anonymous") * 1024


def measure(supd, tools):
    one, few, many = (anonymous(supd, tools, count) for count in (1, FEW, MANY))
    reading = ReadingSupd(supd.supd)
    reading.install(tools)
    few_read, many_read = (anonymous(reading, tools, count) for count in (FEW, MANY))
    return {"a daemon of one service": one, "each of the first thousand": (few - one) // (FEW - 1),
            "each one beyond": (many - few) // (MANY - FEW),
            "each one beyond whose output is read": (many_read - few_read) // (MANY - FEW)}


def footprint(supd, tools, record=False):
    """The table, and what has grown by more than a tenth."""
    found = measure(supd, tools)
    if record:
        with open(RECORD, "w", encoding="utf-8") as file:
            json.dump(found, file, indent=2)
            file.write("\n")
    with open(RECORD, encoding="utf-8") as file:
        before = json.load(file)
    lines = ["Anonymous memory of supd in bytes; what was recorded in parentheses.", "",
             f"| {'':<36} | {'bytes':>19} |", f"|{'-' * 38}|{'-' * 20}:|"]
    grown = []
    for name, size in found.items():
        if size > before.get(name, 0) * GROWTH:
            grown.append(f"{name}: {size:,} bytes, {before.get(name, 0):,} were recorded")
        if "beyond" in name and size > MOST:
            grown.append(f"{name}: {size:,} bytes, and {MOST:,} is the most that one may take")
        lines.append(f"| {name:<36} | {f'{size:,} ({before.get(name, 0):,})':>19} |")
    return "\n".join(lines), grown
