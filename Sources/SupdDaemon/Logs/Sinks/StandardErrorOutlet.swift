import SupdHost

/// The daemon's standard error, which the lines of many services and the daemon's own share.
///
/// It never waits: what does not fit is kept in a bounded queue, and what does not fit there is dropped and counted.
/// Once a line was dropped all are, until half of the queue is free again; then one line tells how many, at the place
/// where they are missing. So the order of what is written is the order it came in.
final class StandardErrorOutlet {
    /// The shape of lines.
    let shape: TextShape
    /// Lines dropped since the daemon began.
    private(set) var droppedLines = 0

    private let host: any Host
    private let byteLimit: Int
    private var pending = PendingBytes()
    private var untoldLines = 0
    private var isWatched = false
    /// Whether the last byte that was taken did not end a line.
    private var isMidLine = false
    private var scratch: [UInt8] = []

    /// The daemon's own lines may still be queued where those of services have filled the queue.
    private static let reserve = 16 * 1024
    /// Lines are formatted and handed over in portions of about this size.
    private static let portion = 32 * 1024

    /// An outlet of `host`, whose queue takes `byteLimit` bytes.
    init(host: any Host, shape: TextShape, byteLimit: Int = 256 * 1024) {
        self.host = host
        self.shape = shape
        self.byteLimit = byteLimit
    }

    /// Bytes that wait for room.
    var pendingBytes: Int { pending.count }

    /// Writes each line of `run`.
    func write(_ run: LineRun, label: LineLabel) {
        let prefix = shape.prefix(label)
        run.forEachLine { line in
            shape.append(line, label: label, prefix: prefix, to: &scratch)
            if scratch.count >= Self.portion { handOverScratch(isOwn: false) }
        }
        handOverScratch(isOwn: false)
    }

    /// Writes a line of the daemon's own.
    func write(own level: LogLevel, _ message: String, _ fields: [(key: String, value: String)] = []) {
        shape.append(level, message, fields, time: host.wallClock(), to: &scratch)
        handOverScratch(isOwn: true)
    }

    /// Standard error has room again, or may have.
    func writable() {
        flush()
        tellDropped()
        watch(!pending.isEmpty)
    }

    private func handOverScratch(isOwn: Bool) {
        scratch.withUnsafeBytes { handOver($0, isOwn: isOwn) }
        // A flood of long lines leaves no large buffer behind.
        if scratch.capacity > 2 * Self.portion { scratch = [] } else { scratch.removeAll(keepingCapacity: true) }
    }

    private func handOver(_ lines: UnsafeRawBufferPointer, isOwn: Bool) {
        guard !lines.isEmpty else { return }
        if untoldLines > 0 {
            // A failing descriptor gives no event when it works again: each portion is a new try.
            tellDropped()
            if untoldLines > 0, !isOwn || pending.count + lines.count > byteLimit + Self.reserve { return drop(lines) }
        }
        var rest = lines
        if pending.isEmpty {
            switch writeNow(rest) {
            case .all: return
            case .some(let count): rest = rest.part(count..<rest.count)
            case .failed: return drop(rest)
            }
        }
        // The rest of a portion that was begun is always kept, so that a line is not torn.
        let isBegun = rest.count < lines.count
        if isBegun || pending.count + rest.count <= byteLimit + (isOwn ? Self.reserve : 0) {
            pending.append(rest)
        } else {
            drop(rest)
        }
        watch(!pending.isEmpty)
    }

    private enum Outcome {
        case all
        case some(Int)
        case failed
    }

    private func writeNow(_ bytes: UnsafeRawBufferPointer) -> Outcome {
        var done = 0
        while done < bytes.count {
            switch host.write(host.standardError, bytes.part(done..<bytes.count)) {
            case .wrote(let count):
                guard count > 0 else { return .some(done) }
                done += count
                isMidLine = bytes[done - 1] != newline
            case .wouldBlock:
                return .some(done)
            case .failed:
                return .failed
            }
        }
        return .all
    }

    private func flush() {
        guard !pending.isEmpty else { return }
        switch pending.withBytes({ writeNow($0) }) {
        case .all:
            pending.drop(pending.count)
        case .some(let count):
            pending.drop(count)
        case .failed:
            droppedLines += pending.lineCount
            untoldLines += pending.lineCount
            pending.drop(pending.count)
        }
    }

    private func drop(_ lines: UnsafeRawBufferPointer) {
        let count = lines.lineCount
        droppedLines += count
        untoldLines += count
    }

    private func tellDropped() {
        guard untoldLines > 0, pending.count <= byteLimit / 2 else { return }
        var note: [UInt8] = isMidLine && pending.isEmpty ? [newline] : []
        let message = untoldLines.dropped("standard error did not take")
        shape.append(.warning, message, [], time: host.wallClock(), to: &note)
        note.withUnsafeBytes { bytes in
            guard pending.isEmpty else {
                untoldLines = 0
                return pending.append(bytes)
            }
            switch writeNow(bytes) {
            case .all:
                untoldLines = 0
            case .some(let count):
                if count > 0 {
                    untoldLines = 0
                    pending.append(bytes.part(count..<bytes.count))
                }
            case .failed: break
            }
        }
        watch(!pending.isEmpty)
    }

    private func watch(_ wanted: Bool) {
        guard wanted != isWatched else { return }
        isWatched = wanted
        host.watch(host.standardError, readable: false, writable: wanted)
    }
}
