import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin

/// What the daemon's log says of services: one line a change.
extension Supervisor {
    /// How many warnings of the configuration are logged at the start.
    static let warningsTold = 20

    func logExit(of instance: InstanceID, _ outcome: ExitOutcome) {
        log.write(
            fleet[instance].mayEnd(with: outcome) ? .info : .warning,
            "\(name(of: instance)) ended after \(host.now.duration(since: fleet[instance].startedAt).text): \(outcome)",
            about: name(of: instance), kind: .ended)
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
        case .processGroups:
            log.warning(
                "there is no /proc: what leaves the process group that a service was started in is neither seen nor stopped. Mount it: "
                    + "'mount -t proc proc /proc'")
        }
    }

    /// An adopted process cannot be looked at: what it is part of counts as gone without it.
    func tellUnreadable(_ process: ProcessDetail) {
        log.warning(
            "process \(process.pid) (\(process.command)) cannot be looked at, so whose it is is not known: no service is kept from "
                + "ending or starting by it any more, and no stop reaches it before the drain")
    }

    func logChange(of instance: InstanceID, _ change: StateChange) {
        let name = name(of: instance)
        switch change.to {
        case .running:
            log.write(
                .info, "\(name) is running, pid \(change.machine.pid.map(String.init) ?? "?")", about: name,
                kind: .running)
        case .backoff:
            let delay = change.machine.nextStartAt.map { $0.duration(since: change.at).text } ?? "a while"
            // Of one that lacks something the first failure says it.
            log.write(
                change.machine.lacked == nil ? .info : .debug, "\(name) will be run again in \(delay)", about: name,
                kind: .backoff)
        case .exited:
            log.write(
                .info, "\(name) is not run again: \(words(of: instance, as: change.machine).text)", about: name,
                kind: .exited)
        case .fatal:
            log.write(
                .error, "\(name) is given up: \(words(of: instance, as: change.machine).text)", about: name,
                kind: .givenUp)
        case .stopped:
            let isEnd = change.from == .stopping || change.from == .backoff
            guard isEnd, change.machine.desired == .down, change.machine.phase == .stopped else { return }
            let how = change.killed ? " (SIGKILL was needed)" : ""
            log.write(
                change.killed ? .warning : .info, "\(name) is stopped\(how)", about: name,
                kind: change.killed ? .stopTimedOut : .stopped)
        case .starting, .stopping:
            guard case .stopping(let stop) = change.machine.phase, case .forced(let end) = stop.why else {
                return log.write(.debug, "\(name) is \(change.to.rawValue)", about: name, kind: .starting)
            }
            log.write(.warning, "\(name) is stopped by supd: it \(end.clause)", about: name, kind: .forced)
        }
    }
}
