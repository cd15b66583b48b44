import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin

/// What the daemon's log says of services: one line a change.
extension Supervisor {
    /// How many warnings of the configuration are logged at the start.
    static let warningsTold = 20

    func logExit(of instance: Int, _ outcome: ExitOutcome) {
        let machine = fleet[instance]
        let ordered = machine.desired == .down || machine.isGoingDown
        let ran = host.now.duration(since: machine.startedAt).text
        let text = "\(instances[instance]) ended after \(ran): \(outcome)"
        let record = ExitRecord(attempt: machine.attempt, pid: machine.pid, outcome: outcome, ranFor: .zero)
        if ordered || machine.settings.exitStatusRules.isSuccess(record) {
            log.write(.info, text, about: instances[instance])
        } else {
            log.write(.warning, text, about: instances[instance])
        }
    }

    /// What the configuration warns of, at most `warningsTold` one by one: `supd check` shows all of them.
    func tellWarnings(_ warnings: [ConfigurationFault]) {
        for warning in warnings.prefix(Self.warningsTold) {
            log.warning("\(warning.place): \(warning.message)")
        }
        let rest = warnings.count - Self.warningsTold
        if rest > 0 {
            log.warning("\(plural(rest, "more warning")) of the configuration: 'supd check' shows all of them")
        }
    }

    /// Whether trees are told apart exactly, and if not, why.
    func tellTracking() {
        switch host.tracking {
        case .controlGroups(let path): log.info("each instance has a control group below \(path)")
        case .descent(let reason):
            log.info("processes are told apart by descent, session and environment, as \(reason)")
        }
    }

    func tellLeft(by instance: Int, _ tree: ProcessTree, _ pids: [Int32]) {
        if fleet[instance].settings.killMode == .process {
            return keepLeftRunning(by: instance, tree, pids)
        }
        guard case .stopping(let stop) = fleet[instance].phase else { return }
        if stop.why == .ended, stop.step == nil, stop.errand == nil { tellStopped(by: instance, pids) }
        guard stop.kills <= 1 else { return }
        let list = pids.prefix(8).map(String.init).joined(separator: ", ")
        let more = pids.count > 8 ? ", …" : ""
        log.write(
            .debug, "\(instances[instance]) has left processes behind: \(list)\(more)", about: instances[instance])
    }

    /// An adopted process cannot be looked at: what it is part of counts as gone without it.
    func tellUnreadable(_ process: ProcessDetail) {
        log.warning(
            "process \(process.pid) (\(process.command)) cannot be looked at, so whose it is is not known: no service is kept from "
                + "ending or starting by it any more, and no stop reaches it before the shutdown")
    }

    func logChange(of instance: Int, from before: ServiceState, to after: ServiceState) {
        let machine = fleet[instance]
        let name = instances[instance]
        switch after {
        case .running: log.write(.info, "\(name) is running, pid \(machine.pid.map(String.init) ?? "?")", about: name)
        case .backoff:
            let delay = machine.nextStartAt.map { $0.duration(since: host.now).text } ?? "a while"
            log.write(.info, "\(name) will be run again in \(delay)", about: name)
        case .exited: log.write(.info, "\(name) is not run again: \(reason(of: instance))", about: name)
        case .fatal: log.write(.error, "\(name) is given up: \(reason(of: instance))", about: name)
        case .stopped:
            guard before == .stopping || before == .backoff, machine.desired == .down else { return }
            let how = machine.killed ? " (SIGKILL was needed)" : ""
            if machine.phase == .stopped {
                log.write(machine.killed ? .warning : .info, "\(name) is stopped\(how)", about: name)
            }
        case .starting, .stopping: log.write(.debug, "\(name) is \(after.rawValue)", about: name)
        }
    }
}
