"""The private folder of one run, and what its services report."""

import fcntl
import os
import select
import shutil
import struct
import tempfile
import time
from collections import namedtuple

Stamp = namedtuple("Stamp", "nanoseconds pid index kind")
LAUNCH, SERVICE, SAME_GROUP, OWN_SESSION, BEGINS, ENDS = range(6)

STAMP = struct.Struct("=Qiii4x")
PIPE_SIZE = 1 << 20

# Folders that are still there, for an end in the middle of something.
folders = set()


def remove_folders():
    """Deletes the folders of arenas that were not removed."""
    while folders:
        shutil.rmtree(folders.pop(), ignore_errors=True)


class Late(Exception):
    """Something did not happen before its deadline."""


class Arena:
    """A folder only this user may enter, on tmpfs where there is one, with the FIFOs of `service.c` in it.

    Supervisors that keep their state in files are meant to keep it on tmpfs (/run): a disk would be no fair ground.
    """

    def __init__(self):
        memory = "/dev/shm"
        self.folder = tempfile.mkdtemp(prefix="supd-bench-", dir=memory if os.access(memory, os.W_OK) else None)
        folders.add(self.folder)
        self.stamps = os.path.join(self.folder, "stamps")
        self.life = os.path.join(self.folder, "life")
        os.mkfifo(self.stamps, 0o600)
        os.mkfifo(self.life, 0o600)
        # Read and write: the FIFO never comes to its end, however often the last service goes.
        self.stamps_fd = os.open(self.stamps, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        # Reading only: its end is what tells that the last service is gone.
        self.life_fd = os.open(self.life, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        fcntl.fcntl(self.stamps_fd, fcntl.F_SETPIPE_SZ, PIPE_SIZE)
        self.pending = []

    def path(self, *parts):
        """A path in the folder."""
        return os.path.join(self.folder, *parts)

    def write(self, name, content, mode=0o600):
        """Writes a file, of text or of bytes, in the folder, with the folders above it; answers its path."""
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode())
        os.chmod(path, mode)
        return path

    def remove(self):
        """Closes and deletes everything."""
        os.close(self.stamps_fd)
        os.close(self.life_fd)
        shutil.rmtree(self.folder, ignore_errors=True)
        folders.discard(self.folder)

    def take(self):
        """The reports that are there by now."""
        try:
            data = os.read(self.stamps_fd, PIPE_SIZE)
        except BlockingIOError:
            return []
        return [Stamp(*fields) for fields in STAMP.iter_unpack(data)]

    def next(self, seconds):
        """The next report, as soon as it comes."""
        if not self.pending:
            poller = select.poll()
            poller.register(self.stamps_fd, select.POLLIN)
            if not poller.poll(seconds * 1000):
                raise Late(f"no report of a service within {seconds:g} s")
            self.pending = self.take()
        return self.pending.pop(0)

    def next_kind(self, kind, seconds):
        """The next report of this kind; others are dropped."""
        return self.next_where(
            lambda stamp: stamp.kind == kind, seconds, f"no service has reported within {seconds:g} s"
        )

    def next_of(self, index, seconds):
        """The next report of the service `index`; others are dropped."""
        return self.next_where(
            lambda stamp: stamp.kind == SERVICE and stamp.index == index,
            seconds,
            f"service {index} did not start within {seconds:g} s",
        )

    def next_where(self, fits, seconds, late):
        """The next report that `fits`; others are dropped. `late` is what is said where it does not come."""
        deadline = time.monotonic() + seconds
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                raise Late(late)
            stamp = self.next(left)
            if fits(stamp):
                return stamp
