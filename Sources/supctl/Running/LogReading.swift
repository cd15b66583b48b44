import SupdConnection
import SupdProtocol

/// Reads lines in as many requests as it takes: one reply to `logs.read` is bounded.
enum LogReading {
    /// The last `lines` of each of `services`.
    static func read(
        _ services: [String], lines: Int, _ connection: inout ControlConnection, timeout: Duration?
    ) throws(ClientError) -> LogRead {
        var log: LogRead = try connection.call(
            .logsRead(LogsParams(services: services, lines: lines)), timeout: timeout)
        try complete(&log, lines: lines, &connection, timeout: timeout)
        return log
    }

    /// Whether a reply had no room for all that was asked for.
    static func isShort(_ log: LogRead) -> Bool { log.services.contains { $0.shortage?.known == .reply } }

    /// Adds what a reply had no room for: each of those services is asked for by itself, from its first line backwards.
    static func complete(
        _ log: inout LogRead, lines: Int, _ connection: inout ControlConnection, timeout: Duration?
    ) throws(ClientError) {
        for index in log.services.indices {
            while log.services[index].shortage?.known == .reply, let before = log.services[index].earlier {
                let found = log.services[index]
                let params = LogsParams(services: [found.name], lines: lines - found.lines.count, before: before)
                let more: LogRead = try connection.call(.logsRead(params), timeout: timeout)
                guard let page = more.services.first, !page.lines.isEmpty || page.shortage?.known != .reply else {
                    break
                }
                log.services[index].lines = page.lines + found.lines
                log.services[index].earlier = page.earlier
                log.services[index].shortage = page.shortage
            }
        }
    }
}
