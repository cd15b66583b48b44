import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol

/// What instances wait for, and what would change what they are.
extension Supervisor {
    /// What it waits for now, as `viewer` may be told it; nil for nothing.
    func wait(of instance: InstanceID, for viewer: Viewer? = nil) -> ServiceWait? {
        let machine = fleet[instance]
        switch machine.phase {
        case .stopped, .exited, .fatal: return nil
        case .waiting: return waitForTurn(of: instance, viewer)
        case .starting where machine.stopRequested, .running where machine.stopRequested:
            let names = fleet.stopWaitsFor(instance)
            return wait(.dependents, "\(named(names.map { "\($0)" })) to go down", names, viewer)
        case .starting: return waitOfStart(of: instance, machine)
        case .running: return nil
        case .backoff: return ServiceWait(.backoff, "its next start", until: machine.nextStartAt.map(wall))
        case .stopping(let stop): return waitOfStop(of: instance, machine, stop)
        }
    }

    private func waitForTurn(of instance: InstanceID, _ viewer: Viewer?) -> ServiceWait {
        let (awaited, isLacking) = awaited(by: instance)
        guard !awaited.isEmpty else { return ServiceWait(.startSlot, "a start slot") }
        let texts = awaited.map { "\(definition(of: $0).name) (\(states(of: $0)))" as Sentence }
        return wait(
            isLacking ? .failedDependency : .dependency, named(texts), awaited.map { definition(of: $0).name }, viewer)
    }

    /// What it cannot start without, as `viewer` may be told it; nil where it can, or is not to.
    func block(of instance: InstanceID, for viewer: Viewer?) -> ServiceBlock? {
        guard fleet.isBlocked(instance) else { return nil }
        let names = awaited(by: instance).services.map { definition(of: $0).name }
        return ServiceBlock(
            by: names.filter { viewer?.sees($0) ?? true }.map(\.rawValue), forGood: fleet.isHopeless(instance))
    }

    /// The services that come first; where some of them only an order brings up, those.
    private func awaited(by instance: InstanceID) -> (services: [ServiceID], areLacking: Bool) {
        let services = fleet.waitsFor(instance)?.services ?? []
        let lacking = services.filter { fleet.obstacle($0) == .lacking }
        return (lacking.isEmpty ? services : lacking, !lacking.isEmpty)
    }

    private func wait(
        _ kind: ServiceWait.Kind, _ text: Sentence, _ services: [ServiceName], _ viewer: Viewer?
    ) -> ServiceWait {
        ServiceWait(
            kind, text.told(to: viewer),
            services: services.filter { viewer?.sees($0) ?? true }.map(\.rawValue))
    }

    private func waitOfStart(of instance: InstanceID, _ machine: ServiceMachine) -> ServiceWait {
        if let step = processes.pendingStep(of: instance) {
            return ServiceWait(.spawn, "\(step.text) to come back", until: machine.deadlines.start.map(wall))
        }
        if let errand = machine.startErrand {
            return ServiceWait(.command, "\(ServiceCommand(errand).rawValue) to end")
        }
        if machine.awaitsUptime {
            let text = "its min_uptime of \(machine.settings.minUptime.text) to be over"
            return ServiceWait(.minUptime, text, until: machine.deadlines.uptime.map(wall))
        }
        let until = machine.deadlines.start.map(wall)
        guard machine.pid != nil else { return ServiceWait(.spawn, "its program to be begun") }
        if machine.settings.type == .oneshot {
            return ServiceWait(.completion, "its program to end", until: until)
        }
        let problem = notices.readiness.lacking(of: instance, machine) ?? plugins.probes.answer(of: instance)?.problem
        return ServiceWait(.readiness, "its readiness" + (problem.map { ": \($0)" } ?? ""), until: until)
    }

    private func waitOfStop(
        of instance: InstanceID, _ machine: ServiceMachine, _ stop: StopProgress
    ) -> ServiceWait {
        let until = machine.deadlines.step.map(wall)
        if let errand = stop.errand {
            return ServiceWait(.command, "\(errandName(errand, of: instance, stop)) to end")
        }
        if stop.mainAlive {
            return ServiceWait(.exit, machine.pid.map { "process \($0) to end" } ?? "its spawn to end", until: until)
        }
        return ServiceWait(.leftBehind, leftBehind(by: instance), until: until)
    }

    // MARK: What would change it

    /// So many services are named where there may be any number.
    private static let servicesNamed = 8

    /// What comes by itself first, then what somebody can do, as `viewer` may be told it.
    func remedies(of instance: InstanceID, for viewer: Viewer? = nil) -> [Remedy] {
        let name = name(of: instance).description
        let machine = fleet[instance]
        guard drain.gate == .open else { return drain.exits ? [] : remediesOfDrained(instance, name) }
        guard !configuring.isDeparting(fleet.service(of: instance)) else {
            return [Remedy("is removed once it is down, as the configuration does not have it any more")]
        }
        let start = "supctl start \(name)"
        let leave = Remedy("leaves it down", command: "supctl stop \(name)")
        switch machine.phase {
        case .stopped: return [Remedy("starts it", command: start)]
        case .waiting: return remediesOfWaiting(instance, viewer) + [leave]
        case .starting where machine.stopRequested, .running where machine.stopRequested:
            return [Remedy("goes down once what it waits for is down")]
        case .starting:
            guard let deadline = machine.deadlines.start, machine.pid != nil else { return [leave] }
            return [Remedy("is stopped if it is not up by then (timeout_start)", at: wall(deadline)), leave]
        case .running:
            let restart = "supctl restart \(name)"
            if plugins.probes.health(of: instance) == .unhealthy {
                return [Remedy("starts it anew", command: restart)]
            }
            guard runsOlderDefinition(instance) else { return [] }
            return [Remedy("has it run by the definition that is in force", command: restart)]
        case .backoff:
            return [
                Remedy("starts again", at: machine.nextStartAt.map(wall)),
                Remedy("starts it at once, and forgets its failures", command: start), leave,
            ]
        case .stopping(let stop): return remediesOfStop(machine, stop, name)
        case .exited:
            return [Remedy(machine.endedWithSuccess ? "runs it once more" : "starts it again", command: start)]
        case .fatal:
            return [
                Remedy("starts it, and forgets its failures", command: start),
                Remedy("forgets its failures, and leaves it down", command: "supctl reset-failed \(name)"),
            ]
        }
    }

    private func remediesOfDrained(_ instance: InstanceID, _ name: String) -> [Remedy] {
        let resume = Remedy("starts what is enabled again", command: "supctl resume")
        guard !fleet.isStartedWithEnabled(fleet.service(of: instance)) else { return [resume] }
        return [resume, Remedy("starts it then, as it is not enabled", command: "supctl start \(name)")]
    }

    private func remediesOfWaiting(_ instance: InstanceID, _ viewer: Viewer?) -> [Remedy] {
        guard let wait = wait(of: instance, for: viewer) else { return [] }
        let shown = wait.services.prefix(Self.servicesNamed)
        switch wait.kind.known {
        case .failedDependency:
            return shown.flatMap { service in
                [
                    Remedy("starts \(service), and this one once that is up", command: "supctl start \(service)"),
                    Remedy("says why \(service) is as it is", command: "supctl why \(service)"),
                ]
            }
        case .dependency:
            let names = awaited(by: instance).services.map { "\(definition(of: $0).name)" as Sentence }
            let start: Sentence = "starts once \(named(names)) \(names.count == 1 ? "is" : "are") up"
            return [Remedy(start.told(to: viewer))]
                + shown.map { Remedy("says why \($0) is as it is", command: "supctl why \($0)") }
        default: return [Remedy("starts as soon as a start slot is free")]
        }
    }

    private func remediesOfStop(_ machine: ServiceMachine, _ stop: StopProgress, _ name: String) -> [Remedy] {
        var remedies: [Remedy] = []
        if let deadline = machine.deadlines.step {
            let next = (stop.step ?? -1) + 1
            let steps = machine.settings.stopSteps
            let signal = next < steps.count ? "\(steps[next].signal)" : "SIGKILL"
            remedies.append(Remedy("is sent \(signal) if it has not ended by then", at: wall(deadline)))
        }
        if machine.pid != nil {
            remedies.append(Remedy("kills its main process at once", command: "supctl signal KILL \(name)"))
        }
        return remedies
    }

    private func named(_ names: [Sentence]) -> Sentence {
        let shown = names.prefix(Self.servicesNamed).joined(separator: ", ")
        return names.count > Self.servicesNamed ? "\(shown) and \(names.count - Self.servicesNamed) more" : shown
    }
}
