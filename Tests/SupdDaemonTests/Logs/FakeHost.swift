import Glibc
import SupdHost
import SupdPlugin

@testable import SupdDaemon

/// What logs need of a host: pipes, files, a standard error and a journal in memory, each of which can be told to fail.
final class FakeHost: LogHost {
    // Time.
    var now = MonotonicInstant(nanoseconds: 0)
    var wall = WallTime(nanoseconds: 1_000_000_000_123_000_000)
    private(set) var armed: [TimerToken: MonotonicInstant] = [:]

    // Pipes.
    private(set) var pipes: [Channel: Pipe] = [:]
    private(set) var readSizes: [Int] = []
    /// Whether pipes may be made larger.
    var pipesGrow = false
    private var nextDescriptor: Int32 = 10

    // Standard error.
    let standardError = Channel(descriptor: 2, generation: 0)
    func takeLastWords() {}
    var standardErrorRoom = Int.max
    var standardErrorFailure: ErrorNumber?
    private(set) var standardErrorBytes: [UInt8] = []
    private(set) var standardErrorWrites = 0
    private(set) var watchesStandardError = false

    // Files.
    var files: [String: [UInt8]] = [:]
    /// What every log file is opened as fails with.
    var logFileTrouble: LogFileTrouble?
    /// What is reported of every batch that is written, beside that it is.
    var logFileReport = LogFileReport()
    /// Bytes that files may still take before they fail with `writeFailure`.
    var diskRoom = Int.max
    var writeFailure = ErrorNumber(ENOSPC)
    /// Calls are not made before `letFilesGo`.
    var filesHang = false
    private(set) var fileWrites = 0
    private(set) var logFiles: [FakeLogFile] = []

    // The journal.
    var hasJournal = false
    var journalRoom = Int.max
    var journalFailure: ErrorNumber?
    var unreadEntries = 0
    private(set) var entries: [Entry] = []
    /// Of the last entry, as they came.
    private(set) var lastFields: [JournalField] = []

    struct Pipe {
        var bytes: [UInt8] = []
        var isAtEnd = false
        var isWatched = false
        var size = FloodedPipes.usualBytes
    }

    struct Entry: Equatable {
        var message: String
        var fields: [String: String]
    }

    // MARK: What tests do

    func makePipe() -> Channel {
        let channel = newChannel()
        pipes[channel] = Pipe()
        return channel
    }

    func feed(_ text: String, to channel: Channel) { feed(Array(text.utf8), to: channel) }

    func feed(_ bytes: [UInt8], to channel: Channel) { pipes[channel]?.bytes += bytes }

    func endPipe(_ channel: Channel) { pipes[channel]?.isAtEnd = true }

    func advance(_ duration: Duration) { now = now.advanced(by: duration) }

    func takeFired() -> [TimerToken] {
        let fired = armed.filter { $0.value <= now }.map(\.key)
        for token in fired { armed[token] = nil }
        return fired
    }

    /// What the daemon does when a turn is over: what is looked at is what is written then.
    var endTurn: () -> Void = {}
    var standardErrorText: String {
        endTurn()
        return String(decoding: standardErrorBytes, as: UTF8.self)
    }
    var standardErrorLines: [String] {
        standardErrorText.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
    }
    func text(of path: String) -> String? { files[path].map { String(decoding: $0, as: UTF8.self) } }

    private func newChannel() -> Channel {
        nextDescriptor += 1
        return Channel(descriptor: nextDescriptor, generation: 1)
    }

    // MARK: Of a host

    func wallClock() -> WallTime { wall }
    func readClock() -> MonotonicInstant { now }
    func random() -> Double { 0.5 }
    func arm(_ token: TimerToken, at deadline: MonotonicInstant) { armed[token] = deadline }
    func disarm(_ token: TimerToken) { armed[token] = nil }

    func read(_ channel: Channel, into buffer: UnsafeMutableRawBufferPointer) -> ReadResult {
        guard let pipe = pipes[channel] else { return .failed(ErrorNumber(EBADF)) }
        let count = min(pipe.bytes.count, buffer.count)
        guard count > 0 else { return pipe.isAtEnd ? .end : .wouldBlock }
        readSizes.append(count)
        buffer.copyBytes(from: pipe.bytes[..<count])
        pipes[channel]?.bytes.removeFirst(count)
        return .bytes(count)
    }

    func write(_ channel: Channel, _ bytes: UnsafeRawBufferPointer) -> WriteResult {
        if channel == standardError { return writeStandardError(bytes) }
        return .failed(ErrorNumber(EBADF))
    }

    private func writeStandardError(_ bytes: UnsafeRawBufferPointer) -> WriteResult {
        if let standardErrorFailure { return .failed(standardErrorFailure) }
        let count = min(standardErrorRoom, bytes.count)
        guard count > 0 else { return .wouldBlock }
        standardErrorWrites += 1
        standardErrorRoom -= count
        standardErrorBytes += bytes[..<count]
        return .wrote(count)
    }

    func resizePipe(_ channel: Channel, to bytes: Int) -> Bool {
        guard let pipe = pipes[channel], pipesGrow || bytes < pipe.size, pipe.bytes.count <= bytes else { return false }
        pipes[channel]?.size = bytes
        return true
    }

    func watch(_ channel: Channel, readable: Bool, writable: Bool) {
        if channel == standardError { watchesStandardError = writable }
        pipes[channel]?.isWatched = readable
    }

    func tellHangUp(of channel: Channel) {}

    func close(_ channel: Channel) {
        pipes[channel] = nil
    }

    func logFile(_ settings: LogFileSettings) -> any LogFile {
        let file = FakeLogFile(settings, self)
        logFiles.append(file)
        return file
    }

    /// Makes the calls that hang; with `onlyOnce` those that come of that hang again.
    func letFilesGo(onlyOnce: Bool = false) {
        if !onlyOnce { filesHang = false }
        for file in logFiles { file.goOn() }
    }

    fileprivate func append(_ batch: LogBatch, to path: String) -> LogFileReport {
        fileWrites += 1
        var report = logFileReport
        if let logFileTrouble {
            report.trouble = logFileTrouble
            return report
        }
        while batch.written < batch.count, diskRoom > 0 {
            let written = batch.withNext { Array($0.prefix(diskRoom)) }
            diskRoom -= written.count
            files[path, default: []] += written
            batch.written += written.count
        }
        if batch.written < batch.count, !report.isFull { report.trouble = LogFileTrouble(writeFailure) }
        return report
    }

    func takeUnreadEntries() -> Int {
        defer { unreadEntries = 0 }
        return unreadEntries
    }

    func journal(message: UnsafeRawBufferPointer, fields: [JournalField]) -> WriteResult {
        if let journalFailure { return .failed(journalFailure) }
        guard journalRoom > 0 else { return .wouldBlock }
        journalRoom -= 1
        lastFields = fields
        entries.append(
            Entry(
                message: String(decoding: message, as: UTF8.self),
                fields: Dictionary(fields.map { ($0.name, $0.value) }) { _, last in last }
            )
        )
        return .wrote(message.count)
    }
}

/// A log file of a `FakeHost`.
final class FakeLogFile: LogFile {
    let settings: LogFileSettings
    private(set) var isOpen = false
    /// How often it was to be closed.
    private(set) var closings = 0
    private unowned let host: FakeHost
    private var held: [() -> Void] = []

    init(_ settings: LogFileSettings, _ host: FakeHost) {
        self.settings = settings
        self.host = host
    }

    func append(_ batch: LogBatch, then: @escaping (LogFileReport) -> Void) -> LogFileReport? {
        guard !host.filesHang else {
            held.append { [self] in then(appendNow(batch)) }
            return nil
        }
        return appendNow(batch)
    }

    func close() {
        closings += 1
        if host.filesHang { held.append { [self] in isOpen = false } } else { isOpen = false }
    }

    func goOn() {
        let held = held
        self.held = []
        for call in held { call() }
    }

    private func appendNow(_ batch: LogBatch) -> LogFileReport {
        let report = host.append(batch, to: settings.path)
        isOpen = report.trouble == nil
        return report
    }
}
