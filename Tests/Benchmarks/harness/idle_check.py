"""Whether the daemon really sleeps while nothing happens."""

import os
import shutil
import signal
import subprocess
import time

from . import processes
from .running import Running

SERVICES = 1000
SECONDS = 5.0


def check_idle(supd, tools):
    """Prints the wake-ups of each of supd's threads over some seconds with 1,000 idle services; answers 0 for none, else 1."""
    with Running(supd, tools, SERVICES) as running:
        running.settle()
        before = per_thread(running.pid)
        time.sleep(SECONDS)
        after = per_thread(running.pid)
        woken = {task: count - before.get(task, 0) for task, count in after.items() if count != before.get(task, 0)}
        print(f"supd with {SERVICES:,} idle services, {len(after)} thread(s), {SECONDS:g} s: "
              f"{sum(woken.values())} wake-ups: {'sleeps' if not woken else 'FAILS'}")
        for task, count in woken.items():
            print(f"  thread {processes.read(f'/proc/{running.pid}/task/{task}/comm').strip()}: {count}")
        if woken and shutil.which("strace"):
            print("What it does when it wakes up:")
            print(trace(running.pid, SECONDS, running.arena.path("trace")))
        return 1 if woken else 0


def per_thread(pid):
    """Context switches of every thread so far, both kinds: a thread that sleeps has neither."""
    return {
        task: sum(processes.field(pid, f"task/{task}/status", f"{kind}_ctxt_switches") for kind in ("voluntary", "nonvoluntary"))
        for task in os.listdir(f"/proc/{pid}/task")
    }


def trace(pid, seconds, file):
    """The system calls of that time, at most forty lines."""
    tracer = subprocess.Popen(["strace", "-f", "-r", "-o", file, "-p", str(pid)],
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(seconds)
    tracer.send_signal(signal.SIGINT)
    tracer.wait(10)
    lines = processes.read(file).splitlines()
    return "\n".join("  " + line[:150] for line in lines[:40])
