import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol

/// Programs begun, processes reaped, trees proved empty.
extension Supervisor {
    /// Starts what is in the queue, up to the bound of a turn.
    func spawnQueued() {
        // Once the daemon is on its way down nothing is begun: what had its turn before is dropped by its stop.
        guard drain.gate == .open else { return processes.clearQueue() }
        guard processes.hasQueued else { return }
        let end = host.readClock().advanced(by: ProtocolLimits.timePerTurn)
        let batch = processes.takeQueued(atMost: Self.spawnsPerTurn)
        for (place, (instance, attempt)) in batch.enumerated() {
            // The start before it may have taken the daemon down.
            guard drain.gate == .open else { return }
            guard fleet.contains(instance), fleet[instance].wantsSpawn(of: attempt) else { continue }
            spawn(instance, attempt: attempt)
            // Each may take a while on a machine that is busy, and others wait for this turn's end.
            guard host.readClock() < end else { return processes.putBack(batch[(place + 1)...]) }
        }
    }

    private func spawn(_ instance: InstanceID, attempt: UInt64) {
        // What runs of the attempt already, and this, are one tree, whatever the instance is called by now.
        let name = startedName(of: instance)
        let service = definition(of: instance)
        let order = SpawnOrder(files: service.environmentFiles.map(\.path)) { [self] contents throws(SpawnFailure) in
            var request = try SpawnRequest(
                service: service, instance: name, command: service.execStart, "exec_start",
                notices: try noticePath(of: instance, isMain: true),
                invocation: invocation(of: instance, attempt: attempt), host: host, files: contents)
            request.sockets = try passedSockets(of: instance) + storedDescriptors(of: instance)
            request.readyDescriptor = try openReadyDescriptor(of: instance)
            return request
        }
        switch host.spawn(order) {
        case .ended(let result): spawnEnded(of: instance, attempt: attempt, result)
        case .pending(let spawn):
            watchPending(spawn, .main(instance, attempt: attempt))
            // What a drain waits for.
            holdTree(of: instance, attempt: attempt)
            roster[instance].running?.spawn = spawn
            act { $0.handle(.spawnPending(attempt: attempt), of: instance, now: $1, random: $2, into: &$3) }
        }
    }

    /// Notes that there is something of an attempt whose main process is not begun, or never will be.
    func holdTree(of instance: InstanceID, attempt: UInt64) {
        guard roster[instance].running == nil else { return }
        let name = name(of: instance)
        roster[instance].running = RunningInstance(
            attempt: attempt, process: nil, pid: 0, isReaped: true, isUnnumbered: name.index == nil,
            task: registerInstance(name))
    }

    /// The program of an attempt has begun, or could not.
    func spawnEnded(of instance: InstanceID, attempt: UInt64, _ result: Result<SpawnedProcess, SpawnFailure>) {
        let name = startedName(of: instance)
        let service = definition(of: instance)
        roster[instance].running?.spawn = nil
        passedReadyDescriptor(of: instance)
        switch result {
        case .success(let process):
            roster[instance].running = RunningInstance(
                attempt: attempt, process: process.handle, pid: process.pid,
                // It may have been scaled while the spawn was not back.
                isUnnumbered: roster[instance].running?.isUnnumbered ?? (name.index == nil),
                task: roster[instance].running?.task ?? registerInstance(name))
            processes.add(process.handle, of: .main(instance))
            forgetNotices(of: instance, attempt: attempt)
            logs.attach(
                instance, name: name, attempt: attempt, process: process,
                configuration: logConfiguration(of: service, name),
                queue: roster.logQueue(of: fleet.service(of: instance)),
                task: registerPump(name, process: process))
            tellPipe(of: name, process, service.log)
            act {
                $0.handle(.spawned(attempt: attempt, pid: process.pid), of: instance, now: $1, random: $2, into: &$3)
            }
            plugins.probes.beginReadiness(of: instance)
            awaitReadiness(of: instance)
        case .failure(let failure):
            log.write(.warning, "\(name) could not be started: \(failure)", about: name, kind: .startFailed)
            act {
                $0.handle(.spawnFailed(attempt: attempt, failure), of: instance, now: $1, random: $2, into: &$3)
            }
        }
    }

    /// Who was to write to the journal itself and has a pipe came when that could not be reached.
    private func tellPipe(of name: InstanceName, _ process: SpawnedProcess, _ configuration: LogConfiguration) {
        guard configuration.sink == .journalDirect, process.output != nil || process.errorOutput != nil else { return }
        log.write(
            .warning,
            "\(name) has no stream of the journal's, which could not be reached: until its next start its lines go by way of supd",
            about: name, kind: .journalGone)
    }

    func logConfiguration(of service: ServiceConfiguration, _ name: InstanceName) -> LogConfiguration {
        var configuration = service.log
        // The loader has refused a file name that cannot be expanded.
        if let file = configuration.file { configuration.file = (try? expandSpecifiers(file, instance: name)) ?? file }
        return configuration
    }

    func registerInstance(_ name: InstanceName) -> TaskID? {
        try? drain.register("service \(name)", kind: .service, phase: .services)
    }

    private func registerPump(_ name: InstanceName, process: SpawnedProcess) -> TaskID? {
        guard process.output != nil || process.errorOutput != nil else { return nil }
        return try? drain.register("log \(name)", kind: .cleanup, phase: .flush)
    }

    /// Collects a main process that has ended. The fleet is told after the turn's other events, with its like.
    func reap(_ process: ProcessHandle) {
        guard let owner = processes[process], let status = host.reap(process) else { return }
        processes.remove(process)
        switch owner {
        case .main(let instance):
            readLastNotices(of: instance)
            // That may have been that another is the main one.
            guard roster[instance].running?.process == process else { return formerMainEnded(process, of: instance) }
            roster[instance].running?.isReaped = true
            processes.note(
                instance, attempt: roster[instance].running?.attempt ?? 0, ended: ExitOutcome(status))
        case .former(let instance): formerMainEnded(process, of: instance)
        case .command(let number): endCommand(number, ExitOutcome(status))
        case .program(let number): plugins.programs.ended(number, ExitOutcome(status))
        }
    }

    func handEnded() {
        for (instance, attempt, outcome) in processes.takeEnded() {
            logExit(of: instance, outcome)
            act { $0.handle(.exited(attempt: attempt, outcome), of: instance, now: $1, random: $2, into: &$3) }
        }
    }

    /// Looks what is left of the trees whose main processes have ended.
    func examineTrees() {
        for instance in processes.takeExaminations() {
            guard fleet.contains(instance) else { continue }
            if beginsOnceEmpty(instance) { continue }
            let machine = fleet[instance]
            var look = TreeLook(members: [])
            if let tree = tree(of: instance) {
                guard roster[instance].running?.isReaped == true else { continue }
                // What this kill mode leaves alone is not a command: that one's end brings another look.
                if machine.settings.killMode == .process, !tree.companions.isEmpty { continue }
                look = host.look(at: tree)
                // A child on its way to its program shows no mark of its own.
                look.members += pendingChildren(of: instance).filter { !look.members.contains($0) }
                roster[instance].running?.left = look.members
                if !look.members.isEmpty { tellLeft(by: instance, tree, look.members) }
                // Nobody was seen, and that proves nothing: it is looked at again soon, and until then nothing follows from it.
                if look.members.isEmpty, !look.isWhole, machine.settings.killMode != .process { continue }
            }
            let attempt = roster[instance].running?.attempt ?? machine.attempt
            act {
                $0.handle(
                    .treeExamined(attempt: attempt, remaining: look.members.count), of: instance, now: $1, random: $2,
                    into: &$3)
            }
        }
    }

    /// Adopted processes have ended: a tree that waited for them may be empty now.
    func examineUnfinishedTrees() {
        for instance in processes.leftRunning.keys { processes.leftRunning[instance]?.mayHaveChanged = true }
        for (instance, running) in roster.running where running.isReaped { processes.examine(instance) }
    }
}

extension ExitOutcome {
    init(_ status: ProcessStatus) {
        self =
            switch status {
            case .exited(let code): .exited(code: code)
            case .signaled(let signal, let coreDumped): .signaled(signal, coreDumped: coreDumped)
            case .outOfMemory: .outOfMemory
            case .unknown: .unknown
            }
    }
}
