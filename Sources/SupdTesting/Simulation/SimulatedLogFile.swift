import SupdHost

/// A log file in memory, written at once and never rotated.
final class SimulatedLogFile: LogFile {
    private let path: String
    private unowned let host: SimulatedHost

    init(_ path: String, host: SimulatedHost) {
        self.path = path
        self.host = host
    }

    func append(_ batch: LogBatch, then: @escaping (LogFileReport) -> Void) -> LogFileReport? {
        var report = LogFileReport()
        while batch.written < batch.count, report.trouble == nil {
            let bytes = batch.withNext { Array($0) }
            report.trouble = host.appendToLog(path, bytes).map { LogFileTrouble($0) }
            if report.trouble == nil { batch.written += bytes.count }
        }
        return report
    }

    func close() {}
}
