import SupdPlugin
import SupdProtocol

/// Events as bytes, each by what is other than in the one before, and what of them has no short form, in their order. There may be millions,
/// and most are never told: a crash of a service is four of them, and so a hundred bytes.
///
/// An entry of a change: a byte of its states, one of what else there is, the number of the event, its time, its attempt, its restarts, and
/// what the second byte says. Numbers are in groups of seven bits, the lowest first; a difference is folded, so that a small one is short.
struct HistoryEntries {
    fileprivate var bytes: [UInt8] = []
    /// So many of them are forgotten, and go once they are half of all: to move the others each time took as long as to write one.
    fileprivate var forgotten: UInt32 = 0
    fileprivate var extras: [Extra] = []

    /// What is rare, or has no limit.
    enum Extra {
        /// One that may be of many instances.
        case event(KeptEvent)
        case cause(KeptEvent.Cause)
        indirect case reason(Sentence)
        indirect case failure(SpawnFailure)
        indirect case decision(EndDecision)
    }

    /// Adds an event to those that end at `point`.
    mutating func append(_ event: KeptEvent, from point: inout HistoryPoint) {
        guard case .change(let change) = event.content else {
            bytes.append(HistoryCode.noChange)
            return extras.append(.event(event))
        }
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: HistoryWriter.room) { room in
            var writer = HistoryWriter(room)
            let cause = code(of: change.cause, from: &point)
            writer.put(HistoryCode.states(of: change))
            writer.put(HistoryCode.Flags(change, cause: cause).rawValue)
            writer.put(event.sequence &- point.sequence)
            writer.put(difference: event.time.nanoseconds &- point.time)
            writer.put(difference: Int64(bitPattern: change.attempt &- point.attempt))
            writer.put(difference: Int64(change.restarts) - Int64(point.restarts))
            (point.sequence, point.time) = (event.sequence, event.time.nanoseconds)
            (point.attempt, point.restarts) = (change.attempt, change.restarts)
            if change.pid != 0 { writer.put(difference: Int64(change.pid)) }
            if change.hasEnd { putEnd(of: change, at: event.time, &writer) }
            flush(&writer)
        }
    }

    /// Forgets the first one, which is told from `point`.
    mutating func removeFirst(from point: inout HistoryPoint) {
        let (next, extraCount) = placeOfSecond(from: &point)
        forgotten = UInt32(next)
        if extraCount > 0 { extras.removeFirst(extraCount) }
        guard next > bytes.count / 2 else { return }
        bytes.removeFirst(next)
        forgotten = 0
    }

    private func placeOfSecond(from point: inout HistoryPoint) -> (byte: Int, extra: Int) {
        var reader = HistoryReader(self, from: point)
        reader.skip()
        point = reader.point
        return (reader.nextByte, reader.nextExtra)
    }

    /// How many bytes they are.
    var byteCount: Int { bytes.count - Int(forgotten) }

    // MARK: Parts

    private mutating func code(of cause: KeptEvent.Cause, from point: inout HistoryPoint) -> Int {
        if let code = HistoryCode.code(of: cause) { return code }
        if cause == point.cause { return HistoryCode.sameCause }
        point.cause = cause
        extras.append(.cause(cause))
        return HistoryCode.otherCause
    }

    private mutating func putEnd(of change: KeptEvent.Change, at time: WallTime, _ writer: inout HistoryWriter) {
        if let exit = change.exit { put(exit, of: change, at: time, &writer) }
        if let next = change.nextStartAt { writer.put(difference: next.nanoseconds &- time.nanoseconds) }
        if let reason = change.reason { put(reason, &writer) }
        if let decision = change.decision { put(decision, &writer) }
    }

    private mutating func put(
        _ exit: KeptEvent.Exit, of change: KeptEvent.Change, at time: WallTime, _ writer: inout HistoryWriter
    ) {
        let record = exit.record
        var (outcome, flags) = HistoryCode.outcome(of: record.outcome)
        if exit.success { flags.insert(.success) }
        if record.isEarly { flags.insert(.early) }
        writer.put(outcome | flags.rawValue)
        writer.put(HistoryCode.place(of: record.command) << 4 | HistoryCode.place(of: record.forced))
        writer.put(difference: Int64(bitPattern: record.attempt &- change.attempt))
        writer.put(difference: exit.at.nanoseconds &- time.nanoseconds)
        writer.put(difference: record.ranFor.clampedNanoseconds)
        writer.put(difference: Int64(record.pid ?? 0))
        switch record.outcome {
        case .exited(let code): writer.put(difference: Int64(code))
        case .signaled(let signal, _): writer.put(difference: Int64(signal.rawValue))
        case .spawnFailed(let failure): extras.append(.failure(failure))
        case .outOfMemory, .unknown: break
        }
    }

    private mutating func put(_ reason: Sentence, _ writer: inout HistoryWriter) {
        writer.put(reason.isForEverybody ? 1 as UInt8 : 0)
        if reason.isForEverybody { put(reason.text, &writer) } else { extras.append(.reason(reason)) }
    }

    private mutating func put(_ decision: EndDecision, _ writer: inout HistoryWriter) {
        guard let code = HistoryCode.code(of: decision) else {
            writer.put(HistoryCode.otherDecision)
            return extras.append(.decision(decision))
        }
        writer.put(code)
        put(decision.policy, &writer)
        if let delay = decision.delay { writer.put(difference: delay.clampedNanoseconds) }
        if let detail = decision.detail { put(detail, &writer) }
    }

    /// Texts have no limit, and go where the numbers before them are.
    private mutating func put(_ text: String, _ writer: inout HistoryWriter) {
        writer.put(UInt64(text.utf8.count))
        flush(&writer)
        bytes.append(contentsOf: text.utf8)
    }

    private mutating func flush(_ writer: inout HistoryWriter) {
        bytes.append(contentsOf: writer.written)
        writer.count = 0
    }
}

/// Numbers as bytes, in room that is there: to add them to an array one by one took as long as all else of an event.
private struct HistoryWriter {
    /// So many bytes take all numbers of a change at most, between two texts: 12 of ten bytes each, and what is one byte.
    static let room = 160

    private let bytes: UnsafeMutableBufferPointer<UInt8>
    var count = 0

    init(_ bytes: UnsafeMutableBufferPointer<UInt8>) { self.bytes = bytes }

    var written: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(rebasing: bytes[..<count]) }

    mutating func put(_ byte: UInt8) {
        bytes[count] = byte
        count += 1
    }

    mutating func put(difference: Int64) { put(UInt64(bitPattern: difference << 1 ^ difference >> 63)) }

    mutating func put(_ number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            put(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        put(UInt8(truncatingIfNeeded: rest))
    }
}

/// What an entry is told from: the one before.
struct HistoryPoint {
    fileprivate(set) var sequence: UInt64 = 0
    /// In nanoseconds, as a `WallTime`.
    fileprivate(set) var time: Int64 = 0
    fileprivate(set) var attempt: UInt64 = 0
    fileprivate(set) var restarts: UInt32 = 0
    /// The last cause that is no constant.
    fileprivate(set) var cause = KeptEvent.Cause.none
}

/// Reads entries back, one after the other.
struct HistoryReader {
    private let entries: HistoryEntries
    private(set) var point: HistoryPoint
    private(set) var nextByte: Int
    private(set) var nextExtra = 0

    /// From the first of the entries, which is told from `point`.
    init(_ entries: HistoryEntries, from point: HistoryPoint) {
        self.entries = entries
        self.point = point
        nextByte = Int(entries.forgotten)
    }

    /// Goes past the next, as `next` does.
    mutating func skip() {
        guard byte() != HistoryCode.noChange else {
            nextExtra += 1
            return
        }
        let flags = HistoryCode.Flags(rawValue: byte())
        readPoint()
        _ = readCause(flags.cause)
        if flags.contains(.pid) { _ = number() }
        if flags.contains(.exit) { skipExit() }
        if flags.contains(.nextStart) { _ = number() }
        if flags.contains(.reason) { if number() == 1 { skipText() } else { nextExtra += 1 } }
        if flags.contains(.decision) { skipDecision() }
    }

    private mutating func skipExit() {
        let kind = byte()
        nextByte += 1
        for _ in 0..<4 { _ = number() }
        switch HistoryCode.OutcomeKind(rawValue: kind & HistoryCode.OutcomeKind.mask) {
        case .exited, .signaled: _ = number()
        case .spawnFailed: nextExtra += 1
        case .outOfMemory, .unknown, nil: break
        }
    }

    private mutating func skipDecision() {
        let code = byte()
        guard code & HistoryCode.otherDecision == 0 else {
            nextExtra += 1
            return
        }
        skipText()
        if code & HistoryCode.hasDelay != 0 { _ = number() }
        if code & HistoryCode.hasDetail != 0 { skipText() }
    }

    private mutating func skipText() {
        let count = Int(clamping: number())
        nextByte += min(count, entries.bytes.count - nextByte)
    }

    /// The next; there has to be one.
    mutating func next() -> KeptEvent {
        let states = byte()
        guard states != HistoryCode.noChange else {
            guard case .event(let kept) = extra() else { return event(.other(.ready)) }
            return kept
        }
        let flags = HistoryCode.Flags(rawValue: byte())
        readPoint()
        let cause = readCause(flags.cause)
        let pid = flags.contains(.pid) ? Int32(truncatingIfNeeded: difference()) : nil
        let exit = flags.contains(.exit) ? readExit() : nil
        let next = flags.contains(.nextStart) ? WallTime(nanoseconds: point.time &+ difference()) : nil
        let reason = flags.contains(.reason) ? readReason() : nil
        let decision = flags.contains(.decision) ? readDecision() : nil
        return event(
            .change(
                KeptEvent.Change(
                    states: HistoryCode.states(states), attempt: point.attempt, pid: pid ?? 0,
                    restarts: point.restarts, cause: cause, exit: exit, nextStartAt: next, reason: reason,
                    decision: decision)))
    }

    private func event(_ content: KeptEvent.Content) -> KeptEvent {
        KeptEvent(content, time: WallTime(nanoseconds: point.time), at: point.sequence)
    }

    // MARK: Parts

    private mutating func readPoint() {
        point.sequence &+= number()
        point.time &+= difference()
        point.attempt &+= UInt64(bitPattern: difference())
        point.restarts = UInt32(truncatingIfNeeded: Int64(point.restarts) &+ difference())
    }

    private mutating func readCause(_ code: Int) -> KeptEvent.Cause {
        if let constant = HistoryCode.constantCause(code) { return constant }
        if code == HistoryCode.otherCause, case .cause(let cause) = extra() { point.cause = cause }
        return point.cause
    }

    private mutating func readExit() -> KeptEvent.Exit {
        let (kind, words) = (byte(), byte())
        let flags = HistoryCode.ExitFlags(rawValue: kind)
        let attempt = point.attempt &+ UInt64(bitPattern: difference())
        let at = WallTime(nanoseconds: point.time &+ difference())
        let ranFor = Duration.nanoseconds(difference())
        let pid = Int32(truncatingIfNeeded: difference())
        let record = ExitRecord(
            attempt: attempt, pid: pid == 0 ? nil : pid, outcome: readOutcome(kind, flags),
            command: HistoryCode.word(words >> 4), forced: HistoryCode.word(words & 0xF),
            isEarly: flags.contains(.early), ranFor: ranFor)
        return KeptEvent.Exit(record: record, at: at, success: flags.contains(.success))
    }

    private mutating func readOutcome(_ kind: UInt8, _ flags: HistoryCode.ExitFlags) -> ExitOutcome {
        switch HistoryCode.OutcomeKind(rawValue: kind & HistoryCode.OutcomeKind.mask) {
        case .exited: return .exited(code: Int32(truncatingIfNeeded: difference()))
        case .signaled:
            guard let signal = Signal(rawValue: Int32(truncatingIfNeeded: difference())) else { return .unknown }
            return .signaled(signal, coreDumped: flags.contains(.coreDumped))
        case .outOfMemory: return .outOfMemory
        case .spawnFailed:
            guard case .failure(let failure) = extra() else { return .unknown }
            return .spawnFailed(failure)
        case .unknown, nil: return .unknown
        }
    }

    private mutating func readReason() -> Sentence? {
        if number() == 1 { return Sentence(text()) }
        guard case .reason(let sentence) = extra() else { return nil }
        return sentence
    }

    private mutating func readDecision() -> EndDecision? {
        let code = byte()
        guard let (outcome, basis) = HistoryCode.decision(code) else {
            guard case .decision(let decision) = extra() else { return nil }
            return decision
        }
        return EndDecision(
            outcome, by: basis, policy: text(),
            delay: code & HistoryCode.hasDelay == 0 ? nil : .nanoseconds(difference()),
            detail: code & HistoryCode.hasDetail == 0 ? nil : text())
    }

    private mutating func extra() -> HistoryEntries.Extra? {
        guard nextExtra < entries.extras.count else { return nil }
        defer { nextExtra += 1 }
        return entries.extras[nextExtra]
    }

    // MARK: Numbers and texts

    private mutating func text() -> String {
        let count = min(Int(clamping: number()), entries.bytes.count - nextByte)
        defer { nextByte += count }
        return String(decoding: entries.bytes[nextByte..<nextByte + count], as: UTF8.self)
    }

    private mutating func difference() -> Int64 {
        let folded = number()
        return Int64(bitPattern: folded >> 1) ^ -Int64(bitPattern: folded & 1)
    }

    private mutating func number() -> UInt64 {
        var (number, shift): (UInt64, UInt64) = (0, 0)
        while true {
            let byte = byte()
            number |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return number }
            shift += 7
        }
    }

    private mutating func byte() -> UInt8 {
        guard nextByte < entries.bytes.count else { return 0 }
        defer { nextByte += 1 }
        return entries.bytes[nextByte]
    }
}
