internal import Glibc
internal import SupdPlugin

extension LinuxHost {
    /// The log file of these settings; nothing is opened before the first `append`.
    package func logFile(_ settings: LogFileSettings) -> any LogFile { LinuxLogFile(settings, files) }
}

/// A log file that is written by threads of a process of its own.
private final class LinuxLogFile: LogFile {
    private let calls: BlockingCalls
    private let lane: BlockingCalls.Lane
    private let writer: LogFileWriter

    init(_ settings: LogFileSettings, _ calls: BlockingCalls) {
        self.calls = calls
        lane = calls.makeLane(sharing: Self.share(settings.path))
        writer = LogFileWriter(settings) { if $0 { calls.hold() } else { calls.letGo() } }
    }

    /// Those below one folder at the top are taken to hang together: which file system it is nobody can ask one that hangs.
    private static func share(_ path: String) -> Int? { path.split(separator: "/").dropLast().first?.hashValue }

    func append(_ batch: LogBatch, then: @escaping (LogFileReport) -> Void) -> LogFileReport? {
        calls.run(lane) { [writer, calls] in
            writer.append(batch, now: EventLoop.readClock(), table: calls.table)
        } then: {
            then($0)
        }
    }

    func close() {
        _ = calls.run(lane) { [writer, calls] in
            writer.close(inTable: calls.table)
        } then: { _ in
        }
    }
}
