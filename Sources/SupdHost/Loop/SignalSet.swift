internal import CSupd
internal import Glibc

/// Sets of signals as CSupd has them: signal 1 at bit 0.
enum SignalSet {
    /// The signals that the daemon takes from its signalfd, blocked everywhere else: those that it acts on, and all whose
    /// default is to end a process (signal(7)). A supervisor that dies of a stray SIGALRM leaves its services to nobody.
    static let handled: supd_signal_set = ~of(untouched)

    /// Those and everything else that can be taken, for a daemon that passes signals on (`LinuxHost.Options.takesAllSignals`).
    /// As tini: not faults of its own, and not what a terminal sends to its background.
    static let all: supd_signal_set = ~of(
        [
            SIGKILL, SIGSTOP, SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS, SIGTTIN, SIGTTOU,
            supd_first_library_signal, supd_last_library_signal,
        ])

    /// Signals for what an error of the write tells better. The host ignores them.
    static let ofWrites: [Int32] = [SIGPIPE, SIGXFSZ]

    /// What a terminal sends to who writes to it or sets it from the background. A daemon that such a signal stops keeps no
    /// deadline, so the host ignores them: the write goes through then, and a read fails (termios(3), TOSTOP).
    static let ofTerminal: [Int32] = [SIGTTIN, SIGTTOU]

    /// What code of a plugin may ignore for a while, as system(3) does: a service that is started meanwhile would have it so for life.
    static let ofPrograms: [Int32] = [
        SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGALRM, SIGCHLD, SIGTSTP,
    ]

    /// Those, and what was ignored when the daemon was started: what else of it a child would find ignored.
    static func ignored(atStart inherited: supd_signal_set) -> supd_signal_set {
        inherited | of(ofWrites + ofTerminal + ofPrograms + Array(supd_first_library_signal...supd_last_library_signal))
    }

    private static let untouched: [Int32] = [
        // Nobody can take these.
        SIGKILL, SIGSTOP,
        // A fault of the daemon's own: there is nothing to go on with.
        SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS,
        // Job control, for who runs it at a terminal; and what does nothing by default.
        SIGTSTP, SIGCONT, SIGURG, SIGWINCH,
        // Ignored.
        SIGPIPE, SIGXFSZ, SIGTTIN, SIGTTOU, supd_first_library_signal, supd_last_library_signal,
    ]

    static func of(_ signals: [Int32]) -> supd_signal_set {
        signals.reduce(0) { $0 | 1 << UInt64($1 - 1) }
    }
}
