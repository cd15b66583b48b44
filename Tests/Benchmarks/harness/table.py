"""Rows, results and the printed table."""

from collections import namedtuple
from statistics import median

#: One row: its key, its title, how its value is printed, and whether a ratio says something.
Row = namedtuple("Row", "key title form ratio", defaults=("{:.1f}", True))

REFERENCE = "supd"


def percentile(values, fraction):
    """The value that `fraction` of these are not above (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, round(fraction * len(ordered) + 0.5) - 1))]


class Results:
    """Values by row and peer: one a round, or a word where there is no number."""

    def __init__(self):
        self.values = {}
        self.failures = []

    def add(self, peer, values):
        """Takes what one measurement of a peer answered: a value a row, None for a row it has nothing for."""
        for key, value in values.items():
            if value is not None:
                self.values.setdefault((key, peer), []).append(value)

    def has(self, peer, key):
        """Whether there is a value of that row for the peer."""
        return (key, peer) in self.values

    def of(self, key, peer):
        """The median of the rounds; a word wins over numbers; None where there is nothing."""
        values = self.values.get((key, peer), [])
        words = [value for value in values if isinstance(value, str)]
        if words:
            return words[0]
        return median(values) if values else None

    def cell(self, row, peer):
        """One cell: the value, and how many times supd's value it is."""
        value = self.of(row.key, peer)
        if value is None:
            return "–"
        if isinstance(value, str):
            return value
        text = row.form.format(value)
        reference = self.of(row.key, REFERENCE)
        if peer == REFERENCE or not row.ratio or not isinstance(reference, (int, float)) or reference <= 0:
            return text
        ratio = value / reference
        return f"{text} ({ratio:.2g}×)" if ratio < 9.95 else f"{text} ({ratio:.0f}×)"

    def table(self, rows, peers):
        """The table as Markdown, its columns aligned."""
        lines = [["", *peers]] + [[row.title, *(self.cell(row, peer) for peer in peers)] for row in rows]
        lines = [line for line in lines if any(cell != "–" for cell in line[1:])]
        widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]

        def show(line):
            first = line[0].ljust(widths[0])
            return "| " + " | ".join([first, *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:]))]) + " |"

        rule = "|" + "|".join(["-" * (widths[0] + 2), *("-" * (width + 1) + ":" for width in widths[1:])]) + "|"
        return "\n".join([show(lines[0]), rule, *map(show, lines[1:])])
