import SupdConfiguration
import SupdEngine
import SupdPlugin

/// What a service's command is told beside the service's own environment (systemd.exec(5), "Environment Variables Set or
/// Propagated by the Service Manager").
struct CommandEnvironment {
    private(set) var variables: [(name: SuppliedVariable, value: String)] = []

    /// Of a command of an instance whose main process is `pid`. `exit` is how this attempt ended, as far as it has; `killed` that its
    /// stop took a SIGKILL, `stopOverran` that an `exec_stop` ran for longer than it may.
    init(
        mainProcess pid: Int32?, exit: ExitRecord?, rules: ExitStatusRules = .init(), killed: Bool = false,
        stopOverran: Bool = false
    ) {
        if let pid { variables.append((.mainProcess, String(pid))) }
        guard let exit else { return }
        variables.append((.result, exit.result(rules, killed: killed, stopOverran: stopOverran)))
        switch exit.outcome {
        case .exited(let code): variables += [(.exitCode, "exited"), (.exitStatus, String(code))]
        case .signaled(let signal, let coreDumped):
            variables += [(.exitCode, coreDumped ? "dumped" : "killed"), (.exitStatus, Self.short(signal))]
        case .outOfMemory: variables += [(.exitCode, "killed"), (.exitStatus, Self.short(.kill))]
        case .unknown, .spawnFailed: break
        }
    }

    /// `TERM`, as systemd has it.
    private static func short(_ signal: Signal) -> String {
        let name = signal.description
        return name.hasPrefix("SIG") ? String(name.dropFirst(3)) : name
    }
}

extension ExitRecord {
    /// What systemd calls the end of a service.
    fileprivate func result(_ rules: ExitStatusRules, killed: Bool, stopOverran: Bool) -> String {
        switch forced {
        case .startTimeout, .runtimeMax, .commandTimeout: return "timeout"
        case .unhealthy, .watchdog, .watchdogTrigger: return "watchdog"
        case nil: break
        }
        // As with systemd, a stop that goes wrong is told where all went well before.
        if rules.isSuccess(self) { return stopOverran ? "timeout" : "success" }
        if rules.isEarlySuccess(self) { return "protocol" }
        switch outcome {
        case .exited, .unknown: return "exit-code"
        case .signaled(.kill, _) where killed: return "timeout"
        case .signaled(_, let coreDumped): return coreDumped ? "core-dump" : "signal"
        case .outOfMemory: return "oom-kill"
        case .spawnFailed: return "resources"
        }
    }
}
