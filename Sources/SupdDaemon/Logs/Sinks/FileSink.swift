import Glibc
import SupdHost
import SupdPlugin

/// A service's lines as they are, appended to a file of its own and rotated by size.
///
/// The file is written beside the loop, one batch at a time: what comes meanwhile waits and goes with the next one. So a
/// file on a disk that hangs, or a pipe whose reader is behind, holds up nobody but its service (`flow`). A write that fails (ENOSPC, EIO, a
/// folder that is gone) drops lines and counts them, and what comes after that as well, until it is tried again when lines come:
/// after a second, and each time after twice as long. Both changes are told, once each. The child never notices: its pipe is
/// read on.
///
/// Another file at the same path, settings that change, a file that is to be opened anew: all of that waits for the batch that is under way, and
/// no longer. What is to go elsewhere goes through another sink, and this one is left (`LeavingFiles`).
final class FileSink {
    /// Bytes that have not reached the file yet.
    private(set) var pendingBytes = 0
    /// Whether it has room.
    let flow: FlowControl

    /// Whether much is read at once of who writes to it.
    var expectsFlood = false {
        didSet { flow.limit = expectsFlood ? Self.fullBytesInFlood : Self.fullBytes }
    }

    private let host: any HostClock & HostLogFiles
    private let buffer: ReadBuffer
    private let log: DaemonLog
    private var instance: InstanceName
    /// Where the lines that it drops are counted.
    private var drops: DropCount
    /// Where those of all files are.
    private let total: DropCount
    private var settings: LogFileSettings
    /// What the settings are to be from the next batch on.
    private var nextSettings: LogFileSettings?

    private var file: (any LogFile)?
    /// The file as it was opened by other settings. It is closed once it is open by these: the reader of a pipe is to see no end of it.
    private var formerFile: (any LogFile)?
    /// Whether it was written to, and not closed since.
    private var isOpen = false
    /// What is being written; nil for nothing.
    private var underWay: LogBatch?
    /// What is left of a batch that a pipe had no room for.
    private var partial: LogBatch?
    /// Its memory is used again.
    private var spare: LogBatch?
    /// What goes with the next batch.
    private var waiting = LogBatch()
    /// What keeps the file from being written; nil while all is well.
    private var trouble: LogFileTrouble?
    private var untoldLines = 0
    private var retryAt = MonotonicInstant(nanoseconds: .min)
    private var retryPause = shortestRetryPause
    private var rotationTrouble: LogFileTrouble?
    private var ownerTrouble: LogFileTrouble?
    private var closesWhenWritten = false
    /// Whether the file is to be opened anew for the next batch.
    private var reopens = false
    /// Whether the last that was written is the beginning of a line.
    private var isTorn = false
    /// Whether that was written by other settings: the file that is opened by these does not know of it.
    private var endsTornLine = false
    /// Whether lines were dropped for want of room, as all are then until half of it is free.
    private var isOverflowing = false
    private var overflowIsTold = false
    private var tellOverflowAt = MonotonicInstant(nanoseconds: .min)

    /// With so many bytes that have not reached the file it is full: one read under way, and the next one.
    static let fullBytes = 2 * LogPump.budget
    /// The same where much is read at once.
    static let fullBytesInFlood = 2 * LogPump.largeBudget
    /// So many are kept of a service that does not wait.
    static let byteLimit = 1024 * 1024
    private static let shortestRetryPause: Duration = .seconds(1)
    private static let longestRetryPause: Duration = .seconds(16)
    /// A flood overflows again and again, which is told no more often.
    private static let overflowPace: Duration = .seconds(10)

    /// A sink to the file of `settings` for `instance`, whose lines are read into `buffer`. The file is opened, and made, when the first
    /// line comes.
    init(
        host: any HostClock & HostLogFiles, buffer: ReadBuffer, log: DaemonLog, of instance: InstanceName,
        _ settings: LogFileSettings, drops: DropCount, total: DropCount
    ) {
        flow = FlowControl(title: "log file \(settings.path)", limit: Self.fullBytes)
        self.host = host
        self.buffer = buffer
        self.log = log
        self.instance = instance
        self.settings = settings
        self.drops = drops
        self.total = total
    }

    /// The path of its file.
    var path: String { settings.path }

    /// Goes on for `instance`, by these settings of the same file. A batch that is under way is written by those
    /// from before; what waits behind it goes by these.
    func goOn(as instance: InstanceName, _ settings: LogFileSettings, drops: DropCount) {
        self.instance = instance
        self.drops = drops
        closesWhenWritten = false
        guard settings != nextSettings ?? self.settings else { return }
        nextSettings = settings
        tryAgain()
        writeOn()
    }

    /// Closes the file once the batch that is under way is written, and opens what its path names then for the next one.
    func reopen() {
        reopens = true
        tryAgain()
        writeOn()
    }

    /// Whether all is written, or lost, and the file closed.
    var isClosed: Bool { underWay == nil && pendingBytes == 0 && !isOpen && formerFile == nil }

    /// Takes the lines of `run`. Those of a standard error with a pipe of its own are marked `err: `. With `isKept` also those that there
    /// is no room for.
    func write(_ run: LineRun, from stream: LogStream, isKept: Bool) {
        guard trouble == nil || host.now >= retryAt else { return drop(run.bytes.lineCount) }
        guard isKept || !isOverflowing && pendingBytes + run.bytes.count <= Self.byteLimit else {
            drop(run.bytes.lineCount)
            return tellOverflow()
        }
        let before = waiting.count
        if stream != .output || !run.isPlainText {
            run.appendText(prefix: stream == .error ? "err: " : "", to: &waiting.bytes)
        } else if waiting.isEmpty, let lines = buffer.lend(run.bytes) {
            waiting.asRead = lines
        } else {
            waiting.bytes.append(contentsOf: run.bytes)
        }
        pendingBytes += waiting.count - before
        writeOn()
        flow.added(pending: pendingBytes)
    }

    /// Closes the file, once what waits is written; the next line opens it again.
    func close() {
        closesWhenWritten = true
        writeOn()
    }

    /// What waits now is lost: counts it, and says so, with what was dropped before and not told. For the end of the daemon.
    func giveUp() {
        let waits = lines(of: underWay ?? partial) + lines(of: waiting)
        isOverflowing = false
        if waits > 0 {
            drop(waits)
            underWay = nil
            partial = nil
            waiting = LogBatch()
            pendingBytes = 0
        }
        guard untoldLines > 0 else { return }
        let why = trouble.map { "could not be written to the end (\($0))" } ?? "has not taken all in time"
        warn("log file \(why); \(untoldLines.wereLost)", kind: .linesDropped)
        untoldLines = 0
        if waits > 0 { flow.took(pending: 0) }
    }

    // MARK: Writing

    private func writeOn() {
        while underWay == nil, partial != nil || !waiting.isEmpty {
            renew()
            let batch = partial ?? waiting
            if partial == nil { waiting = spare ?? LogBatch() }
            partial = nil
            spare = nil
            if endsTornLine, batch.written == 0 { endTornLine(before: batch) }
            endsTornLine = false
            underWay = batch
            guard let report = append(batch) else { return }
            finished(batch, report)
        }
        guard underWay == nil else { return }
        renew()
        guard closesWhenWritten else { return }
        closesWhenWritten = false
        closeFiles()
    }

    /// Nothing is under way: does what had to wait for that.
    private func renew() {
        if reopens {
            reopens = false
            closeFiles()
        }
        guard let next = nextSettings else { return }
        nextSettings = nil
        settings = next
        endsTornLine = isTorn
        guard let file else { return }
        formerFile?.close()
        formerFile = file
        self.file = nil
        isOpen = false
    }

    private func closeFiles() {
        closeFormerFile()
        file?.close()
        isOpen = false
    }

    private func closeFormerFile() {
        formerFile?.close()
        formerFile = nil
    }

    /// Whatever kept the file from being written is tried again with the next line.
    private func tryAgain() {
        retryAt = MonotonicInstant(nanoseconds: .min)
        retryPause = Self.shortestRetryPause
    }

    /// What became of the batch, where that is known at once.
    private func append(_ batch: LogBatch) -> LogFileReport? {
        let file = file ?? host.logFile(settings)
        self.file = file
        isOpen = true
        return file.append(batch) { [weak self] report in
            guard let self, underWay === batch else { return }
            finished(batch, report)
            writeOn()
            flow.took(pending: pendingBytes)
        }
    }

    private func finished(_ batch: LogBatch, _ report: LogFileReport) {
        underWay = nil
        closeFormerFile()
        tellOfFile(report)
        if let last = batch.lastWritten { isTorn = !report.isFull && last != newline }
        if let trouble = report.trouble {
            drop(lines(of: batch) + lines(of: waiting))
            waiting = LogBatch()
            pendingBytes = 0
            isOverflowing = false
            overflowIsTold = false
            return fail(trouble)
        }
        if trouble != nil { recover() }
        pendingBytes = batch.count - batch.written + waiting.count
        if isOverflowing, pendingBytes <= Self.byteLimit / 2 { endOverflow() }
        if report.isFull {
            partial = batch
            return
        }
        if let asRead = batch.asRead { buffer.takeBack(asRead.memory) }
        // Under a flood its memory is used again.
        guard !waiting.isEmpty else { return }
        batch.asRead = nil
        batch.bytes.removeAll(keepingCapacity: true)
        batch.written = 0
        spare = batch
    }

    private func endTornLine(before batch: LogBatch) {
        batch.bytes = [newline] + (batch.asRead.map { Array($0.bytes) } ?? []) + batch.bytes
        batch.asRead = nil
    }

    private func lines(of batch: LogBatch?) -> Int {
        guard let batch else { return 0 }
        let first = batch.asRead?.bytes.count ?? 0
        let rest = batch.bytes.withUnsafeBytes { $0.part(max(0, batch.written - first)..<$0.count).lineCount }
        guard batch.written < first else { return rest }
        return batch.withNext(\.lineCount) + rest
    }

    // MARK: Telling

    private func drop(_ lines: Int) {
        drops.lines += lines
        total.lines += lines
        untoldLines += lines
    }

    private func fail(_ trouble: LogFileTrouble) {
        retryAt = host.now.advanced(by: retryPause)
        retryPause = min(retryPause * 2, Self.longestRetryPause)
        guard self.trouble != trouble else { return }
        self.trouble = trouble
        warn("log file cannot be written: \(trouble); lines are dropped until it can", kind: .logFileTrouble)
    }

    private func recover() {
        trouble = nil
        retryPause = Self.shortestRetryPause
        log.notice("log file can be written again; \(counted(untoldLines)) dropped", fields, kind: .sinkWorks)
        untoldLines = 0
    }

    private func tellOverflow() {
        guard !isOverflowing else { return }
        isOverflowing = true
        guard host.now >= tellOverflowAt else { return }
        tellOverflowAt = host.now.advanced(by: Self.overflowPace)
        overflowIsTold = true
        warn(
            "log file takes lines more slowly than they come; those that there is no room for are dropped",
            kind: .linesDropped)
    }

    private func endOverflow() {
        isOverflowing = false
        guard overflowIsTold else { return }
        overflowIsTold = false
        log.notice("log file has room again; \(counted(untoldLines)) dropped", fields, kind: .sinkWorks)
        untoldLines = 0
    }

    private func tellOfFile(_ report: LogFileReport) {
        if let trouble = report.rotationTrouble {
            if trouble != rotationTrouble {
                warn("log file cannot be rotated: \(trouble); it grows over its limit", kind: .logFileTrouble)
            }
            rotationTrouble = trouble
        } else if report.hasRotated, rotationTrouble != nil {
            rotationTrouble = nil
            log.notice("log file can be rotated again", fields, kind: .sinkWorks)
        }
        if let trouble = report.ownerTrouble, trouble != ownerTrouble {
            ownerTrouble = trouble
            warn("log file cannot be \(trouble); it stays as it was made", kind: .logFileTrouble)
        }
    }

    private var fields: KeyValuePairs<String, String> {
        [
            "service": instance.service.rawValue, "instance": instance.description, "file": settings.path,
        ]
    }

    private func warn(_ message: String, kind: MessageKind) { log.warning(message, fields, kind: kind) }

    private func counted(_ lines: Int) -> String { plural(lines, "line was", "lines were") }
}
