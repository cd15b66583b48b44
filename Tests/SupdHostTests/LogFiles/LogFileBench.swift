import Glibc
import SupdPlugin

@testable import SupdHost

/// One log file in a folder of a test's own, written on the test's own thread.
final class LogFileBench {
    let folder: String
    let path: String
    var now = MonotonicInstant(nanoseconds: 0)
    private let writer: LogFileWriter
    private let table = BlockingCalls.Table(process: getpid(), generation: 0)

    init(_ folder: String, name: String = "log", _ change: (inout LogFileSettings) -> Void = { _ in }) {
        self.folder = folder
        path = name.hasPrefix("/") ? name : folder + "/" + name
        var settings = LogFileSettings(path: path)
        change(&settings)
        writer = LogFileWriter(settings)
    }

    deinit { writer.close(inTable: table) }

    @discardableResult
    func write(_ text: String) -> LogFileReport {
        let batch = LogBatch()
        batch.bytes = Array(text.utf8)
        return write(batch)
    }

    func write(_ batch: LogBatch) -> LogFileReport { writer.append(batch, now: now, table: table) }

    /// As after the process that had the file open has ended.
    func writeElsewhere(_ text: String) -> LogFileReport {
        let batch = LogBatch()
        batch.bytes = Array(text.utf8)
        return writer.append(batch, now: now, table: BlockingCalls.Table(process: getpid(), generation: 1))
    }

    var text: String? { readWholeFile(path) }
    func text(_ number: Int) -> String? { readWholeFile("\(path).\(number)") }

    static func status(_ path: String) -> stat {
        var status = stat()
        lstat(path, &status)
        return status
    }
}

/// Runs `body` in a temporary folder. Anybody may go through it, so that other users' folders can be below.
func withLogFolder(_ body: (String) throws -> Void) throws {
    try withTemporaryFolder { folder in
        chmod(folder, 0o755)
        try body(folder)
    }
}
