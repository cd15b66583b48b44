import SupdHost

/// The daemon's standard error, which the lines of many services and the daemon's own share.
///
/// It never waits: what does not fit is kept in a bounded queue, in the order it came in. A full queue is told by `flow`; services
/// that do not wait for it (`Claim.droppable`) lose their lines then, which are counted: once a line was dropped all of theirs are, until half
/// of the queue is free again, and then one line tells how many. Where standard error itself fails all that comes is dropped.
final class StandardErrorOutlet {
    /// The shape of lines.
    let shape: TextShape
    /// Lines dropped since the daemon began.
    private(set) var droppedLines = 0
    /// Whether it has room.
    let flow: FlowControl

    private let host: any HostClock & HostBytes
    private let byteLimit: Int
    private var pending = PendingBytes()
    private var untoldLines = 0
    private var isWatched = false
    /// Whether nothing waits for it any more: what it has no room for is dropped.
    private var isGivenUp = false
    /// Whether the last write failed.
    private var isFailing = false
    /// Whether the last byte that was taken did not end a line.
    private var isMidLine = false
    /// Lines that were formatted. From one call to the next only the daemon's own stay here, which wait for `handOverOwn`.
    private var scratch: [UInt8] = []

    /// So many bytes of the daemon's own lines may be queued whatever those of services have filled.
    private static let reserve = 64 * 1024
    /// Lines are formatted and handed over in portions of about this size.
    private static let portion = 32 * 1024

    /// An outlet of `host`, whose queue takes `byteLimit` bytes.
    init(host: any HostClock & HostBytes, shape: TextShape, byteLimit: Int = 256 * 1024) {
        self.host = host
        self.shape = shape
        self.byteLimit = byteLimit
        flow = FlowControl(title: "standard error", limit: byteLimit)
    }

    /// Bytes that wait for room.
    var pendingBytes: Int { pending.count }

    /// Writes each line of `run`. With `isKept` those that do not fit are queued all the same. How many were dropped at once.
    func write(_ run: LineRun, label: LineLabel, isKept: Bool) -> Int {
        handOverOwn()
        let before = droppedLines
        let claim: Claim = isKept ? .kept : .droppable
        let prefix = shape.prefix(label)
        run.forEachLine { line in
            shape.append(line, label: label, prefix: prefix, to: &scratch)
            if scratch.count >= Self.portion { handOverScratch(as: claim) }
        }
        handOverScratch(as: claim)
        return droppedLines - before
    }

    /// Writes a line of the daemon's own: a grave one at once, others by `handOverOwn`, together with what else is said in a turn. A
    /// thousand services that go down in a turn are a few writes, where each may wait for another thread.
    func write(own level: LogLevel, _ message: String, _ fields: [(key: String, value: String)] = []) {
        shape.append(level, message, fields, time: host.wallClock(), to: &scratch)
        if level >= .warning || scratch.count >= Self.portion { handOverOwn() }
    }

    /// Writes the daemon's own lines that wait. To be called before anybody hears what they tell of, and at the end of each turn.
    func handOverOwn() {
        if !scratch.isEmpty { handOverScratch(as: .own) }
    }

    /// Standard error has room again, or may have.
    func writable() {
        handOverOwn()
        flush()
        tellDropped()
        watch(!pending.isEmpty)
        flow.took(pending: pending.count)
    }

    /// Waits for it no longer: what it has not taken is dropped, as is from now on what it has no room for. Answers how many lines were lost
    /// so, with those that were before and not told; nil for none. They are told here once there is room.
    func giveUp() -> Int? {
        isGivenUp = true
        handOverOwn()
        flush()
        dropPending()
        let lost = untoldLines
        writable()
        return lost > 0 ? lost : nil
    }

    private func handOverScratch(as claim: Claim) {
        scratch.withUnsafeBytes { handOver($0, as: claim) }
        flow.added(pending: pending.count)
        // A flood of long lines leaves no large buffer behind.
        if scratch.capacity > 2 * Self.portion { scratch = [] } else { scratch.removeAll(keepingCapacity: true) }
    }

    private func handOver(_ lines: UnsafeRawBufferPointer, as claim: Claim) {
        guard !lines.isEmpty else { return }
        if untoldLines > 0 {
            // A failing descriptor gives no event when it works again: each portion is a new try.
            tellDropped()
            if isFailing || untoldLines > 0 && claim == .droppable { return drop(lines) }
        }
        var rest = lines
        if pending.isEmpty {
            switch writeNow(rest) {
            case .all: return
            case .some(let count): rest = rest.part(count..<rest.count)
            case .failed: return drop(rest)
            }
        }
        // The rest of a portion that was begun is always kept, so that a line is not torn; unless nothing waits for it any more.
        let isBegun = rest.count < lines.count && !isGivenUp
        if isBegun || hasRoom(for: rest.count, as: claim) {
            pending.append(rest, isOwn: claim == .own)
        } else {
            drop(rest)
        }
        watch(!pending.isEmpty)
    }

    private func hasRoom(for count: Int, as claim: Claim) -> Bool {
        if isGivenUp { return false }
        return switch claim {
        case .kept: true
        case .droppable: pending.count + count <= byteLimit
        case .own: pending.count + count <= byteLimit || pending.ownCount + count <= Self.reserve
        }
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
                isFailing = false
                isMidLine = bytes[done - 1] != newline
            case .wouldBlock:
                return .some(done)
            case .failed:
                isFailing = true
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
        case .failed: dropPending()
        }
    }

    private func dropPending() {
        pending.withBytes { drop($0) }
        pending.drop(pending.count)
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
                    if !isGivenUp { pending.append(bytes.part(count..<bytes.count)) }
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
