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
    """Prints the wake-ups of each of supd's threads over some seconds with 1,000 idle services, while its service manager
    listens and once it has gone; answers 0 for none at all, else 1."""
    with Running(supd, tools, SERVICES) as running:
        running.settle()
        sleeps = watch(running, "its manager listens")
        if running.manager:
            running.manager.close()
            running.manager = None
            # A service that stays down changes the status line: something to tell a manager that does not hear any more.
            supd.stop_service(running.arena, 0)
            time.sleep(2)
            sleeps = watch(running, "its manager has gone") and sleeps
    return 0 if sleeps else 1


def watch(running, when):
    """Prints what one idle stretch shows; answers whether no thread woke up."""
    before = per_thread(running.pid)
    time.sleep(SECONDS)
    after = per_thread(running.pid)
    woken = {task: count - before.get(task, 0) for task, count in after.items() if count != before.get(task, 0)}
    print(f"supd with {SERVICES:,} idle services while {when}, {len(after)} thread(s), {SECONDS:g} s: "
          f"{sum(woken.values())} wake-ups: {'FAILS' if woken else 'sleeps'}")
    for task, count in woken.items():
        print(f"  thread {processes.read(f'/proc/{running.pid}/task/{task}/comm').strip()}: {count}")
    if woken and shutil.which("strace"):
        print("What it does when it wakes up:")
        print(trace(running.pid, 2.0, running.arena.path("trace")))
    return not woken


def per_thread(pid):
    """Context switches of every thread so far, both kinds: a thread that sleeps has neither."""
    return {
        task: sum(processes.field(pid, f"task/{task}/status", f"{kind}_ctxt_switches") for kind in ("voluntary", "nonvoluntary"))
        for task in os.listdir(f"/proc/{pid}/task")
    }


def trace(pid, seconds, file):
    """The system calls of that time, at most twenty lines."""
    tracer = subprocess.Popen(["strace", "-f", "-r", "-o", file, "-p", str(pid)],
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(seconds)
    tracer.send_signal(signal.SIGINT)
    tracer.wait(10)
    lines = processes.read(file).splitlines()
    return "\n".join("  " + line[:150] for line in lines[:20])
