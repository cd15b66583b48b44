import SupdConfiguration
import SupdHost
import SupdPlugin

/// Programs of plugins: started, read, ended, and their ends told.
///
/// They are main processes to the host as services are, so its reaping of orphans leaves their status alone.
extension Supervisor {
    /// How many reads follow the end of a program: what it had written fits into its pipe, and what it left behind may go
    /// on writing for ever.
    private static let lastReads = 16

    func beginProgram(_ request: ProgramRequest) {
        guard !request.ticket.isCancelled else { return request.answer(.failure(CancellationError())) }
        guard !plugins.programs.isFull else {
            let refusal = ProcessRefusal("\(PluginPrograms.limit) programs of plugins run already")
            return request.answer(.failure(refusal))
        }
        let number = plugins.programs.nextNumber()
        // As of a service: the next daemon finds by it what this one leaves behind where it is killed.
        let invocation =
            "\(host.invocationPrefix).\(host.ownPID).\(startedWall.nanoseconds).\(number).plugin \(request.plugin)"
        switch host.spawn(SpawnOrder(SpawnRequest(request.command, invocation: invocation))) {
        case .ended(let result): begun(request, number, invocation, result)
        case .pending(let spawn):
            plugins.programs.pending[number] = PluginPrograms.Pending(
                request: request, invocation: invocation, spawn: spawn)
            watchPending(spawn, .program(number))
        }
    }

    /// A program whose spawn was pending has begun, or could not.
    func programSpawned(_ number: Int, _ result: Result<SpawnedProcess, SpawnFailure>) {
        guard let pending = plugins.programs.pending.removeValue(forKey: number) else { return }
        if pending.isCancelled, case .failure = result { return pending.request.answer(.failure(CancellationError())) }
        begun(pending.request, number, pending.invocation, result)
        if pending.isCancelled { cancelProgram(pending.request.ticket) }
    }

    private func begun(
        _ request: ProgramRequest, _ number: Int, _ invocation: String, _ result: Result<SpawnedProcess, SpawnFailure>
    ) {
        switch result {
        case .success(let process):
            let command = PluginPrograms.Program(request, process, invocation: invocation)
            plugins.programs.add(command, number)
            processes.add(process.handle, of: .program(number))
            for channel in command.channels { host.watch(channel, readable: true, writable: false) }
            log.debug(
                "plugin '\(request.plugin)' runs \(request.command.words.first ?? ""), pid \(process.pid)")
        case .failure(let failure): request.answer(.failure(failure))
        }
    }

    /// The task that waits for a program is cancelled; nothing where the program has ended.
    func cancelProgram(_ ticket: ProgramRequest.Ticket) {
        for (number, pending) in plugins.programs.pending where pending.request.ticket === ticket {
            plugins.programs.pending[number]?.isCancelled = true
            host.takeBack(pending.spawn)
        }
        guard let number = plugins.programs.number(of: ticket), let command = plugins.programs.running[number],
            !command.isCancelled
        else { return }
        plugins.programs.running[number]?.isCancelled = true
        host.signalGroup(command.process.handle, of: command.tree, .term)
        // One that is stopped does not hear it (signal(7)).
        host.signalGroup(command.process.handle, of: command.tree, .cont)
        let grace = max(command.request.command.grace, .zero)
        host.arm(TimerKind.program.token(number), at: host.now.advanced(by: grace))
    }

    /// A cancelled program's grace is over.
    func killProgram(_ number: Int) {
        guard let command = plugins.programs.running[number] else { return }
        host.signalTree(command.tree, .kill)
    }

    /// The daemon ends: nothing waits for these any more.
    func killPrograms() {
        for pending in plugins.programs.pending.values { host.takeBack(pending.spawn) }
        for number in plugins.programs.running.keys.sorted() { killProgram(number) }
    }

    /// A program has ended: its end is told, and what it had still to say before it.
    func endProgram(_ number: Int, _ ending: ExitOutcome) {
        for channel in plugins.programs.running[number]?.channels ?? [] {
            for _ in 0..<Self.lastReads where !readProgram(channel) { break }
            close(channel)
        }
        guard let command = plugins.programs.remove(number) else { return }
        host.disarm(TimerKind.program.token(number))
        if command.isCancelled {
            host.signalTree(command.tree, .kill)
            return command.request.answer(.failure(CancellationError()))
        }
        command.request.answer(
            .success(
                ProcessOutcome(
                    ending: ending, output: command.output.text, errorOutput: command.errorOutput.text)))
    }

    /// Reads what a program has written. False where there is no more.
    @discardableResult
    func readProgram(_ channel: Channel) -> Bool {
        guard let number = plugins.programs.number(of: channel) else { return false }
        return withUnsafeTemporaryAllocation(byteCount: 16 * 1024, alignment: 1) { buffer in
            switch host.read(channel, into: buffer) {
            case .bytes(let count):
                if channel == plugins.programs.running[number]?.process.output {
                    plugins.programs.running[number]?.output.add(buffer[..<count])
                } else {
                    plugins.programs.running[number]?.errorOutput.add(buffer[..<count])
                }
                return true
            case .wouldBlock: return false
            case .end, .failed:
                // Its end is told by its process; what it says is only for people.
                close(channel)
                return false
            }
        }
    }

    private func close(_ channel: Channel) {
        guard plugins.programs.isOutput(channel) else { return }
        plugins.programs.forget(channel)
        host.close(channel)
    }
}

extension SpawnRequest {
    /// The start of a plugin's program.
    init(_ command: ProcessCommand, invocation: String) {
        var environment = ProcessEnvironment(["PATH": standardPath])
        for (name, value) in command.environment { environment[name] = value }
        environment[invocationVariable] = invocation
        let program = command.words.first ?? ""
        self.init(
            candidates: SupdConfiguration.candidates(program: program, path: environment["PATH"] ?? standardPath),
            arguments: command.words, environment: environment.strings)
        if !program.utf8.contains(UInt8(ascii: "/")) { nameWhereAbsent = "'\(program)', which is in no folder of PATH" }
        output = .pipe
        errorOutput = .pipe
    }
}
