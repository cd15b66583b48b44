package import SupdEngine
import SupdPlugin

/// What must hold of every single transition of a machine, whatever the event.
package enum MachineRules {
    /// The rules that `event` broke, as sentences.
    package static func faults(
        of event: ServiceEvent, before: ServiceMachine, after: ServiceMachine, actions: [ServiceAction]
    ) -> [String] {
        var faults: [String] = []
        func check(_ holds: Bool, _ rule: @autoclosure () -> String) {
            if !holds { faults.append("\(event) in \(before.phase) led to \(after.phase), \(actions): \(rule())") }
        }
        let changed = before.phase != after.phase
        if let attempt = attempt(of: event), attempt != before.attempt {
            check(!changed && actions.isEmpty && before.pid == after.pid, "an event of another attempt changes nothing")
            check(before.deadline == after.deadline && before.desired == after.desired, "not even a deadline")
            check(before.spawnIsPending == after.spawnIsPending, "nor what is waited for")
        }
        if before.desired != after.desired {
            switch event {
            case .start, .restart: check(after.desired == .up, "these orders want it up")
            case .stop, .resetFailed: check(after.desired == .down, "these orders want it down")
            default: check(false, "only an order changes what is wanted")
            }
        }
        if before.attempt != after.attempt {
            check(event == .launch && before.phase == .waiting, "an attempt begins with the grant of a launch")
            check(after.attempt == before.attempt + 1, "attempts are counted")
            check(
                actions == [.spawn(attempt: after.attempt)]
                    || actions == [.runErrand(attempt: after.attempt, .beforeStart)],
                "an attempt begins with its spawn, or with what comes before it")
            check(after.desired == .up, "nothing is launched that is wanted down")
        }
        for action in actions { self.check(action, before: before, after: after, check) }
        if case .stopping = before.phase, changed { checkEnd(event, after, check) }
        return faults
    }

    private static func check(
        _ action: ServiceAction, before: ServiceMachine, after: ServiceMachine,
        _ check: (Bool, @autoclosure () -> String) -> Void
    ) {
        switch action {
        case .requestLaunch: check(after.phase == .waiting, "only what waits asks to be launched")
        case .requestStop: check(after.stopRequested && !before.stopRequested, "a stop is asked for once")
        case .spawn:
            check(
                after.attempt != before.attempt || before.startErrand == .beforeStart,
                "a spawn is a new attempt's, or follows what came before it")
        case .signalMain, .signalGroup:
            check(before.pid != nil || before.spawnIsPending, "a signal needs a process that is not reaped")
        case .signalTree:
            check(after.settings.killMode != .process, "kill mode process reaches no others")
            check(after.isGoingDown, "only a stop reaches the tree")
        case .runErrand(let attempt, let errand):
            let all = after.settings.errands.commands.union(after.settings.errands.hooks)
            check(attempt == after.attempt && all.contains(errand), "its own errand, where it has one")
            check(after.pid == nil || errand == .afterStart || errand == .beforeStop, "these errands see no process")
        case .dropErrand(let attempt):
            check(attempt == after.attempt && after.startErrand == nil, "its own errand")
        case .examineTree(let attempt):
            check(
                attempt == after.attempt && after.pid == nil && !after.spawnIsPending, "its own tree, once reaped")
        }
    }

    private static func checkEnd(
        _ event: ServiceEvent, _ after: ServiceMachine, _ check: (Bool, @autoclosure () -> String) -> Void
    ) {
        if case .stopping = after.phase { return }
        switch event {
        // The tree was proved gone before these hooks began.
        case .errandEnded(_, .afterStop, _, _), .kill: return
        case .treeExamined: break
        default: return check(false, "a stop ends only when the tree was looked at")
        }
        guard case .treeExamined(_, let remaining) = event else { return }
        check(remaining == 0 || after.settings.killMode == .process, "a stop ends only when the tree is gone")
    }

    private static func attempt(of event: ServiceEvent) -> UInt64? {
        switch event {
        case .spawnPending(let attempt), .spawned(let attempt, _), .spawnFailed(let attempt, _),
            .exited(let attempt, _),
            .treeExamined(let attempt, _), .errandEnded(let attempt, _, _, _):
            attempt
        default: nil
        }
    }
}
