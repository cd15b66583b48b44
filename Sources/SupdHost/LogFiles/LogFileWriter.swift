internal import Glibc
internal import SupdPlugin

/// Opens, writes and rotates one log file, and may hang in any of it: for a thread beside the loop, one at a time.
///
/// A write goes to what the path names, within a second: before each the open file is looked at (its size, whether it has been
/// removed), and once a second what the path names. Only a regular file that the path itself names is rotated; anything else
/// (a device, a pipe, a terminal, whatever a link leads to) is only appended to.
final class LogFileWriter: @unchecked Sendable {
    struct Open {
        var descriptor: Int32
        var place: LogFilePlace
        var status: stat
        var table: BlockingCalls.Table
        var lookedAt: MonotonicInstant

        var size: Int { Int(status.st_size) }
        var canBeRotated: Bool { status.isRegular && !place.isLinked }
    }

    let settings: LogFileSettings
    var file: Open?
    /// Called with true where something is opened that is to stay open, and with false where it is closed.
    private let keepsOpen: @Sendable (Bool) -> Void
    private var rotateAgainAt = MonotonicInstant(nanoseconds: .min)
    /// The file that a failed write left the beginning of a line in.
    private var torn: stat?
    private var endsMidLine = false
    /// What kept the file that was just made from its owner and mode.
    var ownerTrouble: LogFileTrouble?

    private static let lookPace: Duration = .seconds(1)
    private static let rotationRetryPace: Duration = .seconds(10)
    /// How long a pipe's reader that is behind is waited for in one call, in milliseconds.
    private static let roomWait: Int32 = 500
    /// Names that change while they are looked at are looked at so often.
    static let attempts = 3

    init(_ settings: LogFileSettings, keepsOpen: @escaping @Sendable (Bool) -> Void = { _ in }) {
        self.settings = settings
        self.keepsOpen = keepsOpen
    }

    /// Appends what is left of `batch`. `table` is that of the thread that calls.
    func append(_ batch: LogBatch, now: MonotonicInstant, table: BlockingCalls.Table) -> LogFileReport {
        var report = LogFileReport()
        ownerTrouble = nil
        // With its table it was closed, too.
        if let file, file.table != table { forget(file) }
        look(now)
        while batch.written < batch.count, !report.isFull, report.trouble == nil {
            report.trouble = batch.withNext { putNext($0, of: batch, now, table, &report) }
        }
        if report.trouble != nil { close() }
        report.ownerTrouble = ownerTrouble
        return report
    }

    /// Writes the beginning of `rest`, which is what comes next of `batch`; nothing of it yet where another file is to be opened first.
    private func putNext(
        _ rest: UnsafeRawBufferPointer, of batch: LogBatch, _ now: MonotonicInstant, _ table: BlockingCalls.Table,
        _ report: inout LogFileReport
    ) -> LogFileTrouble? {
        if let trouble = openWhereClosed(now, table) { return trouble }
        let part = makeRoom(for: rest, now, table, &report)
        guard part > 0 else { return nil }
        return put(UnsafeRawBufferPointer(rebasing: rest[..<part]), batch, &report).map { LogFileTrouble($0) }
    }

    /// Closes the file, where the thread that calls has it in its table.
    func close(inTable table: BlockingCalls.Table) {
        if file?.table == table { close() } else if let file { forget(file) }
    }

    private func close() {
        guard let file else { return }
        closeDescriptor(file.descriptor)
        closeDescriptor(file.place.folder)
        forget(file)
    }

    private func forget(_ file: Open) {
        self.file = nil
        if !file.status.isRegular { keepsOpen(false) }
    }

    // MARK: Looking

    /// Closes the file where it is not what the path names any more.
    private func look(_ now: MonotonicInstant) {
        guard var file else { return }
        var status = stat()
        guard fstat(file.descriptor, &status) == 0, status.st_nlink > 0 || file.place.isOpenFile else { return close() }
        if now.duration(since: file.lookedAt) >= Self.lookPace {
            file.lookedAt = now
            var named = stat()
            guard stat(settings.path, &named) == 0, named.isSameFile(as: status) else { return close() }
        }
        file.status = status
        self.file = file
    }

    private func openWhereClosed(_ now: MonotonicInstant, _ table: BlockingCalls.Table) -> LogFileTrouble? {
        guard file == nil else { return nil }
        switch open() {
        case .failure(let trouble): return trouble
        case .success(let (descriptor, place, status)):
            file = Open(descriptor: descriptor, place: place, status: status, table: table, lookedAt: now)
            if !status.isRegular { keepsOpen(true) }
            endsMidLine = false
            return nil
        }
    }

    // MARK: Rotating

    /// How much of `rest` may be written to the open file. 0 where it was closed and the next is to be opened first.
    private func makeRoom(
        for rest: UnsafeRawBufferPointer, _ now: MonotonicInstant, _ table: BlockingCalls.Table,
        _ report: inout LogFileReport
    ) -> Int {
        var hasRotated = false
        for _ in 0..<Self.attempts {
            guard let open = file else { return 0 }
            // The file that comes after one that was rotated is written to, whatever it holds.
            guard !hasRotated || open.size == 0, settings.rotateSize > 0, open.canBeRotated, now >= rotateAgainAt else {
                return rest.count
            }
            let part = RotationRule.fittingPart(of: rest, size: open.size, limit: settings.rotateSize)
            guard part == 0 else { return part }
            switch rotate(open) {
            case .success(true):
                hasRotated = true
                report.hasRotated = true
            case .success(false): break
            case .failure(let trouble):
                report.rotationTrouble = trouble
                rotateAgainAt = now.advanced(by: Self.rotationRetryPace)
                return rest.count
            }
            close()
            if openWhereClosed(now, table) != nil { return 0 }
        }
        return rest.count
    }

    // MARK: Writing

    /// Writes `bytes`, which are what comes next of `batch`; or as much as a pipe takes.
    private func put(
        _ bytes: UnsafeRawBufferPointer, _ batch: LogBatch, _ report: inout LogFileReport
    ) -> ErrorNumber? {
        if let error = mendTornLine() { return error }
        var done = 0
        while done < bytes.count {
            guard let descriptor = file?.descriptor else { return ErrorNumber(EBADF) }
            let count = write(descriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done)
            if count > 0 {
                done += count
                batch.written += count
                file?.status.st_size += count
                endsMidLine = bytes[done - 1] != UInt8(ascii: "\n")
                continue
            }
            let error = count < 0 ? errno : EAGAIN
            switch error {
            case EINTR: continue
            case EAGAIN:
                var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                if poll(&entry, 1, Self.roomWait) == 0 {
                    report.isFull = true
                    return nil
                }
            default:
                torn = endsMidLine ? file?.status : nil
                return ErrorNumber(error)
            }
        }
        return nil
    }

    /// Ends the line that a failed write left, where this is the file it is in.
    private func mendTornLine() -> ErrorNumber? {
        guard let torn, let file else { return nil }
        guard torn.isSameFile(as: file.status) else {
            self.torn = nil
            return nil
        }
        var end = UInt8(ascii: "\n")
        guard write(file.descriptor, &end, 1) == 1 else { return ErrorNumber(errno) }
        self.file?.status.st_size += 1
        self.torn = nil
        return nil
    }
}
