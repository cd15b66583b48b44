import SupdPlugin

/// `no`: an end is an end, unless `restart_force_exit_status` has it.
struct NoRestart: VerdictPolicy {
    func restarts(after exit: ExitRecord, rules: ExitStatusRules) -> Bool { false }
}
