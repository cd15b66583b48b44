import SupdConfiguration
import SupdEngine
import SupdPlugin
import SupdProtocol

/// What was decided after an end that nobody had ordered.
extension Supervisor {
    /// What has led to what a machine has come to, out of the state `from`; nil where no end was weighed.
    func decision(of instance: InstanceID, as machine: ServiceMachine, from: ServiceState) -> EndDecision? {
        var policy: String { definition(of: instance).conduct.restartName }
        switch machine.phase {
        case .backoff:
            return EndDecision(
                .restart, by: machine.restartBasis, policy: policy,
                delay: machine.nextStartAt.map { $0.duration(since: machine.since) })
        case .waiting where machine.restarts > 0 && (from == .stopping || from == .starting):
            return EndDecision(.restart, by: machine.restartBasis, policy: policy)
        case .exited: return EndDecision(.stay, by: machine.stayBasis, policy: policy)
        case .fatal(.couldNotStart): return EndDecision(.giveUp, by: machine.stayBasis, policy: policy)
        case .fatal(.startLimit(let limit)):
            return EndDecision(
                .giveUp, by: .startLimit, policy: policy,
                detail: "started \(plural(limit.burst, "time")) within \(limit.interval.text)")
        case .fatal(.givenUp(let reason)): return EndDecision(.giveUp, by: .policy, policy: policy, detail: reason)
        case .stopped, .waiting, .starting, .running, .stopping: return nil
        }
    }
}

extension ServiceMachine {
    /// What has it run again after its last end.
    var restartBasis: EndDecision.Basis {
        guard let outcome = lastExit?.outcome else { return .policy }
        if lacked != nil { return .resources }
        let rules = settings.exitStatusRules
        return rules.restartForce.contains(outcome) && !rules.restartPrevent.contains(outcome)
            ? .restartForce : .policy
    }

    /// What has it left as it is after its last end.
    var stayBasis: EndDecision.Basis {
        if settings.type == .oneshot, endedWithSuccess { return .oneshot }
        let isPrevented = lastExit.map { settings.exitStatusRules.restartPrevent.contains($0.outcome) } ?? false
        return isPrevented ? .restartPrevent : .policy
    }
}
