"""What every peer answers."""

import signal


class Peer:
    """One supervisor: how it is configured, started, asked and stopped. Nothing here measures."""

    name = ""
    #: Whether it sends READY=1 to NOTIFY_SOCKET.
    says_ready = False
    #: What tells the whole supervisor to stop, its services with it.
    stop_signal = signal.SIGTERM

    def install(self, tools):
        """Finds or installs it; raises `Missing` where it is not to be had. Called once, before all else."""

    def version(self):
        """Its version, for the head of the table."""
        return ""

    def prepare(self, arena, tools, count, mode):
        """Writes the configuration of `count` services s0, s1, … into the arena; answers the command that runs them.

        Each service is restarted whenever it ends, without a delay where there is a choice, gets one second to obey
        SIGTERM, and has its output thrown away.
        """
        raise NotImplementedError

    def launcher(self, arena):
        """What runs before it, as its process: words that its command stands behind."""
        return []

    def leave(self, arena):
        """Removes what is left of it outside of the arena, once all of it has ended."""

    def client(self, arena, index):
        """The command with which a person asks for the state of service `index`; None where there is none."""
        return None

    def probe(self, arena, index):
        """Arguments for `probe` (see probe.c) that ask for the same without a new process; None where that is not to be had."""
        return None
