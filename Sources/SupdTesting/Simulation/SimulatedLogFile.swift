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
        if let error = host.appendToLog(path, batch.bytes[batch.written...]) {
            report.trouble = LogFileTrouble(error)
        } else {
            batch.written = batch.bytes.count
        }
        return report
    }

    func close() {}
}
