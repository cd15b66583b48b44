import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin

/// Commands of services: each a supervised process with a deadline of its own, its output in its service's log.
final class CommandRunner {
    /// What commands after the stop of a service have that a drain had to kill: the drain's own time for it is over, and only its
    /// grace is left (`DrainMachine.grace`).
    private static let timeAfterKill: Duration = .seconds(1)
    /// What a command without a limit has for its spawn alone.
    private static let spawnLimit: Duration = .seconds(90)

    private unowned let seam: any CommandSeam
    private let host: any Host
    private let log: DaemonLog
    private var runs = CommandRuns()
    /// What commands are run for.
    let errands: ErrandRunner

    /// None yet.
    init(_ seam: any CommandSeam) {
        self.seam = seam
        host = seam.host
        log = seam.log
        errands = ErrandRunner(seam)
    }

    // MARK: What is asked of it

    /// A run; nil of one that is over.
    subscript(number: Int) -> CommandRun? { runs[number] }

    /// The run of a reload of `instance`.
    func reload(of instance: InstanceID) -> Int? { runs.reload(of: instance) }

    /// The processes of `instance` that are commands.
    func processes(of instance: InstanceID) -> [Int32] { runs.processes(of: instance) }

    /// What the command of this attempt said last that failed. Its pipe may be read only after its end: where somebody else has the
    /// pipe as well, as a child has on its way to its program, nobody waits for that.
    func lastWords(of instance: InstanceID, attempt: UInt64) -> String? {
        runs.failure(of: instance, attempt: attempt).flatMap {
            $0.words ?? seam.logs.lastWords(of: instance, process: $0.pid)
        }
    }

    /// Whether something is under way that is about an instance.
    func isBusy(with instance: InstanceID) -> Bool {
        !runs.numbers(of: instance).isEmpty || errands.awaitsEmptyTree(instance)
    }

    /// Those that anything is known of. For audits.
    var instances: [InstanceID] { runs.instances + errands.instances }

    /// The instance is gone for good.
    func forget(_ instance: InstanceID) { runs.forget(instance) }

    // MARK: Runs

    /// Has `commands` wait for `beginNext`. Answers the number of their run.
    func add(
        _ commands: [CommandConfiguration], _ command: ServiceCommand, of instance: InstanceID, attempt: UInt64,
        errand: Errand?
    ) -> Int {
        let name = seam.name(of: instance)
        let task = try? seam.drain.tasks.register(
            TaskTitle("\(command.rawValue) of", of: name), kind: .job, phase: .services, isOwn: true)
        // One that was killed as its own time to stop was over has not used up that of the drain.
        let isLate = errand == .afterStop && seam.fleet[instance].killed && seam.drain.servicesAreOutOfTime
        return runs.add(
            CommandRun(
                instance: instance, attempt: attempt, command: command, errand: errand, commands: commands, task: task,
                deadline: isLate ? host.now.advanced(by: Self.timeAfterKill) : nil))
    }

    /// Begins the command of a run that is next, or ends the run where there is none; so it may be over when this returns.
    func beginNext(_ number: Int) {
        guard let run = runs[number] else { return }
        guard run.place < run.commands.count, isAwaited(run) else { return end(number, failure: nil) }
        let configuration = run.commands[run.place]
        let instance = run.instance
        // A command of a running tree belongs into its group, whatever the instance is called by now.
        let name = seam.processes.startedName(of: instance)
        let definition = seam.definition(of: instance)
        let stopOverran = runs.stopOverran(of: instance, attempt: run.attempt)
        if definition.conduct.log.sink == .inherit { seam.logs.router.daemonLog.handOver() }
        let order = SpawnOrder(files: definition.conduct.environmentFiles.map(\.path)) {
            [seam] contents throws(SpawnFailure) in
            let machine = seam.fleet[instance]
            let exit = machine.pid == nil && machine.lastExit?.attempt == run.attempt ? machine.lastExit : nil
            return try SpawnRequest(
                service: definition.configuration, instance: name, command: configuration.words,
                run.command.rawValue,
                notices: try seam.notices.path(of: instance, isMain: false),
                environment: CommandEnvironment(
                    mainProcess: machine.pid, exit: exit, rules: machine.settings.exitStatusRules,
                    killed: machine.killed, stopOverran: stopOverran),
                invocation: seam.processes.invocation(of: instance, attempt: run.attempt), host: seam.host,
                files: contents)
        }
        switch host.spawn(order) {
        case .ended(let result): spawned(number, result)
        case .pending(let spawn):
            runs.pending(number, spawn)
            seam.processes.pending.watch(spawn, .command(number))
            seam.processes.hold(instance, attempt: run.attempt)
            let own = configuration.timeout ?? Self.spawnLimit
            armDeadline(of: number, run, own)
        }
    }

    private func armDeadline(of number: Int, _ run: CommandRun, _ own: Duration?) {
        let deadlines = [own.map(host.now.advanced(by:)), run.deadline].compactMap { $0 }
        if let deadline = deadlines.min() { host.arm(TimerKind.command.token(number), at: deadline) }
    }

    /// The next command of a run has begun, or could not.
    func spawned(_ number: Int, _ result: Result<SpawnedProcess, SpawnFailure>) {
        guard let run = runs[number], run.place < run.commands.count else { return }
        let wasPending = run.spawn != nil
        runs.back(number)
        host.disarm(TimerKind.command.token(number))
        let configuration = run.commands[run.place]
        switch result {
        case .success(let process):
            attach(process, of: run)
            runs.begun(number, process)
            seam.processes.add(process.handle, of: .command(number))
            if wasPending, run.isOverdue || run.isDropped { return kill(number) }
            armDeadline(of: number, run, configuration.timeout)
        case .failure(let failure):
            if !run.isDropped {
                log.write(
                    .warning,
                    "\(seam.name(of: run.instance)): \(run.command.rawValue) could not be started: \(failure)",
                    about: seam.name(of: run.instance), kind: .startFailed)
            }
            if configuration.ignoresFailure, !failure.isWantOfResources {
                runs.skip(number)
                beginNext(number)
            } else {
                end(number, failure: .spawnFailed(failure), isOverdue: run.isOverdue)
            }
            // Its child was part of the tree, which may be empty now.
            if wasPending { seam.processes.examineIfReaped(run.instance) }
        }
    }

    private func attach(_ process: SpawnedProcess, of run: CommandRun) {
        let instance = run.instance
        let name = seam.processes.startedName(of: instance)
        seam.processes.hold(instance, attempt: run.attempt)
        seam.logs.attach(
            commandOf: instance, name: name, attempt: run.attempt, process: process,
            configuration: seam.definition(of: instance).log(of: name), queue: seam.logQueue(of: instance)
        )
        log.write(.debug, "\(name): \(run.command.rawValue) begins, pid \(process.pid)", about: name)
    }

    /// Whether anybody still waits for what the run does.
    private func isAwaited(_ run: CommandRun) -> Bool {
        guard !run.isDropped else { return false }
        let machine = seam.fleet[run.instance]
        guard let errand = run.errand else { return machine.attempt == run.attempt && machine.phase == .running }
        return machine.awaits(errand, of: run.attempt)
    }

    /// A command's time is over.
    func kill(_ number: Int) {
        guard let run = runs[number] else { return }
        runs.setOverdue(number, isCutShort: run.deadline.map { $0 <= host.now } ?? false)
        if let spawn = run.spawn { host.takeBack(spawn) }
        guard let current = run.current else { return }
        // Its own group alone: what it has left elsewhere belongs to the service's tree, and goes with that.
        host.signalGroup(current.process.handle, of: ProcessTree(leader: current.process.pid, invocation: ""), .kill)
    }

    /// Nobody waits for the errand of an attempt any more. What runs of it is part of the tree, and goes with that; under kill
    /// mode `process`, which leaves the tree alone, it gets the time of a stop to end.
    func dropErrand(of instance: InstanceID, attempt: UInt64) {
        errands.endWait(of: instance)
        for number in runs.numbers(of: instance) {
            guard let run = runs[number], run.errand != nil, run.attempt == attempt else { continue }
            drop(run, number)
        }
    }

    /// The service is on its way out: a reload that runs goes with it.
    func dropReload(of instance: InstanceID) {
        if let number = runs.reload(of: instance), let run = runs[number] { drop(run, number) }
    }

    private func drop(_ run: CommandRun, _ number: Int) {
        runs.drop(number)
        // No program of it runs that could do anything about a signal.
        if let spawn = run.spawn { host.takeBack(spawn) }
        let settings = seam.fleet[run.instance].settings
        guard settings.killMode == .process, let current = run.current else { return }
        let group = ProcessTree(leader: current.process.pid, invocation: "")
        host.signalGroup(current.process.handle, of: group, .term)
        host.signalGroup(current.process.handle, of: group, .cont)
        let grace = settings.stopSteps.reduce(Duration.zero) { $0 + $1.wait }
        host.arm(TimerKind.command.token(number), at: host.now.advanced(by: grace))
    }

    /// There is no time any more for what nobody waits for.
    func killDropped() {
        for number in runs.dropped { kill(number) }
    }

    /// A command has ended and is reaped.
    func ended(_ number: Int, _ outcome: ExitOutcome) {
        guard let run = runs[number], let current = run.current else { return }
        host.disarm(TimerKind.command.token(number))
        seam.logs.finish(commandOf: current.process)
        runs.ended(number)
        let configuration = run.commands[run.place]
        let isSuccess = outcome == .exited(code: 0) && !current.isOverdue
        if !isSuccess, !run.isDropped {
            let limit: String? =
                if current.isCutShort {
                    ", the shutdown had no more time for it"
                } else if current.isOverdue {
                    configuration.timeout.map { ", it ran for longer than \($0.text)" }
                } else {
                    nil
                }
            let ignored = configuration.ignoresFailure ? ", which is ignored" : ""
            let words = seam.logs.lastWords(of: run.instance, process: current.process.pid)
            if !configuration.ignoresFailure {
                runs.failed(
                    FailedCommand(attempt: run.attempt, pid: current.process.pid, words: words), of: run.instance)
            }
            let said = words.map { ", last said \"\($0)\"" } ?? ""
            tell(run, "ended: \(outcome)\(limit ?? "")\(ignored)\(said)")
        }
        if isSuccess || configuration.ignoresFailure {
            beginNext(number)
        } else {
            end(number, failure: outcome, isOverdue: current.isOverdue)
        }
        // It was part of the tree, which may be empty now.
        seam.processes.examineIfReaped(run.instance)
    }

    private func end(_ number: Int, failure: ExitOutcome?, isOverdue: Bool = false) {
        guard let run = runs[number] else { return }
        runs.remove(number)
        if let task = run.task { seam.drain.tasks.complete(task) }
        seam.noteChange()
        if isOverdue, run.command == .stop { runs.setStopOverran(of: run.instance, attempt: run.attempt) }
        if let errand = run.errand {
            errands.commandsEnded(
                errand, of: run.instance, attempt: run.attempt, failure: failure, isOverdue: isOverdue)
        } else {
            let isCut = run.place < run.commands.count
            seam.reloadEnded(
                .commands(number), of: run.instance,
                problem: failure.map { (isOverdue ? "\(ForcedEnd.commandTimeout.clause), " : "") + "\($0)" }
                    ?? (isCut ? "the service went down before it was done" : nil))
        }
    }

    private func tell(_ run: CommandRun, _ what: String) {
        let name = seam.name(of: run.instance)
        let program = run.commands[min(run.place, run.commands.count - 1)].words.first ?? ""
        log.write(.warning, "\(name): \(run.command.rawValue) \(program) \(what)", about: name, kind: .commandFailed)
    }
}
