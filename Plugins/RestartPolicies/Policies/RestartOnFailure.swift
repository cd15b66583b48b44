import SupdPlugin

/// `on-failure`: after everything that is not a success, a program that could not be started included.
struct RestartOnFailure: VerdictPolicy {
    func restarts(after exit: ExitRecord, rules: ExitStatusRules) -> Bool { !rules.isSuccess(exit) }
}
