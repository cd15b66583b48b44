import SupdConfiguration
import SupdHost
import SupdPlugin

/// The log of one instance over all its attempts: where its lines go, and the last of them in memory.
final class InstanceLog {
    /// Whose log it is.
    private(set) var instance: InstanceName
    /// Whether lines may begin with their levels.
    private var hasLevels: Bool
    private var overflow: LogConfiguration.Overflow
    /// Whether the instance is gone for good.
    private var isGone = false
    private var lineLimit: Int32
    /// How many bytes may be kept of it in memory; nothing is kept where that is 0.
    private var memoryLimit: Int32

    let router: LogRouter
    private var sink: LogDestination
    /// The pumps that are not finished, in the order of their attempts.
    private var pumps = LogPumps.none
    /// What there is once something is written, or somebody waits for that; nil as long as there is nothing of it.
    private var traffic: LogTraffic?

    /// Longer lines are cut, in bytes.
    var maximumLine: Int { Int(lineLimit) }

    /// Where its lines go beside, as long as somebody follows them.
    var tap: LineTap? {
        get { traffic?.tap }
        set { if newValue != nil || traffic != nil { noted.tap = newValue } }
    }

    private var noted: LogTraffic {
        if let traffic { return traffic }
        let traffic = LogTraffic()
        self.traffic = traffic
        return traffic
    }

    /// So many attempts that are over may wait for the sink to take what they left. Each keeps pipes open.
    static let leavingPumps = 4

    /// The log of `instance`; `LogRouter.instanceLog` makes it. `queue` takes its lines where a plugin's sink does.
    init(router: LogRouter, instance: InstanceName, _ configuration: LogConfiguration, queue: SinkQueue?) {
        self.router = router
        self.instance = instance
        lineLimit = Int32(clamping: configuration.maxLine)
        memoryLimit = Int32(clamping: configuration.memory)
        overflow = configuration.overflow
        hasLevels = configuration.levelPrefix
        sink = .none
        sink = router.destination(after: .none, for: instance, configuration, queue) { noted.drops }
    }

    private func noteDropped(_ lines: Int) {
        if lines != 0 { noted.drops.lines += lines }
    }

    /// Goes on by another configuration, under whoever writes to it: what was read so far goes where it was to go, and no pump waits
    /// for the sink that was. Lines that were begun are cut as before. Where the lines are to go nowhere, the sink is left only once nothing
    /// has a pipe any more.
    func change(_ name: InstanceName, _ configuration: LogConfiguration, queue: SinkQueue?) {
        if instance != name { pumps.forEach { $0.keepName() } }
        instance = name
        lineLimit = Int32(clamping: configuration.maxLine)
        hasLevels = configuration.levelPrefix
        pumps.forEach { $0.cutLines(at: maximumLine) }
        changeMemory(to: configuration.memory)
        let (formerFlow, formerOverflow) = (flow, overflow)
        overflow = configuration.overflow
        let next = router.destination(after: sink, for: name, configuration, queue) { noted.drops }
        if case .none = next, !pumps.isEmpty {} else { exchangeSink(for: next) }
        guard flow !== formerFlow || overflow != formerOverflow else { return }
        // Who has read all by that is not in the list any more.
        pumps.forEach { $0.goOn(from: formerFlow) }
    }

    private func changeMemory(to bytes: Int) {
        // What came meanwhile is not there for who goes on after a line of before.
        if memoryLimit == 0, bytes > 0 { noted.ring = LogRing(byteLimit: bytes, lastGone: router.lastNumber) }
        memoryLimit = Int32(clamping: bytes)
        if bytes > 0 { traffic?.ring?.resize(to: bytes) } else { traffic?.ring = nil }
    }

    private func exchangeSink(for next: LogDestination) {
        let former = sink
        sink = next
        if let file = former.file, file !== next.file { router.leavingFiles.add(file) }
        guard former.queue !== next.queue else { return }
        // A queue counts for all instances of its service, and from its beginning.
        noteDropped((former.queue?.droppedTotal ?? 0) - (next.queue?.droppedTotal ?? 0))
    }

    /// The instance is gone for good: its memory is freed, and its file left once nothing of its attempts is in a pipe.
    func leave() {
        isGone = true
        memoryLimit = 0
        traffic?.ring = nil
        leaveWhereFinished()
    }

    private func leaveWhereFinished() {
        if isGone, pumps.isEmpty { exchangeSink(for: .none) }
    }

    /// Opens its file anew for the next line; false where it has none.
    func reopen() -> Bool {
        sink.file?.reopen()
        return sink.file != nil
    }

    /// Calls `found`, once, when `process` has written a line that fits. Whoever waited for another line does not any more.
    func await(_ pattern: Glob, of process: Int32, found: @escaping () -> Void) {
        noted.awaited = (pattern, process, found)
    }

    /// Has a line that is waited for of `former` waited for of `process`.
    func await(of process: Int32, insteadOf former: Int32) {
        if traffic?.awaited?.process == former { traffic?.awaited?.process = process }
    }

    private func look(for pattern: Glob, in run: LineRun) {
        var isFound = false
        run.forEachLine { line in
            isFound = isFound || pattern.matches(Array(line.bytes)[...])
        }
        guard isFound, let found = traffic?.awaited?.found else { return }
        traffic?.awaited = nil
        found()
    }

    /// The last lines in memory; nil where none are kept.
    func tail(_ question: LogQuestion) -> LogTail? {
        memoryLimit > 0 ? traffic?.ring?.tail(question) ?? LogRing().tail(question) : nil
    }

    /// How many bytes are in memory.
    var memoryInUse: Int { traffic?.ring?.used ?? 0 }

    /// What was written of lines that have not ended yet, the first so many bytes of each; but for what is still in the pipes.
    func unfinished(atMost limit: Int) -> [LoggedLine] {
        pumps.all.flatMap { $0.unfinished(atMost: limit, hasLevels: hasLevels) }
    }

    /// Lines that its sink had no room for. What an outlet that all share took in, and lost later, is counted in `LogRouter` alone.
    var droppedLines: Int { (traffic?.drops.lines ?? 0) + (sink.queue?.droppedTotal ?? 0) }

    /// Whether its sink has room; nil where it has nowhere to go.
    var flow: FlowControl? { sink.flow }

    /// Whether the sink is full, and who writes to this log has to wait.
    var holdsUp: Bool { overflow == .wait && flow?.holdsUp == true }

    /// Takes in a pump, which begins as soon as none before it has anything left of an attempt that is over.
    func add(_ pump: LogPump) {
        pumps.append(pump)
        let leaving = pumps.all.filter(\.isFinishing)
        for oldest in leaving.dropLast(Self.leavingPumps) { oldest.giveUp() }
        beginNext()
    }

    /// A pump is finished.
    func remove(_ pump: LogPump) {
        pumps.remove(pump)
        beginNext()
        leaveWhereFinished()
    }

    private func beginNext() {
        for pump in pumps.all where pump.isBehind {
            // Each that begins may finish at once, and so change the list.
            guard !pumps.all.prefix(while: { $0 !== pump }).contains(where: \.isFinishing) else { return }
            if pump.isBehind { pump.begin() }
        }
    }

    /// Bytes that have not reached its file yet. Those of the shared outlets are counted in `LogRouter`.
    var pendingBytes: Int { sink.file?.pendingBytes ?? 0 }

    /// What its file has not taken yet is lost, and said to be.
    func giveUp() { sink.file?.giveUp() }

    /// Whether much is read of its pipes at once from now on. Where the lines go somewhere else meanwhile, that takes what it takes.
    func expectFlood(_ isFlood: Bool) { sink.file?.expectsFlood = isFlood }

    /// Closes its file, if it has one; a later line opens it again. What is in memory stays.
    func close() { sink.file?.close() }

    /// Passes on what an attempt wrote. What the sink has no room for is kept in it all the same where the service waits for the sink,
    /// and `isKept` says so; else it is dropped.
    func write(
        _ run: LineRun, from stream: LogStream, of attempt: LogAttempt, at time: WallTime, isKept: Bool = true
    ) {
        let run = hasLevels ? attempt.leveled(run, from: stream) : run
        let number = router.number(ofLast: run.bytes.count)
        if memoryLimit > 0 { keep(run, number, of: attempt, at: time, from: stream) }
        tap?.append(run, number, named: attempt.name, at: time, from: stream)
        if let awaited = traffic?.awaited, awaited.process == attempt.pid { look(for: awaited.pattern, in: run) }
        let isKept = isKept && overflow == .wait && flow?.isGivenUp == false
        switch sink {
        case .none: break
        case .file(let file): file.write(run, from: stream, isKept: isKept)
        case .standardError(let outlet):
            let dropped = outlet.write(
                run,
                label: LineLabel(
                    instance: attempt.instance, name: attempt.name, pid: attempt.pid, stream: stream, time: time),
                isKept: isKept)
            noteDropped(dropped)
        case .plugin(let queue): queue.add(run, attempt.entry(from: stream, at: time), isKept: isKept)
        case .journal(let outlet): noteDropped(attempt.send(run, from: stream, to: outlet, isKept: isKept))
        }
    }

    private func keep(
        _ run: LineRun, _ number: UInt64, of attempt: LogAttempt, at time: WallTime, from stream: LogStream
    ) {
        let traffic = noted
        if traffic.ring == nil { traffic.ring = LogRing(byteLimit: Int(memoryLimit)) }
        traffic.ring?.append(run, time: time, pid: attempt.pid, stream: stream, number: number)
    }
}

/// What comes with the lines of one instance.
private final class LogTraffic {
    /// The last of them.
    var ring: LogRing?
    /// Those that its sinks had no room for.
    let drops = DropCount()
    /// Where they go beside, as long as somebody follows them.
    var tap: LineTap?
    /// The line that is waited for of a process, and what is done when it has come.
    var awaited: (pattern: Glob, process: Int32, found: () -> Void)?
}
