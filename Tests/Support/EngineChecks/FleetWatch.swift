package import SupdEngine
import SupdPlugin

/// Looks at a fleet after every event, and says what must never be. Every rule is one of the contract.
///
/// Feed it each batch of actions together with the fleet that gave them (`check`), each process that has begun
/// (`began`) and each tree that is proved gone (`gone`), and at the end, when nothing is on its way any more, ask
/// `checkQuiet`. Each of them answers sentences; no sentence means no fault.
package struct FleetWatch {
    /// The attempt whose processes live, for each instance; nil where none do.
    package private(set) var live: [UInt64?]

    private var lastAttempt: [UInt64]
    private var lastState: [ServiceState]
    private var lastDeadline: [MonotonicInstant?]
    private var wasRunning: [Bool]
    private var wasUp: [Bool]
    private var wasReached = false

    /// Watches a fleet that has done nothing yet.
    package init(_ fleet: Fleet) {
        live = Array(repeating: nil, count: fleet.machines.count)
        lastAttempt = fleet.machines.map(\.attempt)
        lastState = fleet.machines.map(\.state)
        lastDeadline = fleet.machines.map(\.deadline)
        wasRunning = fleet.machines.map { $0.phase == .running }
        wasUp = fleet.machines.map(\.isUp)
    }

    /// The fleet has more instances than before, which have done nothing yet.
    package mutating func grow(_ fleet: Fleet) {
        for machine in fleet.machines[lastAttempt.count...] {
            live.append(nil)
            lastAttempt.append(machine.attempt)
            lastState.append(machine.state)
            lastDeadline.append(machine.deadline)
            wasRunning.append(false)
            wasUp.append(false)
        }
    }

    /// A process of `attempt` has begun, or a spawn that may be on its way to one.
    package mutating func began(_ instance: Int, attempt: UInt64, fleet: Fleet) -> [String] {
        var faults: [String] = []
        if let other = live[instance], other != attempt || fleet.machines[instance].pid != nil {
            faults.append("instance \(instance): attempt \(attempt) began while \(other) lives")
        }
        if fleet.machines[instance].desired == .down, !fleet.machines[instance].stopRequested {
            faults.append("instance \(instance): attempt \(attempt) began while it is wanted down")
        }
        live[instance] = attempt
        return faults
    }

    /// Nothing of the instance's processes is left.
    package mutating func gone(_ instance: Int) { live[instance] = nil }

    /// Looks at the fleet after an event, and at what that event led to.
    package mutating func check(_ fleet: Fleet, after actions: [FleetAction]) -> [String] {
        // Between the steps of an order it is not at rest.
        var faults = fleet.stepsAtOnce == .max || fleet.isSettled ? fleet.faults() : []
        for action in actions { check(action, fleet, &faults) }
        for instance in fleet.machines.indices {
            let state = fleet.machines[instance].state
            if lastState[instance] != state { faults.append("instance \(instance): a change to \(state) was not told") }
            let deadline = fleet.machines[instance].deadline
            if lastDeadline[instance] != deadline { faults.append("instance \(instance): a deadline was not told") }
            if fleet.machines[instance].attempt != lastAttempt[instance] {
                faults.append("instance \(instance): attempt \(fleet.machines[instance].attempt) has no spawn")
            }
            if fleet.stepsAtOnce == .max, wasUp[instance], fleet.machines[instance].hasFallen {
                checkBound(to: instance, fleet, &faults)
            }
            wasUp[instance] = fleet.machines[instance].isUp
            wasRunning[instance] = fleet.machines[instance].phase == .running
            if !fleet.machines[instance].isLive, let attempt = live[instance] {
                faults.append("instance \(instance): \(state) is said while attempt \(attempt) lives")
            }
        }
        if wasReached, !fleet.goalReached { faults.append("a goal that was reached is not any more") }
        wasReached = fleet.goalReached
        return faults
    }

    private mutating func check(_ action: FleetAction, _ fleet: Fleet, _ faults: inout [String]) {
        switch action {
        case .changed(let instance, let before, let after):
            if lastState[instance] != before {
                faults.append("instance \(instance): from \(before), but it was \(lastState[instance])")
            }
            lastState[instance] = after
        case .deadline(let instance, let deadline): lastDeadline[instance] = deadline
        case .gaveUpWaiting(let instance):
            if lastState[instance] != .stopped { faults.append("instance \(instance) did not wait") }
        case .essentialEnded(let instance):
            if !fleet.machines[instance].settings.essential { faults.append("instance \(instance) is not essential") }
        case .perform(let instance, .runErrand(let attempt, .beforeStart)):
            checkBegin(instance, attempt, fleet, &faults)
        case .perform(let instance, .spawn(let attempt)):
            // What comes before a program is of the same attempt.
            let hasErrand = fleet.machines[instance].settings.errands.commands.contains(.beforeStart)
            if !hasErrand || attempt != lastAttempt[instance] { checkBegin(instance, attempt, fleet, &faults) }
        case .perform(let instance, .signalMain), .perform(let instance, .signalGroup):
            checkSignal(instance, fleet, &faults)
        case .perform(let instance, .runErrand(_, .beforeStop)):
            // What has ended by itself waits for nobody.
            if fleet.machines[instance].pid != nil { checkStopOrder(instance, fleet, &faults) }
        case .perform(_, .requestLaunch), .perform(_, .requestStop):
            faults.append("\(action) is the fleet's own")
        case .perform, .blocked: break
        }
    }

    private mutating func checkBegin(_ instance: Int, _ attempt: UInt64, _ fleet: Fleet, _ faults: inout [String]) {
        if attempt <= lastAttempt[instance] {
            faults.append("instance \(instance): attempt \(attempt) after \(lastAttempt[instance])")
        }
        lastAttempt[instance] = attempt
        checkLaunch(instance, attempt, fleet, &faults)
    }

    /// An instance has gone down without an order: what is bound to its service must not be on its way up, nor stay.
    private func checkBound(to instance: Int, _ fleet: Fleet, _ faults: inout [String]) {
        for bound in fleet.graph.boundBy[fleet.service(of: instance)] {
            for other in fleet.instances(of: bound) where fleet.machines[other].desired == .up {
                switch fleet.machines[other].phase {
                case .stopped, .exited, .fatal: break
                case .waiting, .starting, .running, .stopping, .backoff:
                    faults.append("instance \(other) is wanted up while \(instance), to which it is bound, has ended")
                }
            }
        }
    }

    private func checkLaunch(_ instance: Int, _ attempt: UInt64, _ fleet: Fleet, _ faults: inout [String]) {
        if let other = live[instance] {
            faults.append("instance \(instance): attempt \(attempt) is launched while \(other) lives")
        }
        if fleet.machines[instance].desired == .down {
            faults.append("instance \(instance): attempt \(attempt) is launched while it is wanted down")
        }
        for required in fleet.graph.requires[fleet.service(of: instance)] {
            for other in fleet.instances(of: required) where !fleet.machines[other].isUp {
                faults.append("instance \(instance) is launched while \(other), which it requires, is not up")
            }
        }
    }

    private func checkSignal(_ instance: Int, _ fleet: Fleet, _ faults: inout [String]) {
        guard fleet.machines[instance].pid != nil || fleet.machines[instance].spawnIsPending else {
            faults.append("instance \(instance): a signal for a main process that is gone")
            return
        }
        // A kill goes past the steps, and a oneshot that overran its time waits for nobody.
        guard case .stopping(let stop) = fleet.machines[instance].phase, stop.step == 0, stop.kills == 0 else { return }
        checkStopOrder(instance, fleet, &faults)
    }

    /// A stop that has just begun, with its first step or with the hooks before it: what comes after it must be down.
    private func checkStopOrder(_ instance: Int, _ fleet: Fleet, _ faults: inout [String]) {
        guard wasRunning[instance], case .stopping(let stop) = fleet.machines[instance].phase, stop.why == .ordered
        else { return }
        let service = fleet.service(of: instance)
        // What went down without an order may be taken along by what is bound to it: its signal came before that order.
        if case .dependency = fleet.machines[instance].cause,
            fleet.graph.stopClosure(of: fleet.graph.boundBy[service]).contains(service)
        {
            return
        }
        for successor in fleet.graph.successors[service] {
            for other in fleet.instances(of: successor) {
                let machine = fleet.machines[other]
                guard machine.isLive, machine.isGoingDown || machine.desired == .down else { continue }
                faults.append("instance \(instance) is stopped while \(other), which comes after it, still goes down")
            }
        }
    }

    /// Looks at a fleet that nothing will happen to any more: what is must be what is wanted.
    package func checkQuiet(_ fleet: Fleet) -> [String] {
        var faults: [String] = []
        for instance in fleet.machines.indices {
            let machine = fleet.machines[instance]
            let isRight =
                switch (machine.desired, machine.phase) {
                case (.up, .running): !machine.stopRequested
                case (.up, .waiting): fleet.waitsFor(instance)?.failed == true
                case (_, .exited), (_, .fatal), (.up, .backoff), (.down, .stopped): true
                default: false
                }
            if !isRight { faults.append("instance \(instance) is \(machine.phase) and wanted \(machine.desired)") }
            let mayLive = machine.phase == .running
            if !mayLive, live[instance] != nil {
                faults.append("instance \(instance): processes live in \(machine.phase)")
            }
        }
        return faults
    }
}
