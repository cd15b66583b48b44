public import SupdHost
public import SupdPlugin

/// A host without a machine: virtual time, scripted processes, clients in memory, and any call can be made to fail.
///
/// Nothing of it waits: `wait` moves the clock to whatever comes next. When nothing is left to come it asks `whenIdle`,
/// which may bring something about; where that does not, the host sends SIGTERM, so that a run always ends. The same
/// seed and script give the same run.
public final class SimulatedHost: Host {
    /// A call that can be made to fail.
    public enum Call: String, Hashable, Sendable, CaseIterable {
        /// A program is started.
        case spawn
        /// A client is let in.
        case accept
        /// A pipe or a socket is read.
        case read
        /// A pipe, a socket or a file is written.
        case write
        /// Lines are appended to a log file.
        case appendToLog
        /// A file of state is written.
        case replaceFile
        /// A file is read.
        case readFile
        /// The service manager is told.
        case notify
        /// The journal is told.
        case journal
    }

    /// What a program does that `request` starts; or why it cannot be started.
    public var program: (SpawnRequest) -> Result<ProcessScript, SpawnFailure> = { _ in .success(ProcessScript()) }
    /// The error that a call fails with, or nil; the number counts the calls of all kinds from 1.
    public var failure: (Call, Int) -> ErrorNumber? = { _, _ in nil }
    /// How much time seems to have passed, for what bounds its work in a turn, at each of its looks at the clock.
    public var timePerLook: Duration = .zero
    /// What two readings of the wall clock may differ by without any time between them.
    public var wallJitter: Duration = .zero
    /// What work off the loop does, by its name: a hook `web: drain-lb`, a job.
    public var work: (String) -> WorkScript = { _ in .ends() }
    /// How long work beside the loop takes, the reading of a configuration.
    public var asideTime = Duration.milliseconds(1)
    /// Told of each work that begins, with what it would run.
    package var onWork: (String, @escaping @Sendable () async throws -> Void) -> Void = { _, _ in }
    /// Asked when nothing is left to happen.
    public var whenIdle: (SimulatedHost) -> Void = { _ in }
    /// Told of each turn before its events are handed over.
    public var onTurn: (SimulatedHost) -> Void = { _ in }

    /// Virtual time.
    public private(set) var now = MonotonicInstant(nanoseconds: 1_000_000_000)
    /// What the daemon told the service manager.
    public private(set) var notifications: [String] = []
    /// The sockets that the service manager hands over.
    package var handedOver: [HandedOverSocket] = []
    /// How many descriptors the service manager keeps for the next daemon, and what it was sent of them.
    package var storedDescriptors = 0
    package var storedAbove: [BoundSocket] = []
    /// What was listened on, and is by nobody any more.
    package var ended: [BoundSocket] = []
    /// The sockets that were closed.
    package internal(set) var unbound: [BoundSocket] = []
    /// How often the service manager wants to hear of the daemon.
    public var watchdogInterval: Duration?
    /// What was written to standard error.
    public internal(set) var errorOutput: [UInt8] = []
    /// Files by path.
    public private(set) var files = [String: [UInt8]]()
    /// How many calls that can fail were made.
    public private(set) var calls = 0
    /// What the simulation saw that must never be, as sentences.
    public private(set) var violations: [String] = []
    /// How many programs were started.
    public internal(set) var spawnCount = 0
    /// The daemon's environment.
    public var variables = [String: String]()
    /// Whether looks at trees fail: as where there is no descriptor for them.
    public var isBlind = false
    /// Processes of which it cannot be seen whose they are.
    public var hiding: Set<Int32> = []
    var isToLookAgain = false
    /// How many looks at trees were made.
    public internal(set) var looks = 0
    /// Changes of trees' settings.
    package var treeSettings = SimulatedTreeSettings()
    /// How long it takes to write a file whole.
    package var writingTime = Duration.zero
    /// How the process is to end where its loop does not end it.
    package private(set) var enforcedEnd: EnforcedEnd?
    /// What has become of the control socket; asked for once more whenever it is set.
    package var controlSocketState = ControlSocketState() { didSet { pending.append(.controlSocketDisturbed) } }
    /// When it was asked for.
    public internal(set) var mendings: [MonotonicInstant] = []
    /// Whether the control socket was given back.
    public private(set) var isReleased = false

    var processes = [Int32: SimulatedProcess]()
    var hung = [SpawnID: HungSpawn]()
    var streams = [Int32: SimulatedStream]()
    /// What the programs of clients call themselves; nil where that cannot be told.
    package var clientCommand: String?
    var waitingClients: [(channel: Channel, peer: PeerCredentials)] = []
    private var timers = [TimerToken: MonotonicInstant]()
    private var agenda: [(at: MonotonicInstant, order: Int, action: (SimulatedHost) -> Void)] = []
    var pending: [HostEvent] = []
    var works = [WorkID: WorkScript]()
    var pidOfHandle = [UInt64: Int32]()
    private var nextPID: Int32 = 1000
    var nextDescriptor: Int32 = 100
    /// What was said through each notification socket and is not taken yet.
    var notices = [NoticeSocket: [ReceivedNotice]]()
    private var nextOrder = 0
    private var clockLooks = 0
    private var wallReadings = 0
    var adoptedEnded = 0
    var nextSpawn: UInt64 = 0
    /// `wait` is to return, also where it has nothing to tell.
    var returnsToOwner = false
    private var generator: SplitMix
    private let listener = Channel(descriptor: 3, generation: 0)
    /// Where standard error goes.
    package let standardError = Channel(descriptor: 2, generation: 0)

    /// A host whose chances follow from `seed`.
    public init(seed: UInt64) {
        generator = SplitMix(seed: seed)
    }

    /// The simulated daemon's process id.
    package var ownPID: Int32 { 1 }
    /// A constant.
    package func ownMemory() -> (resident: Int, proportional: Int) { (1, 1) }
    /// Nothing to give back.
    package func giveBackMemory() {}
    /// Wall time runs along with virtual time; where it is to jitter, by as much forth and back.
    package func wallClock() -> WallTime {
        wallReadings += 1
        let jitter = wallReadings.isMultiple(of: 2) ? wallJitter.clampedNanoseconds : 0
        return WallTime(nanoseconds: 1_700_000_000_000_000_000 + now.nanoseconds + jitter)
    }

    /// When the timers that are armed are due.
    public var armedTimers: [MonotonicInstant] { Array(timers.values) }
    /// What the timers that are armed are for.
    package var armedTokens: [TimerToken] { Array(timers.keys) }
    /// The next of the seed's numbers.
    package func random() -> Double { generator.fraction() }

    // MARK: The script

    /// Does `action` so long from now.
    public func after(_ delay: Duration, _ action: @escaping (SimulatedHost) -> Void) {
        nextOrder += 1
        agenda.append((now.advanced(by: delay), nextOrder, action))
    }

    /// Sends the daemon a signal.
    public func send(_ signal: Signal) { pending.append(.signal(signal)) }

    /// How many processes are alive, leftovers included.
    public var livingProcesses: Int { processes.values.reduce(0) { $0 + ($1.outcome == nil ? 1 : 0) } }

    /// Sends a signal to the main process of a service from outside, as somebody with kill(1) would.
    public func kill(service: String, _ signal: Signal) {
        for process in processes.values where process.service == service && process.handle != nil {
            deliver(signal, to: process.pid)
        }
    }

    // MARK: The loop

    /// Moves the clock to what comes next and tells of it.
    package func wait(into events: inout [HostEvent]) {
        clockLooks = 0
        returnsToOwner = false
        onTurn(self)
        var askedIdle = false
        while true {
            collect(into: &events)
            if !events.isEmpty || returnsToOwner { return }
            let next = min(timers.values.min() ?? .never, agenda.map(\.at).min() ?? .never)
            if next == .never {
                if askedIdle { pending.append(.signal(.term)) } else { whenIdle(self) }
                askedIdle = true
                continue
            }
            now = max(now, next)
            if let end = enforcedEnd, now >= end.deadline {
                violations.append("the daemon waits at \(now), after the end of its shutdown at \(end.deadline)")
                enforcedEnd = nil
            }
            runAgenda()
        }
    }

    private func runAgenda() {
        let due = agenda.filter { $0.at <= now }.sorted { ($0.at, $0.order) < ($1.at, $1.order) }
        agenda.removeAll { $0.at <= now }
        for entry in due { entry.action(self) }
    }

    private func collect(into events: inout [HostEvent]) {
        events += pending
        pending.removeAll()
        if adoptedEnded > 0 {
            events.append(.adoptedReaped(adoptedEnded))
            adoptedEnded = 0
        }
        let due = timers.filter { $0.value <= now }.sorted {
            ($0.value, $0.key.kind, $0.key.subject) < ($1.value, $1.key.kind, $1.key.subject)
        }
        for (token, _) in due {
            timers[token] = nil
            events.append(.timer(token))
        }
        if !waitingClients.isEmpty { events.append(.readable(listener)) }
        for (descriptor, stream) in streams.sorted(by: { $0.key < $1.key }) where !stream.isClosed {
            let channel = Channel(descriptor: descriptor, generation: 0)
            if stream.watchesReading, stream.isReadable {
                events.append(.readable(channel))
            } else if stream.isEnded, stream.tellsHangUp, !stream.watchesReading {
                streams[descriptor]?.tellsHangUp = false
                events.append(.hungUp(channel))
            }
            if stream.watchesWriting, stream.outgoing.count < stream.room { events.append(.writable(channel)) }
        }
    }

    /// Virtual time, and what looking at it in this turn has cost so far (`timePerLook`).
    package func readClock() -> MonotonicInstant {
        clockLooks += 1
        return now.advanced(by: timePerLook * clockLooks)
    }

    /// Sets a timer.
    package func arm(_ token: TimerToken, at deadline: MonotonicInstant) { timers[token] = deadline }
    /// Takes a timer back.
    package func disarm(_ token: TimerToken) { timers[token] = nil }
    /// Notes it. A daemon that still runs after that has broken a promise.
    package func enforce(_ end: EnforcedEnd?) { enforcedEnd = end }
    /// Nothing: no loop of a simulation is stuck.
    package func allowFirstOrder(_ limit: Duration) {}

    // MARK: Processes

    /// Starts what `program` says.
    package func spawn(_ order: SpawnOrder) -> SpawnAnswer {
        do throws(SpawnFailure) {
            let contents = order.files.map { ($0, readFile($0)) }
            let request = try order.request(Dictionary(contents) { first, _ in first })
            if let error = fails(.spawn) { throw SpawnFailure(stage: .clone, error: error, subject: "") }
            let script = try program(request).get()
            guard let delay = script.beginsAfter else { return .ended(.success(begin(script, request))) }
            return .pending(hang(script, request, delay))
        } catch {
            return .ended(.failure(error))
        }
    }

    func tell(_ event: HostEvent) { pending.append(event) }

    func begin(_ script: ProcessScript, _ request: SpawnRequest) -> SpawnedProcess {
        let service = request.variable("SUPD_INSTANCE") ?? ""
        var hash = MarkHash()
        hash.add(request.variable("SUPD_INVOCATION") ?? "")
        let mark = hash.mark
        // A command of a service may be started beside its program.
        let isAlone = request.group?.mayBePopulated != true
        if isAlone, processes.values.contains(where: { $0.service == service && $0.outcome == nil }) {
            violations.append("\(service) was started while a process of it was alive, at \(now)")
        }
        spawnCount += 1
        let pid = makeProcess(mark, service, script.obedience, handle: UInt64(spawnCount))
        pidOfHandle[UInt64(spawnCount)] = pid
        for leftover in script.leftovers { _ = makeProcess(mark, service, leftover, handle: nil) }
        let output = request.output == .pipe ? openStream() : nil
        if let life = script.runsFor, let output, !script.says.isEmpty {
            after(life) { $0.say(script, to: output) }
        }
        if let life = script.runsFor { after(life) { $0.end(pid, script.ends) } }
        let errorOutput = request.errorOutput == .pipe ? openStream() : nil
        return SpawnedProcess(
            handle: ProcessHandle(rawValue: UInt64(spawnCount)), pid: pid, output: output, errorOutput: errorOutput)
    }

    private func makeProcess(
        _ mark: TreeMark, _ service: String, _ obedience: ProcessScript.Obedience, handle: UInt64?
    ) -> Int32 {
        nextPID += 1
        processes[nextPID] = SimulatedProcess(
            pid: nextPID, mark: mark, service: service, obedience: obedience, handle: handle)
        return nextPID
    }

    private func end(_ pid: Int32, _ outcome: ExitOutcome) {
        guard let process = processes[pid], process.outcome == nil else { return }
        if let handle = process.handle {
            processes[pid]?.outcome = outcome
            pending.append(.exited(ProcessHandle(rawValue: handle)))
        } else {
            processes[pid] = nil
            adoptedEnded += 1
        }
    }

    private func deliver(_ signal: Signal, to pid: Int32) {
        guard let process = processes[pid], process.outcome == nil, !process.isEnding || signal == .kill else { return }
        guard signal != .cont, process.obedience != .unkillable else { return }
        if signal == .kill {
            processes[pid]?.isEnding = true
            after(.microseconds(50)) { $0.end(pid, .signaled(.kill, coreDumped: false)) }
            return
        }
        switch process.obedience {
        case .ends(let delay): after(delay) { $0.end(pid, .signaled(signal, coreDumped: false)) }
        case .exits(let delay): after(delay) { $0.end(pid, .exited(code: 0)) }
        case .ignores, .unkillable: return
        }
        processes[pid]?.isEnding = true
    }

    /// Collects an ended process.
    package func reap(_ process: ProcessHandle) -> ProcessStatus? {
        guard let pid = pidOfHandle[process.rawValue], let outcome = processes[pid]?.outcome else { return nil }
        processes[pid] = nil
        pidOfHandle[process.rawValue] = nil
        switch outcome {
        case .exited(let code): return .exited(code: code)
        case .signaled(let signal, let coreDumped): return .signaled(signal, coreDumped: coreDumped)
        case .outOfMemory: return .outOfMemory
        case .unknown: return .unknown
        case .spawnFailed: return .exited(code: 0)
        }
    }

    /// Sends a signal to a main process.
    package func signal(_ process: ProcessHandle, _ signal: Signal) -> Bool {
        guard let pid = pidOfHandle[process.rawValue] else {
            violations.append("\(signal) was sent to a process that is reaped, at \(now)")
            return false
        }
        deliver(signal, to: pid)
        return processes[pid]?.outcome == nil
    }

    /// The group of a simulated process is the process: leftovers are in sessions of their own.
    package func signalGroup(
        _ process: ProcessHandle, of tree: @autoclosure () -> ProcessTree, _ signal: Signal
    ) -> Bool {
        self.signal(process, signal)
    }

    /// There is no terminal, and so no job.
    package func continueJob(_ process: ProcessHandle, after stop: Signal?) {}

    /// Sends a signal to what is left of a tree.
    package func signalTree(_ tree: ProcessTree, _ signal: Signal) {
        for pid in members(of: tree) { deliver(signal, to: pid) }
    }

    /// Kills everything, but what is to be spared.
    package func killAllDescendants(sparing spared: [ProcessHandle], describing: Bool) -> KilledDescendants {
        let kept = Set(spared.compactMap { pidOfHandle[$0.rawValue] })
        let all = processes.values.filter {
            $0.outcome == nil && $0.obedience != .unkillable && !kept.contains($0.pid)
        }.map(\.pid).sorted()
        let found = describing ? details(of: all) : []
        for pid in all { deliver(.kill, to: pid) }
        return KilledDescendants(found)
    }

    // MARK: Bytes and files

    func fails(_ call: Call) -> ErrorNumber? {
        calls += 1
        return failure(call, calls)
    }

    /// Always to be had.
    package func claimControlSocket(path: String) -> Result<Channel, SocketClaimFailure> { .success(listener) }

    /// Nothing: its files are never removed.
    package func unwatchControlSocket() {}

    /// Nothing: its standard error always has room.
    package func takeLastWords() {}

    /// Accepts the client that came first.
    package func accept(_ listener: Channel) -> AcceptResult {
        guard !waitingClients.isEmpty else { return .none }
        let (channel, peer) = waitingClients.removeFirst()
        if let error = fails(.accept) { return .connectionToRefuse(channel, peer, error) }
        return .connection(channel, peer)
    }

    /// Notes that it was given back.
    package func releaseControlSocket(leavesNothing: Bool, by deadline: MonotonicInstant) { isReleased = true }

    /// A file in memory.
    package func logFile(_ settings: LogFileSettings) -> any LogFile { SimulatedLogFile(settings.path, host: self) }

    /// Writes a file in memory.
    package func replaceFile(path: String, contents: [UInt8], within bound: Duration) -> ErrorNumber? {
        if let error = fails(.replaceFile) { return error }
        guard writingTime <= bound else { return ErrorNumber(110) }
        files[path] = contents
        return nil
    }

    /// Appends to a file in memory; nil where that was done.
    func appendToLog(_ path: String, _ bytes: [UInt8]) -> ErrorNumber? {
        if let error = fails(.appendToLog) { return error }
        files[path, default: []] += bytes
        return nil
    }

    private func readFile(_ path: String) -> Result<[UInt8], FileProblem> {
        if let error = fails(.readFile) { return .failure(FileProblem(error)) }
        guard let contents = files[path] else { return .failure(FileProblem(ErrorNumber(2))) }
        return contents.count <= WholeFile.limit ? .success(contents) : .failure(FileProblem(ErrorNumber(27)))
    }

    /// That of `variables`.
    package var environment: [[UInt8]] {
        variables.sorted { $0.key < $1.key }.map { Array("\($0.key)=\($0.value)".utf8) }
    }

    /// There is always one.
    package var hasServiceManager: Bool { true }
    /// There is none.
    package var hasJournal: Bool { false }

    /// Keeps what was told.
    package func notify(_ state: String) -> Bool {
        if fails(.notify) != nil { return false }
        notifications.append(state)
        return true
    }

    /// Takes an entry.
    package func journal(message: UnsafeRawBufferPointer, fields: [JournalField]) -> WriteResult {
        if let error = fails(.journal) { return .failed(error) }
        return .wrote(message.count)
    }
}

extension MonotonicInstant {
    fileprivate static let never = MonotonicInstant(nanoseconds: .max)
}
