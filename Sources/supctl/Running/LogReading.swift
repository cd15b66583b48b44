import SupdConnection
import SupdProtocol

/// Reads lines in as many requests as it takes: one reply to `logs.read` is bounded.
enum LogReading {
    /// The last `lines` of each of `services`. Where the first reply had no room for all, each of those is asked for by itself,
    /// from its first line backwards.
    static func read(
        _ services: [String], lines: Int, _ connection: inout ControlConnection, timeout: Duration?
    ) throws(ClientError) -> LogRead {
        var log: LogRead = try connection.call(
            .logsRead(LogsParams(services: services, lines: lines)), timeout: timeout)
        for index in log.services.indices {
            while log.services[index].shortage == .reply, let before = log.services[index].earlier {
                let found = log.services[index]
                let params = LogsParams(services: [found.name], lines: lines - found.lines.count, before: before)
                let more: LogRead = try connection.call(.logsRead(params), timeout: timeout)
                guard let page = more.services.first, !page.lines.isEmpty || page.shortage != .reply else { break }
                log.services[index].lines = page.lines + found.lines
                log.services[index].earlier = page.earlier
                log.services[index].shortage = page.shortage
            }
        }
        return log
    }
}
