"""The service manager a supervisor reports to: a datagram socket that is always read (sd_notify(3))."""

import socket
import threading
import time


class Manager:
    """Listens at `path` until `close`, notes when READY=1 came, and forgets the rest, as long as the supervisor lives.

    A manager that stopped listening would be a fault of its own, and its queue holds no more than ten messages unread.
    """

    def __init__(self, path):
        self.ready_at = None
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        self.socket.bind(path)
        self.thread = threading.Thread(target=self._listen, daemon=True)
        self.thread.start()

    def _listen(self):
        while True:
            message = self.socket.recv(65536)
            heard = time.monotonic_ns()
            if not message:
                return
            if self.ready_at is None and b"READY=1" in message.split(b"\n"):
                self.ready_at = heard

    def close(self):
        """Stops listening."""
        # A shutdown wakes the reader with an empty message; closing alone would leave it waiting.
        self.socket.shutdown(socket.SHUT_RD)
        self.thread.join(5)
        self.socket.close()
