import SupdPlugin

extension ServiceMachine {
    /// What cannot be true of a machine between two events, as sentences; empty where all is well. For tests.
    package func faults() -> [String] {
        var faults: [String] = []
        func check(_ holds: Bool, _ rule: String) {
            if !holds { faults.append("\(phase), desired \(desired): \(rule)") }
        }
        var isStopping = false
        if case .stopping = phase { isStopping = true }
        switch phase {
        case .stopped:
            check(desired == .down, "what is stopped is wanted down")
            check(deadline == nil, "no deadline")
            check(pid == nil, "no process")
        case .waiting:
            check(desired == .up, "what waits is wanted up")
            check(deadline == nil, "no deadline")
            check(pid == nil, "no process")
        case .starting:
            check(
                (deadline == nil)
                    == (!awaitsUptime && !spawnIsPending && (settings.timeoutStart == nil || startErrand != nil)),
                "a deadline where there is a time limit or one to stay up, and no errand")
            check(
                pid == nil || settings.type == .oneshot || settings.awaitsReadiness || startErrand != nil
                    || awaitsUptime,
                "an exec service that waits for nothing runs once it has a process")
            check(
                !awaitsUptime || (pid != nil && startErrand == nil && settings.minUptime > .zero),
                "what has to stay up has a process, and nothing else of its start to do")
            check(startErrand != .beforeStart || pid == nil, "no process before the errand before it has ended")
            check(startErrand != .afterStart || pid != nil, "a process while the errand after its start is run")
        case .running:
            check(deadlines.runtime == nil || settings.runtimeMax != nil, "a time limit where it has one")
            check(
                (deadlines.watchdog == nil) == (watchdogLimit == nil),
                "a sign of life is awaited where there is a watchdog")
            check(pid != nil, "a process")
            check(settings.type != .oneshot, "a oneshot never runs, it starts")
        case .backoff:
            check(desired == .up, "what will be run again is wanted up")
            check(deadlines.backoff != nil, "an end")
            check(pid == nil, "no process")
        case .stopping(let stop):
            check(stop.mainAlive == mayHaveMain, "a process exactly while the main process lives, or may")
            // After an errand its tree is looked at before anything else.
            let isBetween = !stop.finished.isDisjoint(with: [.afterStart, .afterStop]) && deadline == nil
            check(
                stop.errand == nil
                    ? (deadline == nil) == (stop.step == nil && !stop.isAborted) || isBetween : deadline == nil,
                "a deadline once a step has begun, and none during an errand")
            check(
                stop.step != nil || !stop.mainAlive || stop.errand == .beforeStop || stop.isAborted,
                "a process that lives is in a step")
            check(
                stop.errand == nil || stop.errand == .beforeStop || !stop.mainAlive,
                "errands after the stop come when no process is left")
            check(stop.why != .ended || !stop.mainAlive, "what ended by itself has no main process")
        case .exited, .fatal:
            check(deadline == nil, "no deadline")
            check(pid == nil, "no process")
        }
        check(
            pastEnds.entries.count <= min(restarts, RestartHistory.capacity),
            "it remembers restarts that were, and not too many")
        let awaited = [
            (deadlines.start, "start", phase == .starting), (deadlines.uptime, "uptime", awaitsUptime),
            (deadlines.runtime, "runtime", phase == .running), (deadlines.watchdog, "watchdog", phase == .running),
            (deadlines.backoff, "backoff", phase == .backoff), (deadlines.step, "step", isStopping),
        ]
        for (deadline, name, isOfIt) in awaited {
            check(deadline == nil || isOfIt, "no deadline '\(name)' in this phase")
        }
        check(countedLaunches >= 0, "starts are counted from none")
        if case .fatal(.givenUp(let reason)) = phase {
            check(!reason.isEmpty && reason.utf8.count <= FatalReason.longestText, "what a policy says is held short")
        }
        if spawnIsPending {
            check(pid == nil && startErrand == nil, "a spawn that is not back has no program, and stands alone")
            check(phase == .starting || isStopping, "a spawn that is not back is of a start, or of its stop")
        }
        check(startErrand == nil || phase == .starting, "an errand of a start is of a start")
        if stopRequested {
            check(phase == .starting || phase == .running, "only what is up can wait for its stop")
        } else if phase == .starting || phase == .running {
            check(desired == .up, "what is wanted down and up has asked for its stop")
        }
        return faults
    }
}
