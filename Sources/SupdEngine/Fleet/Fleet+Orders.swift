package import SupdPlugin

/// Orders over many instances, carried out in steps of one instance each, so that nobody is held up by one over ten thousand.
///
/// Who goes along with an order is settled when it comes; whether an instance is in a state that the order concerns, when its step
/// is taken. Between two steps events may come. No launch and no stop is granted until all orders are carried out: what is
/// granted is then the same as if the order had been one.
extension Fleet {
    /// One instance's part of an order.
    struct Step: Sendable {
        enum Kind: UInt8, Sendable {
            case start, stop, restart
            /// It goes down with another, unless it is wanted down already: then it keeps its own cause.
            case stopAlong
            /// It is restarted with another where it is up.
            case restartAlong
            /// Another requires or wants it: started where it is not up and not on its way.
            case pullIn
            /// What it is bound to has gone down without an order.
            case stopBound
            /// It does not start any more, where it has not begun to.
            case hold
        }

        var kind: Kind
        var instance: InstanceID
        /// The service on whose account, one that the order is for itself; nil where it is the order's own.
        var service: ServiceID?
    }

    /// Steps of one cause.
    struct Order: Sendable {
        let cause: Cause
        let steps: [Step]
        /// Nobody ordered it, and nobody starts them again: it is their end.
        var isFall = false
        var next = 0

        init(_ cause: Cause, _ steps: [Step]) {
            self.cause = cause
            self.steps = steps
        }
    }

    /// Whether orders are being carried out.
    package var isCarryingOut: Bool { !orders.isEmpty }

    /// Whether nothing is left for `advance`.
    package var isSettled: Bool {
        orders.isEmpty && fallen.isEmpty && nextRequest == requests.count && worklist.isEmpty && !mayGrantSlot
    }

    /// Takes the next steps, `stepsAtOnce` at most. Nothing where the fleet is settled.
    package func advance(now: MonotonicInstant, random: () -> Double, into actions: inout [FleetAction]) {
        var left = stepsAtOnce
        while left > 0, takeStep(now: now, random: random, into: &actions) { left -= 1 }
        tellWaiting(into: &actions)
    }

    func take(
        _ order: Order, now: MonotonicInstant, random: () -> Double, into actions: inout [FleetAction]
    ) {
        if !order.steps.isEmpty { orders.append(order) }
        advance(now: now, random: random, into: &actions)
    }

    func steps(_ kind: Step.Kind, _ instances: some Sequence<InstanceID>) -> [Step] {
        instances.map { Step(kind: kind, instance: $0) }
    }

    /// What the services of `instances` require and want, and so on, and which of them that is for.
    func pulledIn(by instances: [InstanceID]) -> [Step] {
        // Most need nothing.
        guard instances.contains(where: { !graph.pulls[rows[$0].place].isEmpty }) else { return [] }
        let asked = Set(instances)
        var seen: Set<Int> = []
        var steps: [Step] = []
        for (service, origin) in graph.pulled(by: instances.map { rows[$0].place }) {
            for pulled in graph.pulls[service] where seen.insert(pulled).inserted {
                for instance in groups[pulled].instances where !asked.contains(instance) {
                    steps.append(Step(kind: .pullIn, instance: instance, service: groups[origin].id))
                }
            }
        }
        return steps
    }

    /// Every instance that goes down with `instances`, and the service of theirs that takes it along: what requires their services or is
    /// part of them, and so on. Of a service of theirs, the other instances are left alone, unless it goes down with another
    /// one of theirs.
    func dependents(of instances: [InstanceID], _ kind: Step.Kind) -> [Step] {
        // Most are needed by nothing.
        guard instances.contains(where: { !graph.takesDown[rows[$0].place].isEmpty }) else { return [] }
        let asked = Set(instances)
        let services = graph.takenDown(with: instances.map { rows[$0].place })
        let origins = Dictionary(uniqueKeysWithValues: services.map { ($0.place, $0.origin) })
        var steps: [Step] = []
        for (service, _) in services {
            // Instances of an ordered service that the order is not for go down with another one, or stay.
            guard let origin = graph.stopsWith[service].lazy.compactMap({ origins[$0] }).first else { continue }
            for instance in groups[service].instances where !asked.contains(instance) {
                steps.append(Step(kind: kind, instance: instance, service: groups[origin].id))
            }
        }
        return steps
    }

    /// Takes one step of the first order. False where there is none.
    func takeOrderStep(
        now: MonotonicInstant, random: () -> Double, into actions: inout [FleetAction]
    ) -> Bool {
        guard !orders.isEmpty else { return false }
        let (step, orderCause, isFall) = (orders[0].steps[orders[0].next], orders[0].cause, orders[0].isFall)
        orders[0].next += 1
        if orders[0].next == orders[0].steps.count { orders.removeFirst() }
        let instance = step.instance
        // Its service was removed since.
        guard rows.contains(instance) else { return true }
        let row = rows[instance]
        let by = step.service.flatMap { places.contains($0) ? groups[places[$0]].name : nil }
        if let event = event(step.kind, of: row, by.map(Cause.dependency) ?? orderCause) {
            let wasWanted = row.machine.desired == .up
            apply(event, to: instance, now: now, random: random, into: &actions)
            if isFall, wasWanted, row.machine.desired == .down, row.machine.settings.essential {
                actions.append(.essentialEnded(instance: instance))
            }
        }
        return true
    }

    /// What a step tells a machine; nil where the machine is in a state that it does not concern.
    private func event(_ kind: Step.Kind, of row: Row, _ cause: Cause) -> ServiceEvent? {
        switch kind {
        case .start: .start(cause)
        case .stop: .stop(cause)
        case .restart: .restart(cause)
        case .stopAlong: row.machine.desired == .up ? .stop(cause) : nil
        case .restartAlong: row.machine.isLive && row.machine.desired == .up ? .restart(cause) : nil
        case .pullIn: row.machine.needsStart ? .start(cause) : nil
        case .stopBound: row.machine.desired == .up && !row.machine.hasEndedForGood ? .stop(cause) : nil
        case .hold: row.machine.hasNotBegun ? .stop(cause) : nil
        }
    }
}

extension ServiceMachine {
    /// Its work is done, or it has failed, or it never ran.
    var hasEndedForGood: Bool {
        switch phase {
        case .waiting, .starting, .running, .stopping, .backoff: false
        case .stopped, .exited, .fatal: true
        }
    }

    /// It waits to start, also where only its program is not begun yet.
    fileprivate var hasNotBegun: Bool {
        switch phase {
        case .waiting, .backoff: true
        case .starting: !mayHaveMain
        case .stopped, .running, .stopping, .exited, .fatal: false
        }
    }
}
