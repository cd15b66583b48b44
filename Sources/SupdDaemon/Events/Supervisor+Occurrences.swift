import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol

/// The one place where it is told that something has happened.
extension Supervisor {
    /// Has the ring of events and the histories remember it, and every event sink get it.
    func emit(_ occurrence: Occurrence) {
        lookAtWallClock()
        let (happening, subject) = described(occurrence)
        var time = host.now
        if case .changed(_, let change) = occurrence { time = change.at }
        let event = Event(time: wall(time), happening: happening)
        let kept = events.append(event, about: subject)
        switch occurrence {
        case .changed(let instance, _): roster.note(kept, of: instance)
        default: for instance in occurrence.instances { roster.note(kept, of: instance) }
        }
        plugins.sinks.emit(kindForSinks(occurrence))
    }

    private func kindForSinks(_ occurrence: Occurrence) -> DaemonEvent.Kind? {
        switch occurrence {
        case .changed(let instance, let change): .service(summary(of: instance, as: change.machine), from: change.from)
        case .health(let instance, let before): .health(summary(of: instance), from: before)
        case .ready: .ready
        case .drainBegan(let cause): .drainBegan(cause: cause)
        case .drainPhase(let phase): .drainPhase(phase)
        case .drainEnded(let summary): .drainEnded(summary: summary)
        case .resumed: .resumed
        case .removed, .ordered, .applied, .plugin: nil
        }
    }

    private func described(_ occurrence: Occurrence) -> (Event.Happening, EventSubject) {
        switch occurrence {
        case .changed(let instance, let change): return (.state(stateEvent(of: instance, change)), subject(instance))
        case .health(let instance, let before):
            let event = HealthEvent(
                name: name(of: instance).description, from: before,
                health: plugins.probes.health(of: instance) ?? .unknown,
                problem: plugins.probes.problem(of: instance))
            return (.health(event), subject(instance))
        case .removed(let instance):
            return (.removed(RemovedEvent(name: name(of: instance).description)), subject(instance))
        case .ordered(let order, let instances, let cause, let detail):
            let named = instances.prefix(ProtocolLimits.servicesNamed).map { name(of: $0).description }
            let event = OrderEvent(
                order: order, services: named, count: instances.count, cause: EventCause(cause), detail: detail)
            return (.order(event), subject(instances))
        case .applied(let applied, let text, let cause):
            return (.apply(ApplyEvent(applied: applied, text: text, cause: cause)), .daemon)
        case .ready: return (.ready, .daemon)
        case .drainBegan(let cause): return (.drain(DrainEvent(step: .began, text: cause)), .daemon)
        case .drainPhase(let phase): return (.drain(DrainEvent(step: .phase, text: phase)), .daemon)
        case .drainEnded(let summary): return (.drain(DrainEvent(step: .ended, text: summary)), .daemon)
        case .resumed(let cause): return (.drain(DrainEvent(step: .resumed, text: sentence(cause))), .daemon)
        case .plugin(let plugin, let text): return (.plugin(PluginEvent(plugin: plugin, text: text)), .daemon)
        }
    }

    private func subject(_ instances: [InstanceID]) -> EventSubject {
        let named = instances.prefix(ProtocolLimits.servicesNamed)
        return .instances(named.map(found), more: named.count < instances.count)
    }

    private func subject(_ instance: InstanceID) -> EventSubject { .instance(found(instance)) }

    private func found(_ instance: InstanceID) -> EventSubject.Instance {
        EventSubject.Instance(
            name: name(of: instance), tags: definition(of: instance).configuration.tags,
            access: control.access.ownRules(of: instance))
    }

    /// What there is to say of a change: why is said of what does not run any more and of what supd itself ends, and of all else it is the cause.
    private func stateEvent(of instance: InstanceID, _ change: StateChange) -> StateEvent {
        let machine = change.machine
        let exit = change.exit.flatMap { $0.attempt == change.attempt ? $0 : nil }
        let reason: String? =
            switch machine.phase {
            case .starting, .running: nil
            case .stopping(let stop) where stop.why == .ordered || stop.why == .ended: nil
            case .stopped, .waiting, .backoff, .stopping, .exited, .fatal: self.reason(of: instance, as: machine)
            }
        return StateEvent(
            name: name(of: instance).description, from: change.from, state: change.to, ready: machine.isUp,
            desired: machine.desired, attempt: change.attempt, pid: machine.pid, restarts: machine.restarts,
            cause: EventCause(change.cause),
            exit: exit.map { LastExit($0, at: wall(machine.lastExitAt), success: machine.endedWithSuccess) },
            nextStartAt: machine.nextStartAt.map(wall), reason: reason,
            decision: decision(of: instance, as: machine, from: change.from))
    }
}
