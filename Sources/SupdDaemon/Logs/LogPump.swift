import SupdEngine
import SupdHost
import SupdPlugin

/// Empties the pipes of one attempt into its instance's log.
///
/// How the supervisor uses it:
///
///     // Once, before anything is logged; the token is the router's alone.
///     let router = LogRouter(
///         host: host, level: .info, format: .auto, retryTimer: TimerToken(kind: …), stallTimer: TimerToken(kind: …))
///     router.daemonLog.info("started", ["pid": "\(host.ownPID)"])
///
///     // Once an instance; costs nothing until it writes. Kept over attempts, for `tail`.
///     let log = router.instanceLog(for: instance, configuration.log)
///
///     // After each spawn that has a pipe (`SpawnRequest.output == .pipe`); watches the channels itself.
///     let pump = LogPump(log: log, process: spawned, attempt: number)
///     // the supervisor keeps which pump a channel belongs to
///
///     // Events of the loop.
///     case .readable(let channel):  pump.readable(channel)     // `pump.isFinished` tells that the pipes have ended
///     case .writable(host.standardError):  router.standardErrorWritable()
///     case .timer(router.retryTimer):  router.retry()
///     case .timer(stallTimer):  router.stalls.look()
///     case .timer(router.floods.timer):  for channel in router.floods.takeDue() { pump.readable(channel) }
///
///     // When the attempt is over and its tree proved gone (not at end of file, which a grandchild can put off):
///     pump.finish()                              // `pump.isFinished` tells whether all was taken; else it goes on beside,
///                                                // and `readable` is to be called as before
///
///     // `logs.read`
///     log.tail(LogQuestion(lines: 100))          // [LoggedLine], oldest first
///
///     // Flush phase of the drain: over when `router.pendingBytes == 0` and every pump is finished, or at its deadline.
///     router.flush(); pump.giveUp(); log.close()
///
/// A turn reads at most ``budget`` bytes of a channel: the loop is level-triggered and comes back, so a child that
/// floods delays the others by one such read and no more. One that goes on is read at a pace (`FloodedPipes`). Nothing here waits: a pump
/// whose sink is full, and whose service waits for it, does not watch its pipes until the sink calls `goOn`. A hang-up is not lost by
/// that: it is told when they are watched again.
///
/// The pumps of one log are read in the order of their attempts: one is `behind` as long as an earlier one, whose attempt is over, has
/// something left.
final class LogPump {
    /// Bytes read of a channel in one turn: what a pipe holds unless its size was changed.
    static let budget = FloodedPipes.usualBytes
    /// The same of one that is large: no more than the processor's own memory holds with a copy.
    static let largeBudget = 256 * 1024
    /// Bytes read of a channel at the end: what a pipe can be made to hold by anybody (/proc/sys/fs/pipe-max-size).
    static let finalBudget = 1024 * 1024

    private enum State: UInt8 {
        /// Its pipes are read when there is something in them.
        case reading
        /// Its pipes are left alone until the sink has room.
        case held
        /// Its pipes are left alone until the pumps before it are finished.
        case behind
    }

    /// Its pipes; one that it was made without has no descriptor. What is known of one is made when it is read for the first time: most
    /// services write nothing most of the time.
    private let output: Channel
    private let errorOutput: Channel
    private let log: InstanceLog
    private let number: UInt64
    private var known: Known?
    private let taskNumber: UInt64
    private var pid: Int32
    private var state = State.reading
    private var open: OpenPipes = []
    /// Whether its attempt is over: what is in the pipes is read, and nothing after that.
    private(set) var isFinishing = false
    /// Whether it waits for nobody any more.
    private var isGivenUp = false

    /// A pump for the pipes of `process`, which begins to watch them. A process without pipes is finished at once.
    init(log: InstanceLog, process: SpawnedProcess, attempt number: UInt64, task: TaskID? = nil) {
        self.log = log
        self.number = number
        taskNumber = task?.rawValue ?? 0
        pid = process.pid
        output = process.output ?? Self.none
        errorOutput = process.errorOutput ?? Self.none
        if process.output != nil { open.insert(.output) }
        if process.errorOutput != nil { open.insert(.error) }
        guard !isFinished else { return }
        state = .behind
        log.add(self)
    }

    private static let none = Channel(descriptor: -1, generation: 0)

    /// The channels that it was made with.
    var channels: [Channel] { [output, errorOutput].filter { $0 != Self.none } }

    /// The task it is; nil where it is a command's.
    var task: TaskID? { taskNumber == 0 ? nil : TaskID(rawValue: taskNumber) }

    /// Whether all pipes have ended and are closed.
    var isFinished: Bool { open.isEmpty }

    /// Whether it waits for pumps before it.
    var isBehind: Bool { state == .behind }

    /// What was read of lines that have not ended yet, the first `limit` bytes of each.
    func unfinished(atMost limit: Int, hasLevels: Bool) -> [LoggedLine] {
        [known?.output, known?.error].compactMap(\.self)
            .flatMap { $0.unfinished(of: pid, atMost: limit, hasLevels: hasLevels) }
    }

    private var router: LogRouter { log.router }

    /// The pipes that are open.
    private var ends: [PipeEnd] { [end(of: output, .output), end(of: errorOutput, .error)].compactMap { $0 } }

    private func end(of channel: Channel, _ stream: LogStream) -> PipeEnd? {
        guard open.contains(stream == .error ? .error : .output) else { return nil }
        let known = know()
        if let end = stream == .error ? known.error : known.output { return end }
        let end = PipeEnd(channel: channel, stream: stream, maximumLine: log.maximumLine)
        if stream == .error { known.error = end } else { known.output = end }
        return end
    }

    @discardableResult
    private func know() -> Known {
        if let known { return known }
        let known = Known(LogAttempt(instance: log.instance, pid: pid, number: number))
        self.known = known
        return known
    }

    /// Its instance is to be called something else: what it writes is under the name that its attempt was begun by.
    func keepName() { know() }

    /// Whether the sink is full, and this is one who waits for it.
    private var isHeldUp: Bool { !isGivenUp && log.holdsUp }

    /// No pump before it has anything left: its pipes are read from now on.
    func begin() {
        state = .reading
        if isFinishing { readOut() } else { watch(true) }
    }

    /// There is something to read in `channel`, or its other end has closed. A channel that is not this pump's, or not any
    /// more, changes nothing.
    func readable(_ channel: Channel) {
        guard state == .reading, channel == output || channel == errorOutput,
            let end = end(of: channel, channel == output ? .output : .error)
        else { return }
        if isFinishing { return readOut() }
        guard !isHeldUp else { return hold() }
        readOn(end)
        leaveWhereFinished()
    }

    /// The sink has room again.
    func goOn() {
        state = .reading
        if isFinishing { return readOut() }
        watch(true)
        for end in ends {
            guard !isHeldUp else { return hold() }
            readOn(end)
        }
        leaveWhereFinished()
    }

    /// Another process is the main one: what is read from now on is its, and what is in the pipes was the former one's.
    func goOn(as pid: Int32) {
        for end in ends {
            let reads = end.isLarge ? FloodedPipes.largeBytes / Self.largeBudget : 1
            for _ in 0..<reads { readable(end.channel) }
        }
        log.await(of: pid, insteadOf: self.pid)
        self.pid = pid
        known?.attempt.goOn(as: pid)
    }

    /// Its log has another sink, or waits no more for the one it has, whose flow is `former`: nobody would wake it there.
    func goOn(from former: FlowControl?) {
        guard state == .held else { return }
        former?.remove(self)
        goOn()
    }

    /// Lines that begin from now on are cut at so many bytes.
    func cutLines(at maximum: Int) {
        known?.output?.splitter.change(maximumLength: maximum)
        known?.error?.splitter.change(maximumLength: maximum)
    }

    /// Reads what is left, at most ``finalBudget`` of each pipe, passes on a last line without a newline, and closes the pipes: who
    /// still holds the other end gets EPIPE. What the sink has no room for now is read when it has, and what is out of reach when it is told
    /// of. A second call does nothing.
    func finish() {
        guard !isFinishing else { return }
        isFinishing = true
        if state == .reading { readOut() }
    }

    /// The same at once: what the sink has no room for is dropped.
    func giveUp() {
        guard !isFinished else { return }
        isFinishing = true
        isGivenUp = true
        log.flow?.remove(self)
        readOut()
    }

    private func readOut() {
        state = .reading
        for end in ends {
            var isUnderWay = false
            reading: while end.finalRoom > 0 {
                guard !isHeldUp else { return hold() }
                switch read(end) {
                case .some(let count): end.finalRoom -= count
                case .none, .ended: break reading
                case .underWay:
                    isUnderWay = !isGivenUp
                    break reading
                }
            }
            if !isUnderWay { close(end) }
        }
        leaveWhereFinished()
    }

    private func hold() {
        guard let flow = log.flow else { return }
        state = .held
        watch(false)
        flow.wait(self)
        router.stalls.add(flow)
    }

    private func watch(_ wanted: Bool) {
        if open.contains(.output) { watch(output, known?.output, wanted) }
        if open.contains(.error) { watch(errorOutput, known?.error, wanted) }
    }

    private func watch(_ channel: Channel, _ end: PipeEnd?, _ wanted: Bool) {
        if end?.isLarge != true {
            router.host.watch(channel, readable: wanted, writable: false)
        } else if wanted {
            router.floods.goOn(channel)
        } else {
            router.floods.pause(channel)
        }
    }

    /// Reads what there is in one turn, and sees whether the pipe is one that is written to without a pause.
    private func readOn(_ end: PipeEnd) {
        switch read(end) {
        case .some(let count): noteRead(end, count)
        case .none: noteRest(end)
        case .underWay: break
        case .ended: close(end)
        }
    }

    private func noteRead(_ end: PipeEnd, _ count: Int) {
        let now = router.host.now
        let pause = now.duration(since: end.readAt)
        end.readAt = now
        guard !end.isLarge else { return noteFlood(end, count, now) }
        let isQuick = pause < FloodedPipes.shortestPause || count == Self.budget
        end.quickReads = isQuick ? end.quickReads + 1 : min(0, end.quickReads)
        guard end.quickReads >= FloodedPipes.quickReads else { return }
        guard router.floods.takeIn(end.channel) else { return end.quickReads = -FloodedPipes.refusedReads }
        end.isLarge = true
        end.emptyAt = now
        log.expectFlood(true)
    }

    private func noteFlood(_ end: PipeEnd, _ count: Int, _ now: MonotonicInstant) {
        end.readSince += count
        guard count < Self.largeBudget else { return router.floods.readOn() }
        router.floods.note(end.readSince, in: now.duration(since: end.emptyAt))
        end.emptyAt = now
        end.readSince = 0
    }

    /// Nothing was there to be read.
    private func noteRest(_ end: PipeEnd) {
        guard end.isLarge, router.host.now.duration(since: end.readAt) >= FloodedPipes.patience,
            router.floods.letGo(end.channel)
        else { return }
        end.isLarge = false
        end.quickReads = 0
        log.expectFlood(false)
    }

    private func leaveWhereFinished() {
        if isFinished { log.remove(self) }
    }

    private enum Progress {
        case some(Int)
        case none
        /// It takes its time, and is told of when it is back.
        case underWay
        case ended
    }

    private func read(_ end: PipeEnd) -> Progress {
        let budget = end.isLarge ? Self.largeBudget : Self.budget
        // Held for as long as it is looked at, whoever it is lent to.
        let memory = router.buffer.room(for: end.splitter.maximumLength + 1 + budget)
        defer { withExtendedLifetime(memory) {} }
        let buffer = memory.bytes
        let held = end.splitter.placeHeld(in: buffer)
        let room = UnsafeMutableRawBufferPointer(rebasing: buffer[held..<held + budget])
        switch router.host.read(end.channel, into: room, of: memory) {
        case .bytes(let count):
            let time = router.host.wallClock()
            let filled = UnsafeRawBufferPointer(rebasing: buffer[..<(held + count)])
            end.lastRead = time
            end.splitter.split(filled) { write($0, end, time) }
            return .some(count)
        case .wouldBlock:
            return .none
        case .underWay:
            router.buffer.leave(memory)
            return .underWay
        case .end, .failed:
            // A pipe that cannot be read has nothing more to say; the exit is told by the pidfd alone.
            return .ended
        }
    }

    private func write(_ run: LineRun, _ end: PipeEnd, _ time: WallTime) {
        log.write(run, from: end.stream, of: know().attempt, at: time, isKept: !isGivenUp)
    }

    private func close(_ end: PipeEnd) {
        let time = router.host.wallClock()
        end.splitter.finish { write($0, end, time) }
        if end.isLarge {
            router.floods.forget(end.channel)
            log.expectFlood(false)
        }
        router.host.close(end.channel)
        switch end.stream {
        case .output:
            open.remove(.output)
            known?.output = nil
        case .error:
            open.remove(.error)
            known?.error = nil
        }
    }
}

/// Which pipes of a pump have not ended.
private struct OpenPipes: OptionSet {
    let rawValue: UInt8

    static let output = OpenPipes(rawValue: 1)
    static let error = OpenPipes(rawValue: 2)
}

/// What a pump knows once something was read.
private final class Known {
    let attempt: LogAttempt
    var output: PipeEnd?
    var error: PipeEnd?

    init(_ attempt: LogAttempt) { self.attempt = attempt }
}

/// The reading end of one pipe and what it holds of an unfinished line.
private final class PipeEnd {
    let channel: Channel
    let stream: LogStream
    var splitter: LineSplitter
    /// When it was last read.
    var lastRead = WallTime(nanoseconds: 0)
    /// The same by the clock of turns, and how many reads in a row came right after one another.
    var readAt = MonotonicInstant(nanoseconds: 0)
    var quickReads = 0
    /// Whether it is one of `FloodedPipes`; when it was last seen to be empty then, and what was read since.
    var isLarge = false
    var emptyAt = MonotonicInstant(nanoseconds: 0)
    var readSince = 0
    /// How much of it may still be read when its attempt is over.
    var finalRoom = LogPump.finalBudget

    init(channel: Channel, stream: LogStream, maximumLine: Int) {
        self.channel = channel
        self.stream = stream
        splitter = LineSplitter(maximumLength: maximumLine)
    }

    /// What is held of a line, if anything.
    func unfinished(of pid: Int32, atMost limit: Int, hasLevels: Bool) -> [LoggedLine] {
        var flags: LoggedLine.Flags = stream == .error ? .error : []
        if splitter.held.count > limit { flags.insert(.shortened) }
        var lines: [LoggedLine] = []
        splitter.held.withUnsafeBytes { held in
            let run = LineRun(
                bytes: held.part(0..<min(limit, held.count)), ending: .endOfStream,
                continuesLine: splitter.isInsideLine,
                hasLevels: hasLevels)
            run.forEachLine { lines.append(LoggedLine($0, time: lastRead, pid: pid, flags: flags)) }
        }
        return lines
    }
}
