import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol

/// The one place where it is told that something has happened.
extension Supervisor {
    /// Has the ring of events and the histories remember it, and every event sink get it.
    func emit(_ occurrence: Occurrence) {
        // Of all that there is where there is nothing: nobody has ordered anything of anybody.
        if case .ordered(_, let instances, _, _) = occurrence, instances.isEmpty { return }
        wallClock.look()
        let (content, subject) = described(occurrence)
        var time = host.now
        if case .changed(_, let change) = occurrence { time = change.at }
        let kept = events.append(content, at: wall(time), about: subject)
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
        case .blocked, .removed, .ordered, .applied, .plugin: nil
        }
    }

    /// An event, and what it is about.
    private func described(_ occurrence: Occurrence) -> (KeptEvent.Content, EventSubject) {
        func ofDaemon(_ words: Sentence, _ happening: (String) -> Event.Happening) -> (KeptEvent.Content, EventSubject)
        {
            (.other(happening(words.text), words), .daemon)
        }
        switch occurrence {
        case .changed(let instance, let change):
            return (.change(remembered(change, of: instance, change.machine)), subject(instance))
        case .health(let instance, let before):
            let event = HealthEvent(
                name: name(of: instance).description, from: before,
                health: plugins.probes.health(of: instance) ?? .unknown,
                problem: plugins.probes.problem(of: instance))
            return (.other(.health(event)), subject(instance))
        case .blocked(let instance):
            let words = words(of: instance)
            let event = BlockedEvent(
                name: name(of: instance).description, blocked: block(of: instance, for: nil), reason: words.text)
            return (.other(.blocked(event), words), subject(instance))
        case .removed(let instance):
            return (.other(.removed(RemovedEvent(name: name(of: instance).description))), subject(instance))
        case .ordered(let order, let instances, let cause, let detail):
            let named = instances.prefix(ProtocolLimits.servicesNamed).map { name(of: $0).description }
            let event = OrderEvent(
                order: order, services: named, count: instances.count, cause: EventCause(cause), detail: detail)
            let subject = subject(instances)
            return (.order(event, subject.unnamed), subject)
        case .applied(let applied, let words, let cause):
            return ofDaemon(words) { .apply(ApplyEvent(applied: applied, text: $0, cause: cause)) }
        case .ready: return (.other(.ready), .daemon)
        case .drainBegan(let cause):
            return ofDaemon(Sentence(ofAnything: cause)) { .drain(DrainEvent(step: .began, text: $0)) }
        case .drainPhase(let phase): return (.other(.drain(DrainEvent(step: .phase, text: phase))), .daemon)
        case .drainEnded(let summary):
            return ofDaemon(Sentence(ofAnything: summary)) { .drain(DrainEvent(step: .ended, text: $0)) }
        case .resumed(let cause): return ofDaemon(sentence(cause)) { .drain(DrainEvent(step: .resumed, text: $0)) }
        case .plugin(let plugin, let words): return ofDaemon(words) { .plugin(PluginEvent(plugin: plugin, text: $0)) }
        }
    }

    private func subject(_ instances: [InstanceID]) -> EventSubject {
        let named = instances.prefix(ProtocolLimits.servicesNamed)
        return .instances(named.map(found), unnamed: named.count < instances.count ? instances[named.endIndex...] : [])
    }

    private func subject(_ instance: InstanceID) -> EventSubject { .instance(found(instance)) }

    private func found(_ instance: InstanceID) -> EventSubject.Instance {
        EventSubject.Instance(
            name: name(of: instance), tags: definition(of: instance).configuration.tags,
            access: control.access.ownRules(of: instance))
    }

    /// Why is said of what does not run any more and of what supd itself ends, and of all else it is the cause. What waited for its turn no
    /// longer than it takes to tell has waited for nothing.
    private func wordsToTell(of instance: InstanceID, _ machine: ServiceMachine) -> Sentence? {
        switch machine.phase {
        case .starting, .running: nil
        case .stopping(let stop) where stop.why == .ordered || stop.why == .ended: nil
        case .waiting where !fleet[instance].isWaiting: nil
        case .stopped, .waiting, .backoff, .stopping, .exited, .fatal: words(of: instance, as: machine)
        }
    }

    /// A change to what `machine` was then.
    private func remembered(
        _ change: StateChange, of instance: InstanceID, _ machine: ServiceMachine
    ) -> KeptEvent.Change {
        let exit = machine.lastExit.flatMap { $0.attempt == machine.attempt ? $0 : nil }
        return KeptEvent.Change(
            from: change.from, state: machine.state, ready: machine.isReady, desired: machine.desired,
            attempt: machine.attempt, pid: machine.pid, restarts: machine.restarts, cause: machine.cause,
            exit: exit.map {
                KeptEvent.Exit(record: $0, at: wall(machine.lastExitAt), success: machine.endedWithSuccess)
            },
            nextStartAt: machine.nextStartAt.map(wall), reason: wordsToTell(of: instance, machine),
            decision: decision(of: instance, as: machine, from: change.from))
    }
}
