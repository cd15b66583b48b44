package import SupdEngine
import SupdPlugin

/// Looks at a fleet after every event, and says what must never be. Every rule is one of the contract.
///
/// Feed it each batch of actions together with the fleet that gave them (`check`), each process that has begun
/// (`began`) and each tree that is proved gone (`gone`), and at the end, when nothing is on its way any more, ask
/// `checkQuiet`. Each of them answers sentences; no sentence means no fault.
package struct FleetWatch {
    /// What is known of an instance.
    private struct Seen {
        var live: UInt64?
        var attempt: UInt64
        var state: ServiceState
        var deadline: MonotonicInstant?
        var wasRunning: Bool
        var wasUp: Bool
        /// The attempt that has begun with commands before its program.
        var errandAttempt: UInt64?

        init(_ machine: ServiceMachine) {
            attempt = machine.attempt
            state = machine.state
            deadline = machine.deadline
            wasRunning = machine.phase == .running
            wasUp = machine.isUp
        }
    }

    private var seen: [InstanceID: Seen] = [:]
    private var wasReached = false

    /// Watches a fleet that has done nothing yet.
    package init(_ fleet: Fleet) { grow(fleet) }

    /// The fleet has more instances than before, which have done nothing yet, or fewer.
    package mutating func grow(_ fleet: Fleet) {
        for instance in fleet.allInstances where seen[instance] == nil { seen[instance] = Seen(fleet[instance]) }
        seen = seen.filter { fleet.contains($0.key) }
    }

    /// The attempt whose processes live; nil where none do.
    package func live(_ instance: InstanceID) -> UInt64? { seen[instance]?.live }

    /// A process of `attempt` has begun, or a spawn that may be on its way to one.
    package mutating func began(_ instance: InstanceID, attempt: UInt64, fleet: Fleet) -> [String] {
        var faults: [String] = []
        if let other = seen[instance]?.live, other != attempt || fleet[instance].pid != nil {
            faults.append("instance \(instance): attempt \(attempt) began while \(other) lives")
        }
        if fleet[instance].desired == .down, !fleet[instance].stopRequested {
            faults.append("instance \(instance): attempt \(attempt) began while it is wanted down")
        }
        seen[instance]?.live = attempt
        return faults
    }

    /// Nothing of the instance's processes is left.
    package mutating func gone(_ instance: InstanceID) { seen[instance]?.live = nil }

    /// Looks at the fleet after an event, and at what that event led to.
    package mutating func check(_ fleet: Fleet, after actions: [FleetAction]) -> [String] {
        grow(fleet)
        // Between the steps of an order it is not at rest.
        var faults = fleet.stepsAtOnce == .max || fleet.isSettled ? fleet.faults() : []
        for action in actions { check(action, fleet, &faults) }
        for instance in fleet.allInstances {
            let state = fleet[instance].state
            if seen[instance]?.state != state {
                faults.append("instance \(instance): a change to \(state) was not told")
            }
            let deadline = fleet[instance].deadline
            if seen[instance]?.deadline != deadline { faults.append("instance \(instance): a deadline was not told") }
            if fleet[instance].attempt != seen[instance]?.attempt {
                faults.append("instance \(instance): attempt \(fleet[instance].attempt) has no spawn")
            }
            if fleet.stepsAtOnce == .max, seen[instance]?.wasUp == true, fleet[instance].hasFallen {
                checkBound(to: instance, fleet, &faults)
            }
            seen[instance]?.wasUp = fleet[instance].isUp
            seen[instance]?.wasRunning = fleet[instance].phase == .running
            if !fleet[instance].isLive, let attempt = seen[instance]?.live {
                faults.append("instance \(instance): \(state) is said while attempt \(attempt) lives")
            }
        }
        if wasReached, !fleet.goalReached { faults.append("a goal that was reached is not any more") }
        wasReached = fleet.goalReached
        return faults
    }

    private mutating func check(_ action: FleetAction, _ fleet: Fleet, _ faults: inout [String]) {
        switch action {
        case .changed(let instance, let change):
            if let last = seen[instance]?.state, last != change.from {
                faults.append("instance \(instance): from \(change.from), but it was \(last)")
            }
            seen[instance]?.state = change.to
        case .deadline(let instance, let deadline): seen[instance]?.deadline = deadline
        case .gaveUpWaiting(let instance, _):
            if seen[instance]?.state != .stopped { faults.append("instance \(instance) did not wait") }
        case .retired(let instance):
            if !fleet.isDeparting(instance) || fleet[instance].isLive {
                faults.append("instance \(instance) is not gone")
            }
        case .essentialEnded(let instance):
            if !fleet[instance].settings.essential { faults.append("instance \(instance) is not essential") }
        case .perform(let instance, .runErrand(let attempt, .beforeStart)):
            checkBegin(instance, attempt, fleet, &faults)
            seen[instance]?.errandAttempt = attempt
        case .perform(let instance, .spawn(let attempt)):
            // What comes before a program is of the same attempt.
            if attempt != seen[instance]?.errandAttempt { checkBegin(instance, attempt, fleet, &faults) }
        case .perform(let instance, .signalMain), .perform(let instance, .signalGroup):
            checkSignal(instance, fleet, &faults)
        case .perform(let instance, .runErrand(_, .beforeStop)):
            // What has ended by itself waits for nobody.
            if fleet[instance].pid != nil { checkStopOrder(instance, fleet, &faults) }
        case .perform(_, .requestLaunch), .perform(_, .requestStop):
            faults.append("\(action) is the fleet's own")
        case .blocked(let instance):
            if seen[instance]?.state != .stopped { faults.append("instance \(instance) is blocked, and does not wait") }
        case .perform: break
        }
    }

    private mutating func checkBegin(
        _ instance: InstanceID, _ attempt: UInt64, _ fleet: Fleet, _ faults: inout [String]
    ) {
        if let last = seen[instance]?.attempt, attempt <= last {
            faults.append("instance \(instance): attempt \(attempt) after \(last)")
        }
        seen[instance]?.attempt = attempt
        checkLaunch(instance, attempt, fleet, &faults)
    }

    /// An instance has gone down without an order: what is bound to its service must not be on its way up, nor stay.
    private func checkBound(to instance: InstanceID, _ fleet: Fleet, _ faults: inout [String]) {
        for bound in places(fleet.graph.boundBy, of: instance, in: fleet) {
            for other in fleet.instances(of: bound) where fleet[other].desired == .up {
                switch fleet[other].phase {
                case .stopped, .exited, .fatal: break
                case .waiting, .starting, .running, .stopping, .backoff:
                    faults.append("instance \(other) is wanted up while \(instance), to which it is bound, has ended")
                }
            }
        }
    }

    private func checkLaunch(_ instance: InstanceID, _ attempt: UInt64, _ fleet: Fleet, _ faults: inout [String]) {
        if let other = seen[instance]?.live {
            faults.append("instance \(instance): attempt \(attempt) is launched while \(other) lives")
        }
        if fleet[instance].desired == .down {
            faults.append("instance \(instance): attempt \(attempt) is launched while it is wanted down")
        }
        for required in places(fleet.graph.requires, of: instance, in: fleet) {
            for other in fleet.instances(of: required) where !fleet[other].isUp {
                faults.append("instance \(instance) is launched while \(other), which it requires, is not up")
            }
        }
    }

    private func checkSignal(_ instance: InstanceID, _ fleet: Fleet, _ faults: inout [String]) {
        guard fleet[instance].pid != nil || fleet[instance].spawnIsPending else {
            faults.append("instance \(instance): a signal for a main process that is gone")
            return
        }
        // A kill goes past the steps, and a oneshot that overran its time waits for nobody.
        guard case .stopping(let stop) = fleet[instance].phase, stop.step == 0, stop.kills == 0 else { return }
        checkStopOrder(instance, fleet, &faults)
    }

    /// A stop that has just begun, with its first step or with the hooks before it: what comes after it must be down.
    private func checkStopOrder(_ instance: InstanceID, _ fleet: Fleet, _ faults: inout [String]) {
        guard seen[instance]?.wasRunning == true, case .stopping(let stop) = fleet[instance].phase, stop.why == .ordered
        else { return }
        let service = fleet.place(of: fleet.service(of: instance))
        // What went down without an order may be taken along by what is bound to it: its signal came before that order.
        if case .dependency = fleet[instance].cause,
            fleet.graph.stopClosure(of: fleet.graph.boundBy[service]).contains(service)
        {
            return
        }
        for successor in places(fleet.graph.successors, of: instance, in: fleet) {
            for other in fleet.instances(of: successor) {
                let machine = fleet[other]
                guard machine.isLive, machine.isGoingDown || machine.desired == .down else { continue }
                faults.append("instance \(instance) is stopped while \(other), which comes after it, still goes down")
            }
        }
    }

    /// Looks at a fleet that nothing will happen to any more: what is must be what is wanted.
    package func checkQuiet(_ fleet: Fleet) -> [String] {
        var faults: [String] = []
        for instance in fleet.allInstances {
            let machine = fleet[instance]
            let isRight =
                switch (machine.desired, machine.phase) {
                case (.up, .running): !machine.stopRequested
                case (.up, .waiting): fleet.waitsFor(instance)?.failed == true
                case (_, .exited), (_, .fatal), (.up, .backoff), (.down, .stopped): true
                default: false
                }
            if !isRight { faults.append("instance \(instance) is \(machine.phase) and wanted \(machine.desired)") }
            let mayLive = machine.phase == .running
            if !mayLive, live(instance) != nil {
                faults.append("instance \(instance): processes live in \(machine.phase)")
            }
        }
        return faults
    }

    private func places(_ edges: [[Int]], of instance: InstanceID, in fleet: Fleet) -> [ServiceID] {
        let services = Array(fleet.services)
        return edges[fleet.place(of: fleet.service(of: instance))].map { services[$0] }
    }
}
