"""Which functions of a process the addresses of its instructions are in."""

import bisect
import collections
import subprocess

from . import processes


class Symbols:
    """The functions of a process's files, as far as these have a table of symbols."""

    def __init__(self, pid):
        self.parts, self.files = [], {}
        first = {}
        for line in processes.read(f"/proc/{pid}/maps").splitlines():
            fields = line.split(maxsplit=5)
            if len(fields) < 6:
                continue
            begin, end = (int(text, 16) for text in fields[0].split("-"))
            base = first.setdefault(fields[5], begin - int(fields[2], 16))
            self.parts.append((begin, end, base, fields[5]))

    def functions(self, lines):
        """{function: how many instructions} of lines "ADDRESS COUNT"."""
        counts = collections.Counter()
        for line in lines:
            address, count = line.split()
            counts[self.function(int(address, 16))] += int(count)
        return counts

    def function(self, address):
        for begin, end, base, path in self.parts:
            if begin <= address < end:
                addresses, names = self.table(path)
                place = bisect.bisect(addresses, address - base) - 1
                return names[place] if place >= 0 else path
        return "?"

    def table(self, path):
        if path not in self.files:
            found = []
            for options in (["--defined-only"], ["--defined-only", "--dynamic"]):
                done = subprocess.run(["nm", *options, path], capture_output=True, text=True, check=False)
                for line in done.stdout.splitlines():
                    fields = line.split(" ", 2)
                    if len(fields) == 3 and fields[1] in "tTwWiu":
                        found.append((int(fields[0], 16), fields[2]))
            found.sort()
            self.files[path] = [entry[0] for entry in found], [entry[1] for entry in found]
        return self.files[path]
