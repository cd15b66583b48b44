internal import CSupd
internal import Glibc

/// Sets of signals as CSupd has them: signal 1 at bit 0.
enum SignalSet {
    /// The signals that the daemon takes from its signalfd, blocked everywhere else.
    static let handled: supd_signal_set = of([SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGCHLD, SIGUSR1, SIGUSR2])

    static func of(_ signals: [Int32]) -> supd_signal_set {
        signals.reduce(0) { $0 | 1 << UInt64($1 - 1) }
    }
}
