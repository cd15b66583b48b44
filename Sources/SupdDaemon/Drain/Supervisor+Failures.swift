import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin

/// What has failed, and what the daemon's own end makes of it.
extension Supervisor {
    /// The exit status that says how an instance ended, as a shell would. What counts as failed is never 0, whatever its program ended with.
    func exitCode(of instance: InstanceID) -> Int32 {
        let code: Int32 =
            switch fleet[instance].lastExit?.outcome {
            case .exited(let own)?: own
            case .signaled(let signal, _)?: 128 + signal.rawValue
            case .outOfMemory?: 128 + Signal.kill.rawValue
            // Of a command of `supd run`, as for every other command that cannot be run.
            case .spawnFailed(let failure)? where settings.runsOneCommand && failure.stage == .exec:
                failure.error.name == "ENOENT" ? 127 : 126
            case .spawnFailed?, nil: ExitCode.neverStarted
            }
        return code == 0 && hasFailedForGood(instance) ? ExitCode.neverStarted : code
    }

    /// Whether it is wanted up, has ended without success, and is not run again.
    func hasFailedForGood(_ instance: InstanceID) -> Bool {
        let machine = fleet[instance]
        guard machine.desired == .up else { return false }
        return switch machine.phase {
        case .exited: !machine.endedWithSuccess
        case .fatal: true
        case .stopped, .waiting, .starting, .running, .backoff, .stopping: false
        }
    }

    /// What failed for good first, of what has failed now: what was started again since and did better is none of it. What waits for something
    /// that has failed comes after everything that failed by itself.
    private func firstFailure() -> (instance: InstanceID, code: Int32)? {
        let failed = listed.filter(hasFailedForGood)
        if let first = failed.min(by: { fleet[$0].since < fleet[$1].since }) {
            return (first, exitCode(of: first))
        }
        return listed.first(where: fleet.isHopeless).map { ($0, ExitCode.neverStarted) }
    }

    /// Ends the daemon when nothing is left to run, or something has failed, where the configuration says so.
    func endWhenAsked() {
        // What was ordered may not be told to all of them yet.
        guard drain.stage == .idle, fleet.isSettled else { return }
        switch settings.exitWhen {
        case .never: return
        case .allExited: guard fleet.busy == 0 else { return }
        case .anyFailed: guard fleet.busy == 0 || shutdown.sawFailure else { return }
        }
        shutdown.sawFailure = false
        let failure = firstFailure()
        guard fleet.busy == 0 || failure != nil else { return }
        shutdown.failureCode = failure?.code
        var cause = fleet.busy == 0 ? "nothing is left to run" : ""
        if let (instance, _) = failure {
            let verb = fleet.isHopeless(instance) ? "" : "has failed: "
            cause += (cause.isEmpty ? "" : ", and ") + "\(name(of: instance)) \(verb)\(reason(of: instance))"
        }
        beginDrain(exits: true, cause: cause)
    }
}
