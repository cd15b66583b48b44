"""Processes as /proc shows them (proc(5)), and the end of everything that was started here."""

import ctypes
import os
import signal
import time

PR_SET_CHILD_SUBREAPER = 36


def become_subreaper():
    """Every orphan below this process becomes its child, so that none gets away (prctl(2))."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER)")


def read(path):
    """The text of a /proc file, or an empty one where the process has gone."""
    try:
        with open(path, "rb") as file:
            return file.read().decode("utf-8", "replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""


def parents():
    """The parent of every process: {pid: ppid}."""
    found = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            # The name is in parentheses and may hold anything: what follows the last one is the rest.
            rest = read(f"/proc/{entry}/stat").rpartition(")")[2].split()
            if rest:
                found[int(entry)] = int(rest[1])
    return found


def descendants(root):
    """All processes below `root`, zombies among them."""
    children = {}
    for pid, parent in parents().items():
        children.setdefault(parent, []).append(pid)
    found, waiting = [], [root]
    while waiting:
        below = children.get(waiting.pop(), [])
        found += below
        waiting += below
    return found


def program(pid):
    """The file a process runs; empty for a zombie or a process that has gone."""
    try:
        return os.readlink(f"/proc/{pid}/exe")
    except OSError:
        return ""


def alive(pid):
    """Whether a process exists and is not a zombie."""
    rest = read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    return bool(rest) and rest[0] not in "ZX"


def field(pid, file, name):
    """The first number after `name:` in /proc/PID/FILE."""
    for line in read(f"/proc/{pid}/{file}").splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1])
    return 0


def pss(pids):
    """Proportional set size of these processes together, in KiB. Of those that share their memory (supd and supd-files) it is counted once."""
    counted = []
    for pid in pids:
        if not any(share_memory(pid, other) for other in counted):
            counted.append(pid)
    return sum(field(pid, "smaps_rollup", "Pss") for pid in counted)


# kcmp(2) by its number on x86-64, and elsewhere.
KCMP = 312 if os.uname().machine == "x86_64" else 272
KCMP_VM = 1


def share_memory(one, other):
    """Whether two processes have one address space."""
    return ctypes.CDLL(None, use_errno=True).syscall(KCMP, one, other, KCMP_VM, 0, 0) == 0


def threads(pids):
    """How many threads these processes have together."""
    return sum(field(pid, "status", "Threads") for pid in pids)


def work(pids):
    """CPU nanoseconds and voluntary context switches of all threads of these processes since they began."""
    done = work_by_thread(pids).values()
    return sum(nanoseconds for nanoseconds, _ in done), sum(switches for _, switches in done)


def work_by_thread(pids):
    """The same of each thread, by its number."""
    done = {}
    for pid in pids:
        try:
            tasks = os.listdir(f"/proc/{pid}/task")
        except OSError:
            continue
        for task in tasks:
            schedule = read(f"/proc/{pid}/task/{task}/schedstat").split()
            switches = field(pid, f"task/{task}/status", "voluntary_ctxt_switches")
            done[task] = (int(schedule[0]) if schedule else 0, switches)
    return done


def processor_time(pid):
    """CPU nanoseconds of a process since it began, with those of its threads that have ended (clock_getcpuclockid(3))."""
    return time.clock_gettime_ns(~pid << 3 | 2)


def worked(before, after):
    """What was done between two looks at `work_by_thread`, as CPU nanoseconds and switches; of a thread that has ended it is not known."""
    return tuple(sum(done[kind] - before.get(task, (0, 0))[kind] for task, done in after.items()) for kind in (0, 1))


# epoll_wait(2), epoll_pwait(2) and epoll_pwait2(2) by their numbers on x86-64, the latter two also as elsewhere.
EPOLL_WAITS = {"232", "281", "22", "441"}


def loop(pid, seconds=10.0):
    """The thread of supd that its loop is on: the one that waits for events."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for task in os.listdir(f"/proc/{pid}/task"):
            if read(f"/proc/{pid}/task/{task}/syscall").split(" ")[0] in EPOLL_WAITS:
                return int(task)
        time.sleep(0.001)
    raise TimeoutError(f"no thread of {pid} waits for events")


def reap():
    """Collects every child that has ended."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0] != 0:
            pass
    except ChildProcessError:
        pass


def end(pids, seconds=10.0):
    """Kills these processes, each by its own id, and waits until they are gone. Answers what is left: nothing."""
    deadline = time.monotonic() + seconds
    left = list(pids)
    while left and time.monotonic() < deadline:
        for pid in left:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        reap()
        left = [pid for pid in left if os.path.exists(f"/proc/{pid}")]
        if left:
            time.sleep(0.01)
    return left


def end_everything():
    """Kills all that was started here and all that this started, until a look at /proc finds nothing more."""
    for _ in range(20):
        reap()
        left = descendants(os.getpid())
        if not left:
            return
        # Supervisors first: one that lives would start again what was killed.
        end(sorted(left, key=lambda pid: program(pid).endswith("/service")), 2.0)


def hierarchy():
    """The folder of this process's own control group of version 2; None where there is none that it may make groups in."""
    mounts = (line.split() for line in read("/proc/self/mountinfo").splitlines())
    mount = next((words[4] for words in mounts if words[words.index("-") + 1] == "cgroup2" and words[3] == "/"), None)
    own = next((line[4:] for line in read("/proc/self/cgroup").splitlines() if line.startswith("0::/")), None)
    if mount is None or own is None:
        return None
    folder = os.path.join(mount, own)
    return folder if os.access(folder, os.W_OK) else None
