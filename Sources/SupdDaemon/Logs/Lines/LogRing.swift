import SupdHost
import SupdPlugin

/// The last lines of an instance, kept in memory and bounded in bytes.
///
/// Nothing is allocated until the first line; then the store doubles up to its limit, so that a quiet service costs
/// what it has said. What one read gave is one record, a header, the bytes as they came and how many they are: a flood costs a
/// copy of its end, and lines are looked for when somebody asks, from the last one backwards. Records lie one behind the other in a
/// circle; the oldest gives up lines as room is needed.
struct LogRing {
    /// Bytes kept at most, headers included.
    private(set) var byteLimit: Int

    private var store: [UInt8] = []
    private var start = 0
    /// Bytes in use.
    private(set) var used = 0
    /// Whether lines were pushed out.
    private(set) var isIncomplete = false
    /// How many bytes were given up so far, so that a place in what it holds can be named for as long as it is there.
    private var passed: UInt64 = 0
    /// The number of the last line that was given up, or came before there was a ring.
    private var lastGone: UInt64

    private static let smallestStore = 512

    /// An empty ring of this limit, which is at least 512 and at most 16 MiB.
    /// Lines up to the number `lastGone` were not kept.
    init(byteLimit: Int = 16 * 1024, lastGone: UInt64 = 0) {
        self.byteLimit = Self.limit(byteLimit)
        self.lastGone = lastGone
    }

    private static func limit(_ bytes: Int) -> Int { min(max(smallestStore, bytes), RecordHeader.largestLength) }

    /// Makes `byteLimit` another one, and keeps the last lines that fit. Places in it stay what they are.
    mutating func resize(to bytes: Int) {
        let limit = Self.limit(bytes)
        guard limit != byteLimit else { return }
        byteLimit = limit
        guard store.count > limit else { return }
        while used > limit { giveUpOldest(used - limit) }
        store = self.bytes(at: 0, count: used)
        start = 0
    }

    /// The longest line kept whole where it is alone in its read: a quarter of the ring, so that one line does not
    /// leave it the only one.
    var longestLine: Int { byteLimit / 4 - RecordHeader.cost }

    /// Bytes allocated.
    var allocatedBytes: Int { store.count }

    /// Keeps the last lines of `run`; those that would be pushed out by later ones of the same run are not looked at. `number` is that of
    /// its last line, and an earlier one's is less by the bytes behind it.
    mutating func append(_ run: LineRun, time: WallTime, pid: Int32, stream: LogStream, number: UInt64 = 0) {
        let bytes = run.bytes
        let room = byteLimit - RecordHeader.cost
        var flags: LoggedLine.Flags = stream == .error ? .error : []
        if run.ending == .cut { flags.insert(.cut) }
        if run.continuesLine { flags.insert(.continuation) }
        if !run.hasLevels { flags.insert(.withoutLevel) }
        var kept = 0..<bytes.count
        if bytes.count > room {
            let boundary = bytes.firstNewline(from: bytes.count - room - 1) ?? bytes.count
            // Where the last line alone is too long, it is the one that is kept.
            let before = boundary + 1 < bytes.count ? boundary : bytes.lastNewline(before: bytes.count - 1) ?? -1
            kept = before + 1..<bytes.count
            if before >= 0 { flags.remove(.continuation) }
            // What was said before is no longer what was said right before these.
            if used > 0 { lastGone = self.header(at: used - RecordHeader.cost - trailer(before: used)).number }
            if kept.lowerBound > 0 { lastGone = number &- UInt64(bytes.count - kept.lowerBound) }
            passed += UInt64(used)
            start = 0
            used = 0
            isIncomplete = true
        }
        // Only what is one line has no newline inside.
        if kept.count > longestLine, bytes.lastNewline(from: kept.lowerBound, before: kept.upperBound - 1) == nil {
            kept = kept.lowerBound..<kept.lowerBound + longestLine
            flags.insert(.shortened)
        }
        guard !kept.isEmpty else { return }
        append(
            bytes.part(kept),
            RecordHeader(time: time.nanoseconds, number: number, pid: pid, length: kept.count, flags: flags))
    }

    /// The last `limit` lines, oldest first.
    func tail(_ limit: Int) -> [LoggedLine] { tail(LogQuestion(lines: limit)).lines }

    /// The last lines of those that `question` is about. What it costs depends on what it answers, not on what the ring holds, but for
    /// passing over what is behind `question.before`.
    func tail(_ question: LogQuestion) -> LogTail {
        let end = question.before.map { min(used, Int(clamping: Int64(clamping: $0) - Int64(passed))) } ?? used
        let isIncomplete = question.after.map { $0 < lastGone } ?? isIncomplete
        var tail = LogTail(earlier: passed + UInt64(max(0, end)), isIncomplete: isIncomplete)
        guard end > 0, question.lines > 0 || question.after != nil else { return LogTail(isIncomplete: isIncomplete) }
        var position = recordEnd(containing: end)
        while position > 0, !tail.isFull {
            let length = trailer(before: position)
            position -= RecordHeader.cost + length
            let data = position + RecordHeader.size
            let known = min(length, end - data)
            let header = header(at: position)
            // The number of the last line of what is known of it.
            let number = header.number &- UInt64(length - known)
            if question.isBefore(header.number) { break }
            guard known > 0, !question.isBehind(allAfter: number &- UInt64(known)) else { continue }
            guard tail.lines.count < question.lines, tail.bytes < question.bytes else {
                tail.isFull = true
                break
            }
            // Of a long record no more is copied than can be answered.
            let wanted = tail.mayExceed(question) ? known : min(known - 1, question.bytes - tail.bytes) + 1
            let first = data + known - wanted
            take(
                header, bytes(at: first, count: wanted), number: number, isWhole: wanted == known,
                at: passed + UInt64(first), question, into: &tail)
        }
        tail.lines.reverse()
        if !tail.isFull { tail.earlier = nil }
        return tail
    }

    /// Where the record ends that `place` is in.
    private func recordEnd(containing place: Int) -> Int {
        var end = used
        while end > 0 {
            let begin = end - RecordHeader.cost - trailer(before: end)
            if begin < place { return end }
            end = begin
        }
        return 0
    }

    /// Adds the lines of one record, or of the end of one, to `tail`, the last one first, until that is full. `number` is that of the last.
    private func take(
        _ header: RecordHeader, _ bytes: [UInt8], number: UInt64, isWhole: Bool, at place: UInt64,
        _ question: LogQuestion, into tail: inout LogTail
    ) {
        let ending: LineRun.Ending = header.flags.contains(.cut) ? .cut : .endOfStream
        bytes.withUnsafeBytes { bytes in
            var end = bytes.count
            while end > 0 {
                let begin = (bytes.lastNewline(before: end - 1) ?? -1) + 1
                let own = number &- UInt64(bytes.count - end)
                if question.isBefore(own) { return }
                guard !question.isBehind(own) else {
                    end = begin
                    continue
                }
                let cost = end - begin + LogQuestion.lineCost
                let fits = tail.bytes + cost <= question.bytes || tail.mayExceed(question)
                // What begins before the end of a record is longer than there is room for.
                guard tail.lines.count < question.lines, fits, begin > 0 || isWhole else {
                    tail.isFull = true
                    return
                }
                let line = LineRun(
                    bytes: bytes.part(begin..<end), ending: ending,
                    continuesLine: begin == 0 && header.flags.contains(.continuation),
                    hasLevels: !header.flags.contains(.withoutLevel))
                line.forEachLine { tail.lines.append(LoggedLine($0, own, header)) }
                tail.bytes += cost
                tail.earlier = place + UInt64(begin)
                end = begin
            }
        }
    }

    private mutating func append(_ bytes: UnsafeRawBufferPointer, _ header: RecordHeader) {
        let size = RecordHeader.cost + bytes.count
        if used + size > store.count, store.count < byteLimit { grow(toHold: used + size) }
        while used + size > store.count { giveUpOldest(used + size - store.count) }
        withUnsafeBytes(of: header.packed) { put($0, at: used) }
        put(bytes, at: used + RecordHeader.size)
        withUnsafeBytes(of: UInt32(bytes.count)) { put($0, at: used + RecordHeader.size + bytes.count) }
        used += size
    }

    /// Forgets the first lines of the oldest record, `missing` bytes or more, or all of it.
    private mutating func giveUpOldest(_ missing: Int) {
        isIncomplete = true
        var header = header(at: 0)
        let data = RecordHeader.size
        var given = max(1, missing)
        while given < header.length, store[wrapped(data + given - 1)] != newline { given += 1 }
        guard given < header.length else {
            let size = RecordHeader.cost + header.length
            start = wrapped(size)
            used -= size
            passed += UInt64(size)
            lastGone = header.number
            return
        }
        header.length -= given
        lastGone = header.number &- UInt64(header.length)
        header.flags.remove(.continuation)
        start = wrapped(given)
        used -= given
        passed += UInt64(given)
        withUnsafeBytes(of: header.packed) { put($0, at: 0) }
        withUnsafeBytes(of: UInt32(header.length)) { put($0, at: RecordHeader.size + header.length) }
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

    private func trailer(before end: Int) -> Int {
        let first = wrapped(end - RecordHeader.trailerSize)
        if first + RecordHeader.trailerSize <= store.count {
            return Int(store.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: first, as: UInt32.self) })
        }
        let bytes = bytes(at: end - RecordHeader.trailerSize, count: RecordHeader.trailerSize)
        return Int(bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) })
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
        var words: (UInt64, UInt64, UInt64) = (0, 0, 0)
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

/// What precedes the bytes of one read in a ring's store: 8 bytes of time, 8 of the number of the last line, 4 of process id, 3 of length, 1 of
/// flags. The length stands behind them once more.
private struct RecordHeader {
    static let size = 24
    static let trailerSize = 4
    /// What a record takes beside its bytes.
    static let cost = size + trailerSize
    static let largestLength = 0xFF_FFFF

    var time: Int64
    var number: UInt64
    var pid: Int32
    var length: Int
    var flags: LoggedLine.Flags

    init(time: Int64, number: UInt64, pid: Int32, length: Int, flags: LoggedLine.Flags) {
        self.time = time
        self.number = number
        self.pid = pid
        self.length = length
        self.flags = flags
    }

    init(packed: (UInt64, UInt64, UInt64)) {
        time = Int64(bitPattern: packed.0)
        pid = Int32(bitPattern: UInt32(truncatingIfNeeded: packed.1))
        length = Int(packed.1 >> 32 & 0xFF_FFFF)
        flags = LoggedLine.Flags(rawValue: UInt8(truncatingIfNeeded: packed.1 >> 56))
        number = packed.2
    }

    var packed: (UInt64, UInt64, UInt64) {
        let low = UInt64(UInt32(bitPattern: pid))
        return (UInt64(bitPattern: time), low | UInt64(length) << 32 | UInt64(flags.rawValue) << 56, number)
    }
}

extension LoggedLine {
    /// One line of the record that `header` describes: what it says of a line's beginning and end holds for the first and
    /// the last one only.
    fileprivate init(_ line: LineRun.Line, _ number: UInt64, _ header: RecordHeader) {
        var flags = header.flags.intersection([.error])
        if line.ending == .cut { flags.insert(.cut) }
        if line.isContinuation { flags.insert(.continuation) }
        if line.ending != .newline, header.flags.contains(.shortened) { flags.insert(.shortened) }
        self.init(line, number: number, time: WallTime(nanoseconds: header.time), pid: header.pid, flags: flags)
    }
}
