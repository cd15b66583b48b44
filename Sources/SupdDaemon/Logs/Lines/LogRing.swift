import SupdPlugin
import SupdHost

/// The last lines of an instance, kept in memory and bounded in bytes and in number.
///
/// Nothing is allocated until the first line; then the store doubles up to its limit, so that a quiet service costs
/// what it has said. Records lie one behind the other in a circle, each a header and the bytes of a line.
struct LogRing {
    /// Bytes kept at most, headers included.
    let byteLimit: Int
    /// Lines kept at most.
    let lineLimit: Int
    /// How many lines there are.
    private(set) var count = 0

    private var store: [UInt8] = []
    private var start = 0
    private var used = 0

    private static let smallestStore = 512

    /// An empty ring of these limits.
    init(byteLimit: Int = 16 * 1024, lineLimit: Int = 1000) {
        self.byteLimit = max(Self.smallestStore, byteLimit)
        self.lineLimit = max(1, lineLimit)
    }

    /// The longest line kept whole: a quarter of the ring, so that one line never leaves it the only one.
    var longestLine: Int { min(byteLimit / 4, Int(UInt16.max)) - Header.size }

    /// Bytes allocated.
    var allocatedBytes: Int { store.count }

    /// Keeps the last lines of `run`; those that would be pushed out by later ones of the same run are not looked at.
    mutating func append(_ run: LineRun, time: WallTime, pid: Int32, stream: LogStream) {
        let bytes = run.bytes
        var tail = bytes.count
        var lines = 0
        var size = 0
        while tail > 0, lines < lineLimit {
            // The newline that ends the line in question is at tail - 1; for a piece there is none.
            let contentEnd = bytes[tail - 1] == newline ? tail - 1 : tail
            let lineStart = (bytes.lastNewline(before: contentEnd) ?? -1) + 1
            size += Header.size + min(contentEnd - lineStart, longestLine)
            if size > byteLimit { break }
            tail = lineStart
            lines += 1
        }
        if tail > 0 { removeAll() }
        let kept = LineRun(
            bytes: bytes.part(tail..<bytes.count), ending: run.ending, continuesLine: run.continuesLine && tail == 0)
        kept.forEachLine { line in
            var flags = line.ending == .cut ? LoggedLine.Flags.cut : []
            if line.isContinuation { flags.insert(.continuation) }
            if stream == .error { flags.insert(.error) }
            append(line.bytes, time: time, pid: pid, flags: flags)
        }
    }

    /// The last `limit` lines, oldest first.
    func tail(_ limit: Int) -> [LoggedLine] {
        var lines: [LoggedLine] = []
        var skipped = count - max(0, min(limit, count))
        lines.reserveCapacity(count - skipped)
        var position = start
        for _ in 0..<count {
            let header = header(at: position)
            if skipped > 0 {
                skipped -= 1
            } else {
                let text = bytes(at: position + Header.size, count: Int(header.length))
                lines.append(
                    LoggedLine(
                        time: WallTime(nanoseconds: header.time), pid: header.pid, flags: header.flags,
                        text: String(decoding: text, as: UTF8.self)
                    )
                )
            }
            position = wrapped(position + Header.size + Int(header.length))
        }
        return lines
    }

    /// Forgets all lines and keeps the store.
    private mutating func removeAll() {
        start = 0
        used = 0
        count = 0
    }

    private mutating func append(
        _ line: UnsafeRawBufferPointer, time: WallTime, pid: Int32, flags: LoggedLine.Flags
    ) {
        let length = min(line.count, longestLine)
        var flags = flags
        if length < line.count { flags.insert(.shortened) }
        makeRoom(for: Header.size + length)
        let header = Header(time: time.nanoseconds, pid: pid, length: UInt16(length), flags: flags)
        withUnsafeBytes(of: header.packed) { put($0) }
        put(line.part(0..<length))
        count += 1
    }

    private mutating func makeRoom(for size: Int) {
        if used + size > store.count, store.count < byteLimit { grow(toHold: used + size) }
        while count > 0, used + size > store.count || count >= lineLimit {
            let oldest = Header.size + Int(header(at: start).length)
            start = wrapped(start + oldest)
            used -= oldest
            count -= 1
        }
    }

    private mutating func grow(toHold size: Int) {
        var capacity = max(store.count, Self.smallestStore / 2)
        while capacity < size, capacity < byteLimit { capacity *= 2 }
        var larger = bytes(at: start, count: used)
        larger.reserveCapacity(min(capacity, byteLimit))
        larger.append(contentsOf: repeatElement(0, count: min(capacity, byteLimit) - used))
        store = larger
        start = 0
    }

    private mutating func put(_ bytes: UnsafeRawBufferPointer) {
        let end = wrapped(start + used)
        let untilWrap = min(bytes.count, store.count - end)
        store.withUnsafeMutableBytes { store in
            UnsafeMutableRawBufferPointer(rebasing: store[end...]).copyBytes(from: bytes[..<untilWrap])
            store.copyBytes(from: bytes[untilWrap...])
        }
        used += bytes.count
    }

    private func wrapped(_ position: Int) -> Int {
        position < store.count ? position : position - store.count
    }

    private func bytes(at position: Int, count: Int) -> [UInt8] {
        guard count > 0 else { return [] }
        let first = wrapped(position)
        let untilWrap = min(count, store.count - first)
        return Array(store[first..<first + untilWrap]) + store[..<(count - untilWrap)]
    }

    private func header(at position: Int) -> Header {
        var words: (UInt64, UInt64) = (0, 0)
        withUnsafeMutableBytes(of: &words) { words in
            for index in 0..<Header.size { words[index] = store[wrapped(position + index)] }
        }
        return Header(packed: words)
    }
}

/// What precedes each line in a ring's store.
private struct Header {
    /// 8 bytes of time, 4 of process id, 2 of length, 2 of flags.
    static let size = 16

    var time: Int64
    var pid: Int32
    var length: UInt16
    var flags: LoggedLine.Flags

    init(time: Int64, pid: Int32, length: UInt16, flags: LoggedLine.Flags) {
        self.time = time
        self.pid = pid
        self.length = length
        self.flags = flags
    }

    init(packed: (UInt64, UInt64)) {
        time = Int64(bitPattern: packed.0)
        pid = Int32(bitPattern: UInt32(truncatingIfNeeded: packed.1))
        length = UInt16(truncatingIfNeeded: packed.1 >> 32)
        flags = LoggedLine.Flags(rawValue: UInt16(truncatingIfNeeded: packed.1 >> 48))
    }

    var packed: (UInt64, UInt64) {
        let low = UInt64(UInt32(bitPattern: pid))
        return (UInt64(bitPattern: time), low | UInt64(length) << 32 | UInt64(flags.rawValue) << 48)
    }
}
