import SupdPlugin

/// `on-success`: after exit code 0, one of the clean signals, or what `success_exit_status` adds.
struct RestartOnSuccess: VerdictPolicy {
    func restarts(after exit: ExitRecord, rules: ExitStatusRules) -> Bool { rules.isSuccess(exit) }
}
