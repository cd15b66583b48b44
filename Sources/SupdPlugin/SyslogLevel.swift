/// How grave a line is: the levels of syslog(3), which the journal shares.
///
/// A service says it with `<0>` to `<7>` at the beginning of a line (sd-daemon(3)), unless its `log.level_prefix` is false.
public enum SyslogLevel: String, Hashable, Sendable, CaseIterable {
    /// `<0>`: the system is unusable.
    case emergency
    /// `<1>`: somebody has to act at once.
    case alert
    /// `<2>`: a part of it has failed.
    case critical
    /// `<3>`: something went wrong.
    case error
    /// `<4>`: something may go wrong.
    case warning
    /// `<5>`: as it should be, and worth a look.
    case notice
    /// `<6>`: what a line without a level is taken for.
    case info
    /// `<7>`: for who looks for a fault.
    case debug

    /// The number, 0 for the gravest.
    public var number: Int {
        switch self {
        case .emergency: 0
        case .alert: 1
        case .critical: 2
        case .error: 3
        case .warning: 4
        case .notice: 5
        case .info: 6
        case .debug: 7
        }
    }
}
