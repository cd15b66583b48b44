/// How grave a line is, in the numbers of syslog(3), which the journal shares.
enum LogPriority: UInt8, Hashable, Sendable, CaseIterable {
    case emergency, alert, critical, error, warning, notice, info, debug

    /// The number as the journal's field PRIORITY wants it.
    var digit: String {
        switch self {
        case .emergency: "0"
        case .alert: "1"
        case .critical: "2"
        case .error: "3"
        case .warning: "4"
        case .notice: "5"
        case .info: "6"
        case .debug: "7"
        }
    }

    /// The priority of a line that begins with `<N>` (sd-daemon(3), SyslogLevelPrefix= of systemd.exec(5)), and how many
    /// bytes that prefix is. As in systemd one digit 0 to 7 is a prefix; anything else is part of the line.
    static func prefix(of line: UnsafeRawBufferPointer) -> (priority: LogPriority, length: Int)? {
        guard line.count >= 3, line[0] == UInt8(ascii: "<"), line[2] == UInt8(ascii: ">") else { return nil }
        guard let priority = LogPriority(rawValue: line[1] &- UInt8(ascii: "0")) else { return nil }
        return (priority, 3)
    }
}

extension LineRun.Line {
    /// The priority that the line's prefix `<N>` gives, nil where it has none, and the line without it. The rest of a line
    /// that was cut begins nothing.
    var withoutPrefix: (priority: LogPriority?, bytes: UnsafeRawBufferPointer) {
        guard !isContinuation, let prefix = LogPriority.prefix(of: bytes) else { return (nil, bytes) }
        return (prefix.priority, bytes.part(prefix.length..<bytes.count))
    }
}
