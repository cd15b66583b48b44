import SupdPlugin
import SupdProtocol

/// Events as bytes, each by what is other than in the one before, and what of them has no short form, in their order. There may be millions,
/// and most are never told: a crash of a service is four of them, and so a hundred bytes.
///
/// An entry of a change: a byte of its states, one of what else there is, the number of the event, its time, its attempt, its restarts, and
/// what the second byte says. Numbers are in groups of seven bits, the lowest first; a difference is folded, so that a small one is short.
struct HistoryEntries {
    fileprivate(set) var bytes: [UInt8] = []
    fileprivate(set) var extras: [Extra] = []

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
        bytes.append(HistoryCode.states(of: change))
        let place = bytes.count
        bytes.append(0)
        put(event, from: &point)
        put(difference: Int64(bitPattern: change.attempt &- point.attempt))
        put(difference: Int64(change.restarts) - Int64(point.restarts))
        (point.attempt, point.restarts) = (change.attempt, change.restarts)
        var flags = put(change.cause, from: &point)
        if change.pid != 0 {
            flags.insert(.pid)
            put(difference: Int64(change.pid))
        }
        if let exit = change.exit {
            flags.insert(.exit)
            put(exit, of: change, at: event.time)
        }
        if let next = change.nextStartAt {
            flags.insert(.nextStart)
            put(difference: next.nanoseconds &- event.time.nanoseconds)
        }
        if let reason = change.reason {
            flags.insert(.reason)
            put(reason)
        }
        if let decision = change.decision {
            flags.insert(.decision)
            put(decision)
        }
        bytes[place] = flags.rawValue
    }

    /// Forgets the first one, which is told from `point`.
    mutating func removeFirst(from point: inout HistoryPoint) {
        let (byteCount, extraCount) = lengthOfFirst(from: &point)
        bytes.removeFirst(byteCount)
        extras.removeFirst(extraCount)
    }

    private func lengthOfFirst(from point: inout HistoryPoint) -> (bytes: Int, extras: Int) {
        var reader = HistoryReader(self, from: point)
        _ = reader.next()
        point = reader.point
        return (reader.nextByte, reader.nextExtra)
    }

    // MARK: Parts

    private mutating func put(_ event: KeptEvent, from point: inout HistoryPoint) {
        put(event.sequence &- point.sequence)
        put(difference: event.time.nanoseconds &- point.time)
        (point.sequence, point.time) = (event.sequence, event.time.nanoseconds)
    }

    private mutating func put(_ cause: KeptEvent.Cause, from point: inout HistoryPoint) -> HistoryCode.Flags {
        if let code = HistoryCode.constantCauses.firstIndex(of: cause) { return HistoryCode.Flags(cause: code) }
        if cause == point.cause { return HistoryCode.Flags(cause: HistoryCode.sameCause) }
        point.cause = cause
        extras.append(.cause(cause))
        return HistoryCode.Flags(cause: HistoryCode.otherCause)
    }

    private mutating func put(_ exit: KeptEvent.Exit, of change: KeptEvent.Change, at time: WallTime) {
        let record = exit.record
        var (outcome, flags) = HistoryCode.outcome(of: record.outcome)
        if exit.success { flags.insert(.success) }
        if record.isEarly { flags.insert(.early) }
        bytes.append(outcome | flags.rawValue)
        bytes.append(HistoryCode.place(of: record.command) << 4 | HistoryCode.place(of: record.forced))
        put(difference: Int64(bitPattern: record.attempt &- change.attempt))
        put(difference: exit.at.nanoseconds &- time.nanoseconds)
        put(difference: record.ranFor.clampedNanoseconds)
        put(difference: Int64(record.pid ?? 0))
        switch record.outcome {
        case .exited(let code): put(difference: Int64(code))
        case .signaled(let signal, _): put(difference: Int64(signal.rawValue))
        case .spawnFailed(let failure): extras.append(.failure(failure))
        case .outOfMemory, .unknown: break
        }
    }

    private mutating func put(_ reason: Sentence) {
        put(reason.isForEverybody ? 1 : 0)
        if reason.isForEverybody { put(reason.text) } else { extras.append(.reason(reason)) }
    }

    private mutating func put(_ decision: EndDecision) {
        guard let code = HistoryCode.code(of: decision) else {
            bytes.append(HistoryCode.otherDecision)
            return extras.append(.decision(decision))
        }
        bytes.append(code)
        put(decision.policy)
        if let delay = decision.delay { put(difference: delay.clampedNanoseconds) }
        if let detail = decision.detail { put(detail) }
    }

    // MARK: Numbers and texts

    private mutating func put(_ text: String) {
        put(UInt64(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    private mutating func put(difference: Int64) { put(UInt64(bitPattern: difference << 1 ^ difference >> 63)) }

    private mutating func put(_ number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
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
    private(set) var nextByte = 0
    private(set) var nextExtra = 0

    /// From the first of the entries, which is told from `point`.
    init(_ entries: HistoryEntries, from point: HistoryPoint) {
        self.entries = entries
        self.point = point
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
        point.attempt &+= UInt64(bitPattern: difference())
        point.restarts = UInt32(truncatingIfNeeded: Int64(point.restarts) &+ difference())
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
    }

    private mutating func readCause(_ code: Int) -> KeptEvent.Cause {
        if HistoryCode.constantCauses.indices.contains(code) { return HistoryCode.constantCauses[code] }
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
