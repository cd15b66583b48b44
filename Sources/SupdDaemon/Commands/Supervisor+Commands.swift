import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin

/// Commands of services: each a supervised process with a deadline of its own, its output in its service's log.
extension Supervisor {
    /// What commands after the stop of a service have that a drain had to kill: the drain's own time for it is over, and only its
    /// grace is left (`DrainMachine.grace`).
    static let timeAfterKill: Duration = .seconds(1)

    /// What a command without a limit has for its spawn alone.
    static let commandSpawnLimit: Duration = .seconds(90)

    /// Has `commands` wait for `beginNextCommand`. Answers the number of their run.
    func addCommands(
        _ commands: [CommandConfiguration], _ command: ServiceCommand, of instance: InstanceID, attempt: UInt64,
        errand: Errand?
    ) -> Int {
        let task = try? drain.register(
            "\(command.rawValue) of \(name(of: instance))", kind: .job, phase: .services, isOwn: true)
        let isLate = drain.gate != .open && errand == .afterStop && fleet[instance].killed
        return self.commands.add(
            CommandRun(
                instance: instance, attempt: attempt, command: command, errand: errand, commands: commands, task: task,
                deadline: isLate ? host.now.advanced(by: Self.timeAfterKill) : nil))
    }

    /// Begins the command of a run that is next, or ends the run where there is none; so it may be over when this returns.
    func beginNextCommand(_ number: Int) {
        guard let run = commands[number] else { return }
        guard run.place < run.commands.count, isAwaited(run) else { return endCommands(number, failure: nil) }
        let configuration = run.commands[run.place]
        let instance = run.instance
        // A command of a running tree belongs into its group, whatever the instance is called by now.
        let name = processes.startedName(of: instance)
        let service = definition(of: instance)
        let order = SpawnOrder(files: service.environmentFiles.map(\.path)) { [self] contents throws(SpawnFailure) in
            let machine = fleet[instance]
            let exit = machine.pid == nil && machine.lastExit?.attempt == run.attempt ? machine.lastExit : nil
            return try SpawnRequest(
                service: service, instance: name, command: configuration.words, run.command.rawValue,
                notices: try noticePath(of: instance, isMain: false),
                environment: CommandEnvironment(
                    mainProcess: machine.pid, exit: exit, rules: machine.settings.exitStatusRules,
                    killed: machine.killed),
                invocation: processes.invocation(of: instance, attempt: run.attempt), host: host, files: contents)
        }
        switch host.spawn(order) {
        case .ended(let result): commandSpawned(number, result)
        case .pending(let spawn):
            commands.pending(number, spawn)
            processes.pending.watch(spawn, .command(number))
            processes.hold(instance, attempt: run.attempt)
            let own = configuration.timeout ?? Self.commandSpawnLimit
            armDeadline(of: number, run, own)
        }
    }

    private func armDeadline(of number: Int, _ run: CommandRun, _ own: Duration?) {
        let deadlines = [own.map(host.now.advanced(by:)), run.deadline].compactMap { $0 }
        if let deadline = deadlines.min() { host.arm(TimerKind.command.token(number), at: deadline) }
    }

    /// The next command of a run has begun, or could not.
    func commandSpawned(_ number: Int, _ result: Result<SpawnedProcess, SpawnFailure>) {
        guard let run = commands[number], run.place < run.commands.count else { return }
        let wasPending = run.spawn != nil
        commands.back(number)
        host.disarm(TimerKind.command.token(number))
        let configuration = run.commands[run.place]
        switch result {
        case .success(let process):
            attach(process, of: run)
            commands.begun(number, process)
            processes.add(process.handle, of: .command(number))
            if wasPending, run.isOverdue || run.isDropped { return killCommand(number) }
            armDeadline(of: number, run, configuration.timeout)
        case .failure(let failure):
            if !run.isDropped {
                log.write(
                    .warning, "\(name(of: run.instance)): \(run.command.rawValue) could not be started: \(failure)",
                    about: name(of: run.instance), kind: .startFailed)
            }
            if configuration.ignoresFailure, !failure.isWantOfResources {
                commands.skip(number)
                beginNextCommand(number)
            } else {
                endCommands(number, failure: .spawnFailed(failure))
            }
            // Its child was part of the tree, which may be empty now.
            if wasPending { processes.examineIfReaped(run.instance) }
        }
    }

    private func attach(_ process: SpawnedProcess, of run: CommandRun) {
        let instance = run.instance
        let name = processes.startedName(of: instance)
        processes.hold(instance, attempt: run.attempt)
        logs.attach(
            commandOf: instance, name: name, attempt: run.attempt, process: process,
            configuration: definition(of: instance).log(of: name), queue: logQueue(of: instance))
        log.write(.debug, "\(name): \(run.command.rawValue) begins, pid \(process.pid)", about: name)
    }

    /// Whether anybody still waits for what the run does.
    private func isAwaited(_ run: CommandRun) -> Bool {
        guard !run.isDropped else { return false }
        let machine = fleet[run.instance]
        guard let errand = run.errand else { return machine.attempt == run.attempt && machine.phase == .running }
        return machine.awaits(errand, of: run.attempt)
    }

    /// A command's time is over.
    func killCommand(_ number: Int) {
        guard let run = commands[number] else { return }
        commands.setOverdue(number)
        if let spawn = run.spawn { host.takeBack(spawn) }
        guard let current = run.current else { return }
        // Its own group alone: what it has left elsewhere belongs to the service's tree, and goes with that.
        host.signalGroup(current.process.handle, of: ProcessTree(leader: current.process.pid, invocation: ""), .kill)
    }

    /// Nobody waits for the errand of an attempt any more. What runs of it is part of the tree, and goes with that; under kill
    /// mode `process`, which leaves the tree alone, it gets the time of a stop to end.
    func dropErrand(of instance: InstanceID, attempt: UInt64) {
        endEmptyTreeWait(of: instance)
        for number in commands.numbers(of: instance) {
            guard let run = commands[number], run.errand != nil, run.attempt == attempt else { continue }
            drop(run, number)
        }
    }

    /// The service is on its way out: a reload that runs goes with it.
    func dropReload(of instance: InstanceID) {
        if let number = commands.reload(of: instance), let run = commands[number] { drop(run, number) }
    }

    private func drop(_ run: CommandRun, _ number: Int) {
        commands.drop(number)
        // No program of it runs that could do anything about a signal.
        if let spawn = run.spawn { host.takeBack(spawn) }
        let settings = fleet[run.instance].settings
        guard settings.killMode == .process, let current = run.current else { return }
        let group = ProcessTree(leader: current.process.pid, invocation: "")
        host.signalGroup(current.process.handle, of: group, .term)
        host.signalGroup(current.process.handle, of: group, .cont)
        let grace = settings.stopSteps.reduce(Duration.zero) { $0 + $1.wait }
        host.arm(TimerKind.command.token(number), at: host.now.advanced(by: grace))
    }

    /// There is no time any more for what nobody waits for.
    func killDroppedCommands() {
        for number in commands.dropped { killCommand(number) }
    }

    /// A command has ended and is reaped.
    func endCommand(_ number: Int, _ outcome: ExitOutcome) {
        guard let run = commands[number], let current = run.current else { return }
        host.disarm(TimerKind.command.token(number))
        logs.finish(commandOf: current.process)
        commands.ended(number)
        let configuration = run.commands[run.place]
        let isSuccess = outcome == .exited(code: 0) && !current.isOverdue
        if !isSuccess, !run.isDropped {
            let limit = current.isOverdue ? configuration.timeout.map { ", it ran for longer than \($0.text)" } : nil
            let ignored = configuration.ignoresFailure ? ", which is ignored" : ""
            let words = logs.lastWords(of: run.instance, process: current.process.pid)
            if !configuration.ignoresFailure {
                commands.setLastWords(words, of: run.instance, attempt: run.attempt)
            }
            let said = words.map { ", last said \"\($0)\"" } ?? ""
            tell(run, "ended: \(outcome)\(limit ?? "")\(ignored)\(said)")
        }
        if isSuccess || configuration.ignoresFailure {
            beginNextCommand(number)
        } else {
            endCommands(number, failure: outcome)
        }
        // It was part of the tree, which may be empty now.
        processes.examineIfReaped(run.instance)
    }

    private func endCommands(_ number: Int, failure: ExitOutcome?) {
        guard let run = commands[number] else { return }
        commands.remove(number)
        if let task = run.task { drain.complete(task) }
        noteChange()
        if let errand = run.errand {
            commandsEnded(errand, of: run.instance, attempt: run.attempt, failure: failure)
        } else {
            let isCut = run.place < run.commands.count
            reloadEnded(
                .commands(number), of: run.instance,
                problem: failure.map { "\($0)" } ?? (isCut ? "the service went down before it was done" : nil))
        }
    }

    private func tell(_ run: CommandRun, _ what: String) {
        let name = name(of: run.instance)
        let program = run.commands[min(run.place, run.commands.count - 1)].words.first ?? ""
        log.write(.warning, "\(name): \(run.command.rawValue) \(program) \(what)", about: name, kind: .commandFailed)
    }
}
