import SupdEngine
import SupdHost
import SupdPlugin

/// What the daemon's log says of services: one line a change.
extension Supervisor {
    func logExit(of instance: Int, _ outcome: ExitOutcome) {
        let machine = fleet.machines[instance]
        let ordered = machine.desired == .down || machine.isGoingDown
        let ran = host.now.duration(since: machine.startedAt).text
        let text = "\(instances[instance]) ended after \(ran): \(outcome)"
        let record = ExitRecord(attempt: machine.attempt, pid: machine.pid, outcome: outcome, ranFor: .zero)
        if ordered || machine.settings.exitStatusRules.isSuccess(record) {
            log.info(text, instance: instances[instance])
        } else {
            log.warning(text, instance: instances[instance])
        }
    }

    func logLeftovers(of instance: Int, _ pids: [Int32]) {
        guard case .stopping(let stop) = fleet.machines[instance].phase, stop.kills <= 1 else { return }
        let list = pids.prefix(8).map(String.init).joined(separator: ", ")
        let more = pids.count > 8 ? ", …" : ""
        log.debug("\(instances[instance]) has left processes behind: \(list)\(more)", instance: instances[instance])
    }

    func logChange(of instance: Int, from before: ServiceState) {
        let machine = fleet.machines[instance]
        let name = instances[instance]
        switch machine.state {
        case .running: log.info("\(name) is running, pid \(machine.pid.map(String.init) ?? "?")", instance: name)
        case .backoff:
            let delay = machine.nextStartAt.map { $0.duration(since: host.now).text } ?? "a while"
            log.info("\(name) will be run again in \(delay)", instance: name)
        case .exited: log.info("\(name) is not run again: \(reason(of: instance))", instance: name)
        case .fatal: log.error("\(name) is given up: \(reason(of: instance))", instance: name)
        case .stopped:
            guard before != .exited, before != .fatal else { return }
            let how = machine.killed ? " (SIGKILL was needed)" : ""
            if machine.phase == .stopped { log.info("\(name) is stopped\(how)", instance: name) }
        case .starting, .stopping: log.debug("\(name) is \(machine.state.rawValue)", instance: name)
        }
    }
}
