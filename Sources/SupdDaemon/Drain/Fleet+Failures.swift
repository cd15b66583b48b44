import SupdEngine
import SupdPlugin

/// What has failed, and what a daemon that ends with it answers.
extension Fleet {
    /// The exit status that says how an instance ended, as a shell would. What counts as failed is never 0, whatever its program ended with.
    /// The one command of `supd run` that cannot be run has the status that every other has.
    func exitCode(of instance: InstanceID, isOneCommand: Bool) -> Int32 {
        let code: Int32 =
            switch self[instance].lastExit?.outcome {
            case .exited(let own)?: own
            case .signaled(let signal, _)?: 128 + signal.rawValue
            case .outOfMemory?: 128 + Signal.kill.rawValue
            case .spawnFailed(let failure)? where isOneCommand && failure.stage == .exec:
                failure.error.name == "ENOENT" ? 127 : 126
            case .unknown?, .spawnFailed?, nil: ExitCode.neverStarted
            }
        return code == 0 && hasFailedForGood(instance) ? ExitCode.neverStarted : code
    }

    /// Whether it is wanted up, has ended without success, and is not run again.
    func hasFailedForGood(_ instance: InstanceID) -> Bool { self[instance].hasFailedForGood }

    /// What failed for good first, of what of `listed` has failed now: what was started again since and did better is none of it. What waits
    /// for something that has failed comes after everything that failed by itself.
    func firstFailure(of listed: [InstanceID]) -> InstanceID? {
        listed.filter(hasFailedForGood).min { self[$0].since < self[$1].since } ?? listed.first(where: isHopeless)
    }
}

extension ServiceMachine {
    fileprivate var hasFailedForGood: Bool {
        guard desired == .up else { return false }
        return switch phase {
        case .exited: !endedWithSuccess
        case .fatal: true
        case .stopped, .waiting, .starting, .running, .backoff, .stopping: false
        }
    }
}
