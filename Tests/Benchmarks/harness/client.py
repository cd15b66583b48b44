"""A client of supd that asks one thing after the other."""

import json
import socket


class Client:
    """A connection to the control socket."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.connect(path)
        self.file = self.socket.makefile("rb")

    def ask(self, method, params=None):
        self.socket.sendall(json.dumps({"id": 1, "method": method, "params": params or {}}).encode() + b"\n")
        reply = json.loads(self.file.readline())
        if "error" in reply:
            raise RuntimeError(f"{method}: {reply['error']['message']}")
        return reply["result"]

    def close(self):
        self.file.close()
        self.socket.close()
