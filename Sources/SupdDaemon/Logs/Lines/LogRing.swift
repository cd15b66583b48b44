import SupdHost
import SupdPlugin

/// The last lines of an instance, kept in memory and bounded in bytes.
///
/// Nothing is allocated until the first line; then the store doubles up to its limit, so that a quiet service costs
/// what it has said. What one read gave is one record, a header and the bytes as they came: a flood costs a copy of its
/// end, and lines are looked for when somebody asks. Records lie one behind the other in a circle; the oldest gives up
/// lines as room is needed.
struct LogRing {
    /// Bytes kept at most, headers included.
    let byteLimit: Int

    private var store: [UInt8] = []
    private var start = 0
    private var used = 0

    private static let smallestStore = 512

    /// An empty ring of this limit, which is at least 512 and at most 16 MiB.
    init(byteLimit: Int = 16 * 1024) {
        self.byteLimit = min(max(Self.smallestStore, byteLimit), RecordHeader.largestLength)
    }

    /// The longest line kept whole where it is alone in its read: a quarter of the ring, so that one line does not
    /// leave it the only one.
    var longestLine: Int { byteLimit / 4 - RecordHeader.size }

    /// Bytes allocated.
    var allocatedBytes: Int { store.count }

    /// Keeps the last lines of `run`; those that would be pushed out by later ones of the same run are not looked at.
    mutating func append(_ run: LineRun, time: WallTime, pid: Int32, stream: LogStream) {
        let bytes = run.bytes
        let room = byteLimit - RecordHeader.size
        var flags: LoggedLine.Flags = stream == .error ? .error : []
        if run.ending == .cut { flags.insert(.cut) }
        if run.continuesLine { flags.insert(.continuation) }
        var kept = 0..<bytes.count
        if bytes.count > room {
            let boundary = bytes.firstNewline(from: bytes.count - room - 1) ?? bytes.count
            // Where the last line alone is too long, it is the one that is kept.
            let before = boundary + 1 < bytes.count ? boundary : bytes.lastNewline(before: bytes.count - 1) ?? -1
            kept = before + 1..<bytes.count
            if before >= 0 { flags.remove(.continuation) }
            // What was said before is no longer what was said right before these.
            start = 0
            used = 0
        }
        // Only what is one line has no newline inside.
        if kept.count > longestLine, bytes.lastNewline(from: kept.lowerBound, before: kept.upperBound - 1) == nil {
            kept = kept.lowerBound..<kept.lowerBound + longestLine
            flags.insert(.shortened)
        }
        guard !kept.isEmpty else { return }
        append(bytes.part(kept), RecordHeader(time: time.nanoseconds, pid: pid, length: kept.count, flags: flags))
    }

    /// The last `limit` lines, oldest first.
    func tail(_ limit: Int) -> [LoggedLine] {
        guard limit > 0 else { return [] }
        var lines: [LoggedLine] = []
        var position = 0
        while position < used {
            let header = header(at: position)
            bytes(at: position + RecordHeader.size, count: header.length).withUnsafeBytes { bytes in
                let run = LineRun(
                    bytes: bytes, ending: header.flags.contains(.cut) ? .cut : .endOfStream,
                    continuesLine: header.flags.contains(.continuation)
                )
                run.forEachLine { lines.append(LoggedLine($0, header)) }
            }
            position += RecordHeader.size + header.length
        }
        return Array(lines.suffix(limit))
    }

    private mutating func append(_ bytes: UnsafeRawBufferPointer, _ header: RecordHeader) {
        let size = RecordHeader.size + bytes.count
        if used + size > store.count, store.count < byteLimit { grow(toHold: used + size) }
        while used + size > store.count { giveUpOldest(used + size - store.count) }
        withUnsafeBytes(of: header.packed) { put($0, at: used) }
        put(bytes, at: used + RecordHeader.size)
        used += size
    }

    /// Forgets the first lines of the oldest record, `missing` bytes or more, or all of it.
    private mutating func giveUpOldest(_ missing: Int) {
        var header = header(at: 0)
        let data = RecordHeader.size
        var given = max(1, missing)
        while given < header.length, store[wrapped(data + given - 1)] != newline { given += 1 }
        guard given < header.length else {
            start = wrapped(data + header.length)
            used -= data + header.length
            return
        }
        header.length -= given
        header.flags.remove(.continuation)
        start = wrapped(given)
        used -= given
        withUnsafeBytes(of: header.packed) { put($0, at: 0) }
    }

    private mutating func grow(toHold size: Int) {
        var capacity = max(store.count, Self.smallestStore / 2)
        while capacity < size, capacity < byteLimit { capacity *= 2 }
        capacity = min(capacity, byteLimit)
        var larger = bytes(at: 0, count: used)
        larger.reserveCapacity(capacity)
        larger.append(contentsOf: repeatElement(0, count: capacity - used))
        store = larger
        start = 0
    }

    // Positions are counted from the oldest record.

    private mutating func put(_ bytes: UnsafeRawBufferPointer, at position: Int) {
        let first = wrapped(position)
        let untilWrap = min(bytes.count, store.count - first)
        store.withUnsafeMutableBytes { store in
            UnsafeMutableRawBufferPointer(rebasing: store[first...]).copyBytes(from: bytes[..<untilWrap])
            store.copyBytes(from: bytes[untilWrap...])
        }
    }

    private func bytes(at position: Int, count: Int) -> [UInt8] {
        guard count > 0 else { return [] }
        let first = wrapped(position)
        let untilWrap = min(count, store.count - first)
        return Array(store[first..<first + untilWrap]) + store[..<(count - untilWrap)]
    }

    private func header(at position: Int) -> RecordHeader {
        var words: (UInt64, UInt64) = (0, 0)
        withUnsafeMutableBytes(of: &words) { words in
            for index in 0..<RecordHeader.size { words[index] = store[wrapped(position + index)] }
        }
        return RecordHeader(packed: words)
    }

    private func wrapped(_ position: Int) -> Int {
        let index = start + position
        return index < store.count ? index : index - store.count
    }
}

/// What precedes the bytes of one read in a ring's store: 8 bytes of time, 4 of process id, 3 of length, 1 of flags.
private struct RecordHeader {
    static let size = 16
    static let largestLength = 0xFF_FFFF

    var time: Int64
    var pid: Int32
    var length: Int
    var flags: LoggedLine.Flags

    init(time: Int64, pid: Int32, length: Int, flags: LoggedLine.Flags) {
        self.time = time
        self.pid = pid
        self.length = length
        self.flags = flags
    }

    init(packed: (UInt64, UInt64)) {
        time = Int64(bitPattern: packed.0)
        pid = Int32(bitPattern: UInt32(truncatingIfNeeded: packed.1))
        length = Int(packed.1 >> 32 & 0xFF_FFFF)
        flags = LoggedLine.Flags(rawValue: UInt8(truncatingIfNeeded: packed.1 >> 56))
    }

    var packed: (UInt64, UInt64) {
        let low = UInt64(UInt32(bitPattern: pid))
        return (UInt64(bitPattern: time), low | UInt64(length) << 32 | UInt64(flags.rawValue) << 56)
    }
}

extension LoggedLine {
    /// One line of the record that `header` describes: what it says of a line's beginning and end holds for the first and
    /// the last one only.
    fileprivate init(_ line: LineRun.Line, _ header: RecordHeader) {
        time = WallTime(nanoseconds: header.time)
        pid = header.pid
        flags = header.flags.intersection([.error])
        if line.ending == .cut { flags.insert(.cut) }
        if line.isContinuation { flags.insert(.continuation) }
        if line.ending != .newline, header.flags.contains(.shortened) { flags.insert(.shortened) }
        text = String(decoding: line.bytes, as: UTF8.self)
    }
}
