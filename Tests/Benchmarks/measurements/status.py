"""The state of one service: by the command a person types, and by a program that has its connection already."""

import contextlib
import os
import subprocess
import time

from harness.table import Row

ROWS = [
    Row("client_50", "status by the client's command, p50 ms", "{:.2f}"),
    Row("open_50", "status on an open connection (a file for s6, runit), p50 µs", "{:.1f}"),
    Row("open_99", "… p99 µs", "{:.1f}"),
]


def run(command):
    """Milliseconds of one command from its spawn to its end; it must succeed."""
    null = [(os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0), (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    start = time.monotonic_ns()
    pid = os.posix_spawn(command[0], command, {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}, file_actions=null)
    status = os.waitpid(pid, 0)[1]
    taken = (time.monotonic_ns() - start) / 1e6
    if status != 0:
        raise RuntimeError(f"{' '.join(command)}: exit status {os.waitstatus_to_exitcode(status)}")
    return taken


def by_client(command, samples, seconds):
    """Milliseconds of a client's command, again and again, bounded by count and by time."""
    deadline = time.monotonic() + seconds
    run(command)
    run(command)
    taken = []
    while len(taken) < samples and (len(taken) < 5 or time.monotonic() < deadline):
        taken.append(run(command))
    return taken


def by_connection(tools, arguments, samples, seconds):
    """Microseconds of the same question on one connection, as `probe` takes them."""
    done = subprocess.run([tools.probe, *arguments, str(samples), str(int(seconds * 1000))],
                          capture_output=True, text=True, check=False, timeout=seconds + 30)
    if done.returncode != 0:
        raise RuntimeError(f"probe {' '.join(arguments)}: {done.stderr.strip()}")
    return [int(line) / 1000 for line in done.stdout.split()]


@contextlib.contextmanager
def on_one_processor(pids):
    """Keeps these processes and what is started meanwhile on one processor.

    Where a round trip's two ends run is a toss of the scheduler's coin, and waking an idle processor costs several times as much
    as the whole answer: on one, each run measures the same thing.
    """
    before = os.sched_getaffinity(0)
    one = {max(before)}
    tasks = [int(task) for pid in pids for task in os.listdir(f"/proc/{pid}/task")]
    try:
        for task in [0, *tasks]:
            os.sched_setaffinity(task, one)
        yield
    finally:
        for task in [0, *tasks]:
            with contextlib.suppress(ProcessLookupError):
                os.sched_setaffinity(task, before)


def echo_floor(tools, arena, samples, seconds):
    """The same against a server that only sends back what comes: what a round trip costs on this machine."""
    with on_one_processor([]):
        server = subprocess.Popen([tools.probe, "echo", arena.path("echo.sock")])
        try:
            deadline = time.monotonic() + 5
            while not os.path.exists(arena.path("echo.sock")) and time.monotonic() < deadline:
                time.sleep(0.005)
            time.sleep(0.02)
            text = '{"jsonrpc":"2.0","id":1,"method":"service.status","params":{"services":["s1"]}}\n'
            arguments = ["socket", arena.path("echo.sock"), arena.write("request", text), "\n"]
            return by_connection(tools, arguments, samples, seconds)
        finally:
            server.kill()
            server.wait()
