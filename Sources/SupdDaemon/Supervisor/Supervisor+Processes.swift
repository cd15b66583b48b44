import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin

/// Programs begun, processes reaped, trees proved empty.
extension Supervisor {
    /// Starts what is in the queue, up to the bound of a turn.
    func spawnQueued() {
        var begun = 0
        var next = 0
        // Once the daemon is on its way down nothing is begun: what had its turn before is dropped by its stop.
        while next < spawns.count, begun < Self.spawnsPerTurn, registry.gate == .open {
            let (instance, attempt) = spawns[next]
            next += 1
            guard fleet.contains(instance), fleet[instance].wantsSpawn(of: attempt) else { continue }
            begun += 1
            spawn(instance, attempt: attempt)
        }
        spawns.removeFirst(registry.gate == .open ? next : spawns.count)
    }

    private func spawn(_ instance: InstanceID, attempt: UInt64) {
        // What commands before it have left is found by the same name, also where it was scaled meanwhile.
        let name = startedName(of: instance)
        let service = definition(of: instance)
        let order = SpawnOrder(files: service.environmentFiles.map(\.path)) { [self] contents throws(SpawnFailure) in
            var request = try SpawnRequest(
                service: service, instance: name, command: service.execStart, "exec_start",
                invocation: invocation(of: instance, attempt: attempt), host: host, files: contents)
            request.sockets = try passedSockets(of: instance)
            return request
        }
        switch host.spawn(order) {
        case .ended(let result): spawnEnded(of: instance, attempt: attempt, result)
        case .pending(let spawn):
            watchPending(spawn, .program(instance: instance, attempt: attempt))
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
        switch result {
        case .success(let process):
            roster[instance].running = RunningInstance(
                attempt: attempt, process: process.handle, pid: process.pid, isUnnumbered: name.index == nil,
                task: roster[instance].running?.task ?? registerInstance(name))
            instanceOfProcess[process.handle] = instance
            logs.attach(
                instance, name: name, attempt: attempt, process: process,
                configuration: logConfiguration(of: service, name),
                queue: roster.logQueue(of: fleet.service(of: instance)),
                task: registerPump(name, process: process))
            act {
                $0.handle(.spawned(attempt: attempt, pid: process.pid), of: instance, now: $1, random: $2, into: &$3)
            }
            beginReadiness(of: instance)
        case .failure(let failure):
            log.write(.warning, "\(name) could not be started: \(failure)", about: name)
            act {
                $0.handle(.spawnFailed(attempt: attempt, failure), of: instance, now: $1, random: $2, into: &$3)
            }
        }
    }

    func logConfiguration(of service: ServiceConfiguration, _ name: InstanceName) -> LogConfiguration {
        var configuration = service.log
        // The loader has refused a file name that cannot be expanded.
        if let file = configuration.file { configuration.file = (try? expandSpecifiers(file, instance: name)) ?? file }
        return configuration
    }

    func registerInstance(_ name: InstanceName) -> TaskID? {
        try? registry.register("service \(name)", kind: .service, phase: .services, now: host.now)
    }

    private func registerPump(_ name: InstanceName, process: SpawnedProcess) -> TaskID? {
        guard process.output != nil || process.errorOutput != nil else { return nil }
        return try? registry.register("log \(name)", kind: .cleanup, phase: .flush, now: host.now)
    }

    /// Collects a main process that has ended. The fleet is told after the turn's other events, with its like.
    func reap(_ process: ProcessHandle) {
        if plugins.commands.isCommand(process) { return endCommand(process) }
        if let number = serviceCommands.number(of: process) {
            if let status = host.reap(process) { endServiceCommand(number, ExitOutcome(status)) }
            return
        }
        guard let instance = instanceOfProcess[process], let status = host.reap(process) else { return }
        instanceOfProcess[process] = nil
        roster[instance].running?.isReaped = true
        ended.append((instance, roster[instance].running?.attempt ?? 0, ExitOutcome(status)))
    }

    func handEnded() {
        guard !ended.isEmpty else { return }
        let batch = ended
        ended.removeAll(keepingCapacity: true)
        for (instance, attempt, outcome) in batch {
            logExit(of: instance, outcome)
            act { $0.handle(.exited(attempt: attempt, outcome), of: instance, now: $1, random: $2, into: &$3) }
        }
    }

    /// Looks what is left of the trees whose main processes have ended.
    func examineTrees() {
        guard !examinations.isEmpty else { return }
        let batch = examinations
        examinations.removeAll(keepingCapacity: true)
        for instance in batch {
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
        for instance in leftRunning.keys { leftRunning[instance]?.mayHaveChanged = true }
        examinations += roster.running.filter(\.running.isReaped).map(\.id)
    }
}

extension ExitOutcome {
    init(_ status: ProcessStatus) {
        self =
            switch status {
            case .exited(let code): .exited(code: code)
            case .signaled(let signal, let coreDumped): .signaled(signal, coreDumped: coreDumped)
            case .outOfMemory: .outOfMemory
            }
    }
}
