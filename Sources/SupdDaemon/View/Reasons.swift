import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol

/// Why an instance is as it is, in sentences.
extension Supervisor {
    func reason(of instance: InstanceID) -> String { words(of: instance).text }

    func words(of instance: InstanceID) -> Sentence { words(of: instance, as: fleet[instance]) }

    /// Why it was as it was when its machine was this.
    func words(of instance: InstanceID, as machine: ServiceMachine) -> Sentence {
        var reason = wordsOfState(of: instance, machine)
        let left = processes.left.running(by: instance)
        if !left.isEmpty { reason += ", left running: \(list(of: left))" }
        switch machine.phase {
        case .exited, .backoff, .stopping:
            if let stopped = processes.left.stopped(by: instance, attempt: machine.attempt) {
                reason += "; \(stopped)"
            }
        default: break
        }
        if let problem = plugins.probes.problem(of: instance) { reason += ", \(problem)" }
        if machine.pid != nil, let text = notices.statusText(of: instance, attempt: machine.attempt) {
            reason += "; \(text)"
        }
        return reason
    }

    private func wordsOfState(of instance: InstanceID, _ machine: ServiceMachine) -> Sentence {
        switch machine.phase {
        case .stopped:
            if !machine.wasLaunched, machine.cause == .none { return "not enabled" }
            return "stopped \(sentence(machine.cause))\(machine.killed ? ", SIGKILL was needed" : "")"
        // Told only now, it may have had its turn in the same moment.
        case .waiting: return fleet[instance].isWaiting ? waitingReason(of: instance) : "goes on at once"
        case .starting:
            if machine.stopRequested { return stopReason(of: instance, machine) }
            let errand = machine.startErrand.map { ", \(ServiceCommand($0).rawValue) is run" } ?? ""
            let uptime = machine.awaitsUptime ? ", up for \(uptime(of: machine))" : ""
            let step = processes.pendingStep(of: instance).map { ", \($0.text) has not come back" } ?? ""
            let lacking = notices.readiness.lacking(of: instance, machine).map { ", \($0)" } ?? ""
            return "\(beginning(of: machine))\(errand)\(uptime)\(step)\(lacking)"
        case .running:
            if machine.stopRequested { return stopReason(of: instance, machine) }
            return beginning(of: machine)
        case .backoff: return "\(ending(of: instance, machine)), \(restartReason(of: instance, machine))"
        case .stopping(let stop): return stoppingReason(of: instance, machine, stop)
        case .exited where machine.settings.type == .oneshot && machine.endedWithSuccess:
            return "\(ending(of: instance, machine)), its work is done"
        case .exited:
            return "\(ending(of: instance, machine)), left as it is by its \(stayReason(of: instance, machine))"
        case .fatal(.couldNotStart): return Sentence(ending(of: instance, machine))
        case .fatal(.startLimit(let limit)):
            return
                "started \(plural(limit.burst, "time")) within \(limit.interval.text), last: \(ending(of: instance, machine))"
                + wayOut
        case .fatal(.givenUp(let reason)):
            return
                "given up by its \(policy(of: instance)): \(reason), last: \(ending(of: instance, machine))"
                + wayOut
        }
    }

    /// What lets one that was given up try again. Nobody can say so to a daemon without a control socket.
    private var wayOut: Sentence {
        settings.socketPath == nil ? "" : "; 'supctl start' or 'supctl reset-failed' lets it try again"
    }

    /// Why what is on its way, or runs, was begun: by an order, or because of how the attempt before it ended.
    private func beginning(of machine: ServiceMachine) -> Sentence {
        guard machine.restarts > 0, let exit = machine.lastExit else { return "started \(sentence(machine.cause))" }
        if let command = exit.command, let forced = exit.forced {
            return "run again as \(command.rawValue) \(forced.clause)"
        }
        return "run again \(exit.forced.map { "as it \($0.clause)" } ?? "after \(exit.outcome.clause)")"
    }

    private func restartReason(of instance: InstanceID, _ machine: ServiceMachine) -> String {
        let basis = machine.restartBasis
        if basis == .resources, case .spawnFailed(let failure)? = machine.lastExit?.outcome {
            return failure.stage == .leftovers ? "tried again once that is gone" : "tried again as it is not its fault"
        }
        return "run again by its \(basis == .policy ? policy(of: instance) : basis.rawValue)"
    }

    private func stayReason(of instance: InstanceID, _ machine: ServiceMachine) -> String {
        let basis = machine.stayBasis
        return basis == .policy ? policy(of: instance) : basis.rawValue
    }

    private func policy(of instance: InstanceID) -> String {
        "policy '\(definition(of: instance).conduct.restartName)'"
    }

    /// How the last attempt ended: `exec_start_pre: exit code 1, last said "no such table"`.
    private func ending(of instance: InstanceID, _ machine: ServiceMachine) -> String {
        guard let exit = machine.lastExit else { return "ended" }
        let what =
            (exit.command.map { "\($0.rawValue): " } ?? "")
            + (exit.forced.map { forcedEnding($0, of: instance, attempt: exit.attempt) + ", " } ?? "")
        var early = ""
        if exit.isEarly {
            let limit = machine.settings.minUptime
            early =
                exit.ranFor < limit
                ? " before its min_uptime of \(limit.text) was over" : " before it had said that it is ready"
        }
        return what + "\(exit.outcome)" + early
            + lastWords(of: instance, exit, endedWithSuccess: machine.endedWithSuccess)
    }

    /// Why supd ended it, and what its probe had answered last where it was the probe's doing.
    private func forcedEnding(_ end: ForcedEnd, of instance: InstanceID, attempt: UInt64) -> String {
        switch end {
        case .startTimeout, .unhealthy:
            end.clause + (plugins.probes.lastProblem(of: instance, attempt: attempt).map { " (\($0))" } ?? "")
        case .runtimeMax, .watchdog, .watchdogTrigger, .commandTimeout: end.clause
        }
    }

    /// What whoever failed said last is mostly the reason.
    private func lastWords(of instance: InstanceID, _ exit: ExitRecord, endedWithSuccess: Bool) -> String {
        guard !endedWithSuccess, exit.forced == nil || exit.command != nil else { return "" }
        let words =
            exit.command == nil
            ? exit.pid.flatMap { logs.lastWords(of: instance, process: $0) }
            : commands.lastWords(of: instance, attempt: exit.attempt)
        return words.map { ", last said \"\($0)\"" } ?? ""
    }

    /// `3s of its min_uptime of 10s`.
    private func uptime(of machine: ServiceMachine) -> String {
        let whole = host.now.duration(since: machine.startedAt).components.seconds
        return "\(whole)s of its min_uptime of \(machine.settings.minUptime.text)"
    }

    private func waitingReason(of instance: InstanceID) -> Sentence {
        guard let (waited, _) = fleet.waitsFor(instance), !waited.isEmpty else { return "waits for a start slot" }
        let lacking = waited.filter { fleet.obstacle($0) == .lacking }
        guard lacking.isEmpty else {
            return "cannot start without \(lacking.map { lack(of: $0) }.joined(separator: ", "))"
        }
        let awaited = waited.map { (service: ServiceID) -> Sentence in
            switch fleet.obstacle(service) {
            case .awaitsRestart: "\(definition(of: service).name), which waits for its restart"
            case .awaitsOthers: "\(definition(of: service).name), which waits for \(needs(of: service))"
            case .onItsWay, .lacking: "\(definition(of: service).name)"
            }
        }
        let isPlain = waited.allSatisfy { fleet.obstacle($0) == .onItsWay }
        return "waits for \(awaited.joined(separator: isPlain ? ", " : "; "))"
    }

    /// `db (FATAL)`; of one that waits itself also for what: `api (STOPPED, without db (FATAL))`.
    private func lack(of service: ServiceID, depth: Int = 0) -> Sentence {
        let name = definition(of: service).name
        let waiting = fleet.instances(of: service).first(where: fleet.isHopeless)
        let lacking = waiting.flatMap { fleet.waitsFor($0) }?.services.first { fleet.obstacle($0) == .lacking }
        guard let lacking, depth < Self.lacksNamed else { return "\(name) (\(states(of: service)))" }
        return "\(name) (\(states(of: service)), without \(lack(of: lacking, depth: depth + 1)))"
    }

    /// So many services in a row are named, each of which waits for the next.
    private static let lacksNamed = 8

    /// The states that the instances of a service are in.
    func states(of service: ServiceID) -> String {
        Set(fleet.instances(of: service).map { fleet[$0].state.rawValue }).sorted().joined(separator: ", ")
    }

    private func needs(of service: ServiceID) -> Sentence {
        let waiting = fleet.instances(of: service).first(where: fleet.isBlocked)
        let names = waiting.flatMap { fleet.waitsFor($0) }?.services.map { "\(definition(of: $0).name)" as Sentence }
        return (names ?? []).joined(separator: ", ")
    }

    private func stopReason(of instance: InstanceID, _ machine: ServiceMachine) -> Sentence {
        let names = fleet.stopWaitsFor(instance).map { "\($0)" as Sentence }
        let waits: Sentence = names.isEmpty ? "" : ", waits until \(names.joined(separator: ", ")) is down"
        return "stop \(sentence(machine.cause))\(waits)"
    }

    private func stoppingReason(of instance: InstanceID, _ machine: ServiceMachine, _ stop: StopProgress) -> Sentence {
        let steps = machine.settings.stopSteps
        let sent: String
        if let errand = stop.errand {
            sent = "\(errandName(errand, of: instance, stop)) is waited for"
        } else if let step = stop.step {
            sent = step < steps.count ? "\(steps[step].signal) sent" : "SIGKILL sent"
        } else if stop.isAborted, stop.mainAlive {
            sent = "\(machine.settings.watchdogSignal) sent"
        } else {
            sent = "what it left behind is looked at"
        }
        let why: Sentence =
            switch stop.why {
            case .ordered: "stopped \(sentence(machine.cause))"
            case .ended, .failed: Sentence(ending(of: instance, machine))
            case .forced(let reason): Sentence(forcedEnding(reason, of: instance, attempt: machine.attempt))
            }
        if let step = processes.pendingStep(of: instance) { return "\(why), \(step.text) has not come back" }
        let left = stop.mainAlive || stop.errand != nil ? "" : ", waits for " + leftBehind(by: instance)
        return "\(why), \(sent)\(left)"
    }

    /// `2 processes that it left behind: 17 (sleep 60), 18 ([kworker])`.
    func leftBehind(by instance: InstanceID) -> String {
        let left = processes.running(of: instance)?.left ?? []
        guard !left.isEmpty else { return "processes that it left behind" }
        return "\(processes(left.count)) that it left behind: " + list(of: left)
    }

    func errandName(_ errand: Errand, of instance: InstanceID, _ stop: StopProgress) -> String {
        let command = ServiceCommand(errand)
        let hasCommand = definition(of: instance).conduct.commands[command] != nil
        return hasCommand ? command.rawValue : "a hook"
    }

    func sentence(_ cause: Cause) -> Sentence {
        switch cause {
        case .none: "by nobody"
        case .boot: "with supd"
        case .order(let uid, let pid, let command):
            "by order of \(PeerCredentials.text(uid: uid, pid: pid, command: command))"
        case .reset(let uid, let pid, let command):
            "by 'reset-failed' of \(PeerCredentials.text(uid: uid, pid: pid, command: command))"
        case .dependency(let name): "because of \(name)"
        case .plugin(let name): "by order of plugin '\(name)'"
        case .configuration: "by the changed configuration"
        case .drain: "by the drain"
        }
    }
}

extension ExitOutcome {
    /// The end as what comes before something: `exit code 1`, `it was killed by SIGKILL`.
    fileprivate var clause: String {
        switch self {
        case .signaled, .outOfMemory: "it was \(self)"
        case .exited, .unknown, .spawnFailed: "\(self)"
        }
    }
}

extension ForcedEnd {
    /// What the service did, as part of a sentence.
    var clause: String {
        switch self {
        case .startTimeout: "overran timeout_start"
        case .unhealthy: "was unhealthy"
        case .runtimeMax: "ran for longer than runtime_max"
        case .watchdog: "gave no sign of life within its watchdog"
        case .watchdogTrigger: "asked to be ended by WATCHDOG=trigger"
        case .commandTimeout: "overran its timeout"
        }
    }
}
