import SupdPlugin

/// `on-abnormal`: after an unclean signal or an overrun time, but not after an exit code, whatever it is.
struct RestartOnAbnormal: VerdictPolicy {
    func restarts(after exit: ExitRecord, rules: ExitStatusRules) -> Bool {
        if exit.timedOut { return true }
        switch exit.outcome {
        case .signaled: return !rules.isSuccess(exit)
        // A program that cannot be started is to systemd one that exits 203 (EXIT_EXEC): a code, not a signal.
        case .exited, .spawnFailed: return false
        }
    }
}
