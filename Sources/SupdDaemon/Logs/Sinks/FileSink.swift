import Glibc
import SupdHost
import SupdPlugin

/// A service's lines as they are, appended to a file of its own and rotated by size.
///
/// A run of lines is one write. A write that fails (ENOSPC, EIO, a folder that is gone) closes the file: lines are
/// dropped and counted, and once a second at most, when lines come, it is opened and tried again. Both changes are told,
/// once each. The child never notices: its pipe is read on.
final class FileSink {
    /// Lines dropped since the sink began.
    private(set) var droppedLines = 0

    /// Never full: a file takes what it is given, or is in trouble.
    let flow: FlowControl

    private let host: any Host
    private let log: DaemonLog
    private let path: String
    private let service: String
    private let rotateSize: Int
    private let rotateKeep: Int

    private var file: OpenedLog?
    /// What keeps the file from being written; nil while all is well.
    private var trouble: ErrorNumber?
    private var untoldLines = 0
    private var retryAt = MonotonicInstant(nanoseconds: .min)
    /// Whether a failed write left the beginning of a line at the end of the file.
    private var isMidLine = false
    private var rotationTrouble: ErrorNumber?
    private var rotateAgainAt = MonotonicInstant(nanoseconds: .min)
    private var scratch: [UInt8] = []

    private static let retryPace: Duration = .seconds(1)
    private static let rotationRetryPace: Duration = .seconds(10)

    /// A sink to `path` for the instance named `service`. The file is opened, and made, when the first line comes.
    /// It is rotated before it would grow over `rotateSize` bytes (0: never), and `rotateKeep` old ones are kept.
    init(host: any Host, log: DaemonLog, path: String, service: String, rotateSize: Int, rotateKeep: Int) {
        flow = FlowControl(title: "log file \(path)", limit: .max)
        self.host = host
        self.log = log
        self.path = path
        self.service = service
        self.rotateSize = rotateSize
        self.rotateKeep = max(0, rotateKeep)
    }

    /// Writes the lines of `run`. Those of a standard error with a pipe of its own are marked `err: `.
    func write(_ run: LineRun, from stream: LogStream) {
        if stream == .output, run.isPlainText { return write(run.bytes) }
        run.appendText(prefix: stream == .error ? "err: " : "", to: &scratch)
        scratch.withUnsafeBytes { write($0) }
        if scratch.capacity > 4096 { scratch = [] } else { scratch.removeAll(keepingCapacity: true) }
    }

    /// Closes the file; the next line opens it again.
    func close() {
        if let file { host.close(file.channel) }
        file = nil
    }

    private func write(_ lines: UnsafeRawBufferPointer) {
        var rest = lines
        while !rest.isEmpty {
            guard let size = openFile() else { return drop(rest) }
            let fitting = fittingPart(of: rest, size: size)
            if fitting == 0 {
                rotate()
                continue
            }
            guard append(rest.part(0..<fitting)) else { return drop(rest.part(fitting..<rest.count)) }
            rest = rest.part(fitting..<rest.count)
        }
    }

    /// The size of the open file, opened first where it has to be; nil where it cannot be now.
    private func openFile() -> Int? {
        if let file { return file.size }
        guard trouble == nil || host.now >= retryAt else { return nil }
        switch host.openLog(path: path) {
        case .success(let opened):
            file = opened
            return opened.size
        case .failure(let error):
            fail(error)
            return nil
        }
    }

    /// Writes all of `lines`; false where it failed, and then what was not written is counted as dropped.
    private func append(_ lines: UnsafeRawBufferPointer) -> Bool {
        if isMidLine {
            // A failed write tore the line before.
            if let failure = withUnsafeBytes(of: newline, { writeAll($0).failure }) {
                fail(failure)
                drop(lines)
                return false
            }
            isMidLine = false
        }
        let (done, failure) = writeAll(lines)
        if let failure {
            isMidLine = done > 0 && lines[done - 1] != newline
            fail(failure)
            drop(lines.part(done..<lines.count))
            return false
        }
        if trouble != nil { recover() }
        return true
    }

    private func writeAll(_ bytes: UnsafeRawBufferPointer) -> (done: Int, failure: ErrorNumber?) {
        guard let channel = file?.channel else { return (0, ErrorNumber(EBADF)) }
        var done = 0
        while done < bytes.count {
            switch host.write(channel, bytes.part(done..<bytes.count)) {
            case .wrote(let count) where count > 0:
                done += count
                file?.size += count
            // A file takes what it is given; this one is a pipe or a terminal, and nobody waits for it.
            case .wrote, .wouldBlock: return (done, ErrorNumber(EAGAIN))
            case .failed(let error): return (done, error)
            }
        }
        return (done, nil)
    }

    private func drop(_ lines: UnsafeRawBufferPointer) {
        let count = lines.lineCount
        droppedLines += count
        untoldLines += count
    }

    private func fail(_ error: ErrorNumber) {
        close()
        retryAt = host.now.advanced(by: Self.retryPace)
        guard trouble != error else { return }
        trouble = error
        log.warning(
            "log file cannot be written: \(error); lines are dropped until it can", ["service": service, "file": path])
    }

    private func recover() {
        trouble = nil
        log.notice(
            "log file can be written again; \(untoldLines) \(untoldLines == 1 ? "line was" : "lines were") dropped",
            ["service": service, "file": path]
        )
        untoldLines = 0
    }
}

// MARK: - Rotation

extension FileSink {
    /// How much of `lines` may still be written to the file: whole lines up to its limit, or one line that is longer than
    /// the limit where the file is empty, or all where rotating does not work. 0: rotate first.
    private func fittingPart(of lines: UnsafeRawBufferPointer, size: Int) -> Int {
        if rotateSize <= 0 || size + lines.count <= rotateSize || host.now < rotateAgainAt { return lines.count }
        if size < rotateSize, let last = lines.lastNewline(before: rotateSize - size) { return last + 1 }
        if size == 0 { return (lines.firstNewline() ?? lines.count - 1) + 1 }
        return 0
    }

    /// Renames `file.N-1` to `file.N` and so on, and at last the file itself to `file.1`. The oldest is replaced by the one
    /// before it. Where it fails the file grows on, and it is tried again after a while.
    private func rotate() {
        if let error = shift() {
            rotateAgainAt = host.now.advanced(by: Self.rotationRetryPace)
            guard rotationTrouble != error else { return }
            rotationTrouble = error
            log.warning(
                "log file cannot be rotated: \(error); it grows over its limit", ["service": service, "file": path])
            return
        }
        close()
        if rotationTrouble != nil {
            rotationTrouble = nil
            log.notice("log file can be rotated again", ["service": service, "file": path])
        }
    }

    private func shift() -> ErrorNumber? {
        // There is nothing to keep: an empty file takes the place of the full one.
        guard rotateKeep > 0 else { return host.replaceFile(path: path, contents: []) }
        for number in stride(from: rotateKeep - 1, through: 1, by: -1) {
            let error = host.rename(from: "\(path).\(number)", to: "\(path).\(number + 1)")
            // ENOENT: there are not so many yet.
            if let error, error.rawValue != ENOENT { return error }
        }
        let error = host.rename(from: path, to: "\(path).1")
        // ENOENT: somebody has removed it; a new one is opened.
        return error?.rawValue == ENOENT ? nil : error
    }
}
