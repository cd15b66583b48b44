#!/usr/bin/env python3
"""A client of supd in Python's standard library alone. docs/protocol.md has the protocol.

    client.py status [NAME…]     what instances are
    client.py restart NAME…      waits until each is up again, or has failed
    client.py events [NAME…]     what happens, until it is interrupted
    client.py logs NAME…         the last lines, and then each that comes

SUPD_SOCKET is where the socket is, TIMEOUT how many seconds an order may take (30). The exit status is 0, 1 where something failed,
2 for a wrong use, 69 where there is no daemon (any more), 75 where it took too long.

As a module: with Client() as supd: supd.call("service.status", {"services": ["web"]})
"""

import json
import os
import socket
import sys
import time


class Refused(Exception):
    """The daemon's answer is an error; `kind` is its word for it, as "no-such-service"."""

    def __init__(self, error):
        data = error["data"]
        hint = f"; did you mean '{data['suggestion']}'?" if "suggestion" in data else ""
        super().__init__(error["message"] + hint)
        self.kind = data["kind"]
        self.data = data


class Gone(Exception):
    """There is no daemon, or not any more."""


def standard_socket():
    if os.environ.get("SUPD_SOCKET"):
        return os.environ["SUPD_SOCKET"]
    if os.geteuid() != 0 and os.environ.get("XDG_RUNTIME_DIR", "").startswith("/"):
        return os.environ["XDG_RUNTIME_DIR"] + "/supd/control.sock"
    return "/run/supd/control.sock"


class Client:
    """One connection, for one thread."""

    def __init__(self, path=None):
        path = path or standard_socket()
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.buffer = b""
        self.last_id = 0
        self.notifications = []
        try:
            self.socket.connect(path)
        except OSError as error:
            self.socket.close()
            raise Gone(f"no daemon at {path}: {error.strerror}") from error

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def message(self, deadline=None):
        """The next message of the daemon's; TimeoutError where none has come by `deadline` of time.monotonic()."""
        while b"\n" not in self.buffer:
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                raise TimeoutError("no answer in time; the order stands")
            self.socket.settimeout(left)
            try:
                chunk = self.socket.recv(65536)
            except socket.timeout:
                continue
            except OSError as error:
                raise Gone(f"the connection is lost: {error.strerror}") from error
            if not chunk:
                raise Gone("the daemon has closed the connection")
            self.buffer += chunk
        line, self.buffer = self.buffer.split(b"\n", 1)
        return json.loads(line)

    def call(self, method, params=None, timeout=10):
        """The result of `method`, within `timeout` seconds; None waits as long as it takes."""
        deadline = None if timeout is None else time.monotonic() + timeout
        self.last_id += 1
        request = {"jsonrpc": "2.0", "id": self.last_id, "method": method, "params": params or {}}
        self.socket.settimeout(timeout)
        try:
            self.socket.sendall(json.dumps(request).encode() + b"\n")
        except socket.timeout:
            raise TimeoutError("the daemon reads nothing") from None
        except OSError:
            pass  # What it said before it closed may still be there.
        while True:
            message = self.message(deadline)
            if "method" in message:
                self.notifications.append(message["params"])
            elif message["id"] == self.last_id or message["id"] is None:
                if "error" in message:
                    raise Refused(message["error"])
                return message["result"]
            # Else the answer to a request that was given up.

    def follow(self, method, params):
        """The result of `events.subscribe` or `logs.follow`, and then what is told, without end."""
        yield self.call(method, params)
        while True:
            yield from self.notifications
            self.notifications = []
            message = self.message()
            if "method" in message:
                yield message["params"]


def show_status(services):
    for service in services:
        print(service["name"], service["state"])
    failures = [service["error"]["message"] for service in services if "error" in service]
    for failure in failures:
        print(f"client: {failure}", file=sys.stderr)
    return 1 if failures else 0


def show_event(event):
    if "gap" in event:
        return f"{event['sequence']} ({event['gap']} missed)"
    if event["kind"] == "state":
        return f"{event['sequence']} {event['name']} {event['from']} -> {event['state']}"
    return f"{event['sequence']} {event['kind']}"


def show_line(line):
    return f"{line['name']} ({line['gap']} missed)" if "gap" in line else f"{line['name']} {line['text']}"


def main(arguments):
    verb, names = (arguments or [""])[0], arguments[1:]
    timeout = float(os.environ.get("TIMEOUT", "30"))
    needs_names = {"status": False, "restart": True, "events": False, "logs": True}
    if verb not in needs_names or (needs_names[verb] and not names):
        print(__doc__, file=sys.stderr)
        return 2
    with Client() as supd:
        if verb == "status":
            return show_status(supd.call("service.status", {"services": names}, timeout)["services"])
        if verb == "restart":
            params = {"services": names, "wait": True, "timeout": timeout}
            # The daemon keeps the time-out itself; ours is only for one that does not answer.
            return show_status(supd.call("service.restart", params, timeout + 5)["services"])
        if verb == "events":
            told = supd.follow("events.subscribe", {"services": names})
            next(told)
            print("following", flush=True)
            for event in told:
                print(show_event(event), flush=True)
        told = supd.follow("logs.follow", {"services": names})
        for log in next(told)["services"]:
            for line in log["lines"]:
                print(show_line({"name": log["name"], **line}), flush=True)
        for line in told:
            print(show_line(line), flush=True)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (Refused, Gone, TimeoutError) as error:
        print(f"client: {error}", file=sys.stderr)
        timed_out = isinstance(error, TimeoutError) or getattr(error, "kind", "") == "timed-out"
        sys.exit(75 if timed_out else 69 if isinstance(error, Gone) else 1)
    except (KeyboardInterrupt, BrokenPipeError):
        sys.stderr.close()
        sys.exit(130)
