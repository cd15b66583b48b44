import SupdPlugin

/// `always`: whatever the end.
struct RestartAlways: VerdictPolicy {
    func restarts(after exit: ExitRecord, rules: ExitStatusRules) -> Bool { true }
}
