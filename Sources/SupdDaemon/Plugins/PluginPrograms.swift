import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import Synchronization

/// A program that a part of a plugin wants to be run.
struct ProgramRequest: Sendable {
    /// Which request it is, and whether the task that waits for it is cancelled, or has its answer.
    final class Ticket: Sendable {
        private let state = Atomic(false)
        private let answered = Atomic(false)

        /// May be asked and told from any thread.
        var isCancelled: Bool { state.load(ordering: .acquiring) }
        func cancel() { state.store(true, ordering: .releasing) }
        /// Whether it had its answer before: there is one.
        fileprivate func takeAnswer() -> Bool { answered.exchange(true, ordering: .acquiringAndReleasing) }
    }

    var plugin: String
    /// The work that it is a part of.
    var work: WorkID
    var command: ProcessCommand
    var ticket: Ticket
    private let tell: @Sendable (Result<ProcessOutcome, any Error>) -> Void

    init(
        plugin: String, work: WorkID, command: ProcessCommand, ticket: Ticket,
        answer: @escaping @Sendable (Result<ProcessOutcome, any Error>) -> Void
    ) {
        self.plugin = plugin
        self.work = work
        self.command = command
        self.ticket = ticket
        tell = answer
    }

    /// Tells the task that waits. Nothing where that was told before.
    func answer(_ result: Result<ProcessOutcome, any Error>) {
        if !ticket.takeAnswer() { tell(result) }
    }

    /// Nothing comes of it that the task is to wait for.
    func giveUp() { answer(.failure(CancellationError())) }
}

/// The last bytes of an output.
struct OutputTail {
    private let limit: Int
    private var bytes: [UInt8] = []

    init(limit: Int) {
        self.limit = min(max(limit, ProcessCommand.outputLimits.lowerBound), ProcessCommand.outputLimits.upperBound)
    }

    mutating func add(_ new: some Collection<UInt8>) {
        bytes += new.suffix(limit)
        // Twice the limit, so that not every addition moves all of it.
        if bytes.count > 2 * limit { bytes.removeFirst(bytes.count - limit) }
    }

    /// The text; a character that was cut becomes U+FFFD, as what is no UTF-8 does.
    var text: String { String(decoding: bytes.suffix(limit), as: UTF8.self) }
}

/// Programs of plugins: started, read, ended, and their ends told.
///
/// They are main processes to the host as services are, so its reaping of orphans leaves their status alone.
final class PluginPrograms {
    /// How many may run at a time, of all plugins.
    static let limit = 64

    /// One of them.
    private struct Program {
        let request: ProgramRequest
        let process: SpawnedProcess
        let tree: ProcessTree
        var output: OutputTail
        var errorOutput: OutputTail
        /// Its outputs that are open.
        var channels: [Channel]
        var isCancelled = false
        /// How it has ended, as long as that is not told: a read of its outputs is under way.
        var ending: ExitOutcome?

        init(_ request: ProgramRequest, _ process: SpawnedProcess, invocation: String) {
            self.request = request
            self.process = process
            tree = ProcessTree(leader: process.pid, invocation: invocation)
            output = OutputTail(limit: request.command.outputLimit)
            errorOutput = output
            channels = [process.output, process.errorOutput].compactMap { $0 }
        }
    }

    /// One whose spawn is not back.
    private struct Pending {
        let request: ProgramRequest
        let invocation: String
        let spawn: SpawnID
        var isCancelled = false
    }

    /// How many reads follow the end of a program: what it had written fits into its pipe, and what it left behind may go
    /// on writing for ever.
    private static let lastReads = 16
    /// For so long is such a read waited for.
    private static let lastReadLimit = Duration.seconds(1)

    private unowned let seam: any PluginSeam
    private let host: any Host
    /// Those that run, each until its main process is reaped and its end is told.
    private var running = [Int: Program]()
    /// Those whose spawns are not back.
    private var pending = [Int: Pending]()
    /// The trees of programs that have ended which are not proved empty.
    private var remains: [ProcessTree] = []
    private var last = 0

    /// None yet.
    init(_ seam: any PluginSeam) {
        self.seam = seam
        host = seam.host
    }

    /// What plugin a program is of.
    func plugin(of number: Int) -> String { (running[number]?.request ?? pending[number]?.request)?.plugin ?? "" }

    /// The main processes that run.
    var processes: [ProcessHandle] { running.values.filter { $0.ending == nil }.map(\.process.handle) }

    func begin(_ request: ProgramRequest) {
        guard !request.ticket.isCancelled else { return request.giveUp() }
        guard running.count + pending.count < Self.limit else {
            let refusal = ProcessRefusal("\(Self.limit) programs of plugins run already")
            return request.answer(.failure(refusal))
        }
        last += 1
        let number = last
        // As of a service: the next daemon finds by it what this one leaves behind where it is killed.
        let invocation = "\(seam.processes.markPrefix)\(number).plugin \(request.plugin)"
        switch host.spawn(SpawnOrder(SpawnRequest(request.command, invocation: invocation))) {
        case .ended(let result): begun(request, number, invocation, result)
        case .pending(let spawn):
            pending[number] = Pending(request: request, invocation: invocation, spawn: spawn)
            seam.processes.pending.watch(spawn, .program(number))
        }
    }

    /// A program whose spawn was pending has begun, or could not.
    func spawned(_ number: Int, _ result: Result<SpawnedProcess, SpawnFailure>) {
        guard let pending = self.pending.removeValue(forKey: number) else { return }
        if pending.isCancelled, case .failure = result { return pending.request.giveUp() }
        begun(pending.request, number, pending.invocation, result)
        if pending.isCancelled { cancel(pending.request.ticket) }
    }

    private func begun(
        _ request: ProgramRequest, _ number: Int, _ invocation: String, _ result: Result<SpawnedProcess, SpawnFailure>
    ) {
        switch result {
        case .success(let process):
            let command = Program(request, process, invocation: invocation)
            running[number] = command
            seam.processes.add(process.handle, of: .program(number))
            for channel in command.channels {
                seam.channels[channel] = .program(number)
                host.watch(channel, readable: true, writable: false)
            }
            seam.log.debug(
                "plugin '\(request.plugin)' runs \(request.command.words.first ?? ""), pid \(process.pid)")
        case .failure(let failure): request.answer(.failure(failure))
        }
    }

    /// The task that waits for a program is cancelled; nothing where the program has ended. What hangs in the kernel before its program
    /// holds up no drain; else it is waited for as any other, so that there are not ever more of its kind.
    func cancel(_ ticket: ProgramRequest.Ticket) {
        for (number, waiting) in pending where waiting.request.ticket === ticket {
            pending[number]?.isCancelled = true
            host.takeBack(waiting.spawn)
            if seam.drain.gate != .open { waiting.request.giveUp() }
        }
        guard let (number, command) = running.first(where: { $0.value.request.ticket === ticket }), !command.isCancelled
        else { return }
        running[number]?.isCancelled = true
        if command.ending != nil { return tellEnd(of: number) }
        host.signalGroup(command.process.handle, of: command.tree, .term)
        // One that is stopped does not hear it (signal(7)).
        host.signalGroup(command.process.handle, of: command.tree, .cont)
        let grace = max(command.request.command.grace, .zero)
        host.arm(TimerKind.program.token(number), at: host.now.advanced(by: grace))
    }

    /// A cancelled program's grace is over, or the last read of one that has ended is waited for no longer.
    func kill(_ number: Int) {
        guard let command = running[number] else { return }
        if command.ending != nil { return tellEnd(of: number) }
        host.signalTree(command.tree, .kill)
    }

    /// A drain has begun: nor does what was cancelled before, and hangs, hold it up.
    func beginDrain() {
        for waiting in pending.values where waiting.isCancelled { waiting.request.giveUp() }
    }

    /// Nothing waits for the work any more, or it has ended: neither does any task of it that was cancelled wait for its programs.
    func giveUp(of work: WorkID) {
        for request in pending.values.map(\.request) + running.values.map(\.request)
        where request.work == work && request.ticket.isCancelled {
            request.giveUp()
        }
    }

    /// The daemon ends: nothing waits for these any more.
    func killAll() {
        for waiting in pending.values {
            host.takeBack(waiting.spawn)
            waiting.request.giveUp()
        }
        for number in running.keys.sorted() {
            kill(number)
            running[number]?.request.giveUp()
        }
    }

    /// A program has ended: its end is told, and what it had still to say before it.
    func ended(_ number: Int, _ ending: ExitOutcome) {
        running[number]?.ending = ending
        if running[number]?.isCancelled == true { return tellEnd(of: number) }
        host.arm(TimerKind.program.token(number), at: host.now.advanced(by: Self.lastReadLimit))
        readOut(number)
    }

    private func readOut(_ number: Int) {
        for channel in running[number]?.channels ?? [] {
            for _ in 0..<Self.lastReads {
                let step = take(channel, of: number)
                // It is told as readable once it is back.
                if step == .underWay { return }
                if step == .nothing { break }
            }
            close(channel, of: number)
        }
        tellEnd(of: number)
    }

    private func tellEnd(of number: Int) {
        for channel in running[number]?.channels ?? [] { close(channel, of: number) }
        guard let command = running.removeValue(forKey: number), let ending = command.ending else { return }
        host.disarm(TimerKind.program.token(number))
        if !endsRemains(of: command.tree) { remains.append(command.tree) }
        if command.isCancelled { return command.request.giveUp() }
        command.request.answer(
            .success(
                ProcessOutcome(
                    ending: ending, output: command.output.text, errorOutput: command.errorOutput.text)))
    }

    /// What there may be left of programs that have ended is looked at again: an orphan has ended, or could not be looked at before.
    func endRemains() {
        if remains.isEmpty { return }
        remains.removeAll { endsRemains(of: $0) }
    }

    /// Kills what a program that has ended has left behind. True where it is proved that there is nothing.
    private func endsRemains(of tree: ProcessTree) -> Bool {
        let look = host.look(at: tree)
        if !look.members.isEmpty { host.signalTree(tree, .kill) }
        return look.isProvedGone
    }

    /// There is something to read of what a program has written.
    func read(_ channel: Channel, of number: Int) {
        if running[number]?.ending != nil { readOut(number) } else { _ = take(channel, of: number) }
    }

    /// What comes of a read.
    private enum ReadStep {
        case some, nothing, underWay
    }

    private func take(_ channel: Channel, of number: Int) -> ReadStep {
        withUnsafeTemporaryAllocation(byteCount: 16 * 1024, alignment: 1) { buffer in
            switch host.read(channel, into: buffer) {
            case .bytes(let count):
                if channel == running[number]?.process.output {
                    running[number]?.output.add(buffer[..<count])
                } else {
                    running[number]?.errorOutput.add(buffer[..<count])
                }
                return .some
            case .wouldBlock: return .nothing
            case .underWay: return .underWay
            case .end, .failed:
                // Its end is told by its process; what it says is only for people.
                close(channel, of: number)
                return .nothing
            }
        }
    }

    private func close(_ channel: Channel, of number: Int) {
        guard let place = running[number]?.channels.firstIndex(of: channel) else { return }
        running[number]?.channels.remove(at: place)
        seam.channels[channel] = nil
        host.close(channel)
    }
}

extension SpawnRequest {
    /// The start of a plugin's program.
    init(_ command: ProcessCommand, invocation: String) {
        var environment = ProcessEnvironment(["PATH": standardPath])
        for (name, value) in command.environment { environment[name] = value }
        environment[SuppliedVariable.invocation.rawValue] = invocation
        let program = command.words.first ?? ""
        self.init(
            candidates: SupdConfiguration.candidates(program: program, path: environment["PATH"] ?? standardPath),
            arguments: command.words, environment: environment.strings)
        if !program.utf8.contains(UInt8(ascii: "/")) { nameWhereAbsent = "'\(program)', which is in no folder of PATH" }
        output = .pipe
        errorOutput = .pipe
    }
}
