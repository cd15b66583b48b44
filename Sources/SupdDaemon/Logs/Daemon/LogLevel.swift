import SupdPlugin

/// How grave a line of the daemon's own log is; `--log-level`.
public enum LogLevel: String, Hashable, Sendable, CaseIterable, Comparable {
    /// What is done and why, for who looks for a fault.
    case debug
    /// What has become of a service.
    case info
    /// What has become of the daemon.
    case notice
    /// Something went wrong, and the daemon goes on.
    case warning
    /// Something is lost, or a service is.
    case error

    /// The same in the numbers of syslog(3).
    var syslog: SyslogLevel {
        switch self {
        case .debug: .debug
        case .info: .info
        case .notice: .notice
        case .warning: .warning
        case .error: .error
        }
    }

    /// Whether `lhs` is less grave.
    public static func < (lhs: LogLevel, rhs: LogLevel) -> Bool { lhs.syslog.number > rhs.syslog.number }
}

/// The daemon's own log's form and place; `--log-format`.
public enum LogFormat: String, Hashable, Sendable, CaseIterable {
    /// The journal where systemd started the daemon with one, else text.
    case auto
    /// Lines for people on standard error.
    case text
    /// One JSON object a line on standard error.
    case json
    /// The journal, with fields.
    case journal
}
