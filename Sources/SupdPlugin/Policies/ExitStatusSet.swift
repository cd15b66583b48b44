/// A set of exit codes and signals, as `success_exit_status` and its kin have it (systemd.service(5)).
public struct ExitStatusSet: Hashable, Sendable {
    /// Exit codes, 0…255.
    public var codes: Set<Int32>
    /// Signals that end a process.
    public var signals: Set<Signal>

    /// The set of these codes and signals.
    public init(codes: Set<Int32> = [], signals: Set<Signal> = []) {
        self.codes = codes
        self.signals = signals
    }

    /// The set as the configuration would have it, in order: `[3, 70, "SIGHUP"]`.
    public var text: String {
        let names = signals.sorted { $0.rawValue < $1.rawValue }.map { "\"\($0)\"" }
        return "[\((codes.sorted().map { "\($0)" } + names).joined(separator: ", "))]"
    }

    /// Whether the set is of nothing.
    public var isEmpty: Bool { codes.isEmpty && signals.isEmpty }

    /// What both sets have.
    public func intersection(_ other: ExitStatusSet) -> ExitStatusSet {
        ExitStatusSet(codes: codes.intersection(other.codes), signals: signals.intersection(other.signals))
    }

    /// Whether `outcome` is in the set. A spawn failure never is.
    public func contains(_ outcome: ExitOutcome) -> Bool {
        switch outcome {
        case .exited(let code): codes.contains(code)
        case .signaled(let signal, _): signals.contains(signal)
        case .outOfMemory: signals.contains(.kill)
        case .unknown, .spawnFailed: false
        }
    }
}

/// The three sets a service may give beside its restart policy, and what counts as success by them.
public struct ExitStatusRules: Hashable, Sendable {
    /// Counts as success, beside exit code 0 and SIGHUP, SIGINT, SIGTERM and SIGPIPE (systemd.service(5), SuccessExitStatus=).
    public var success: ExitStatusSet
    /// Whether SIGHUP, SIGINT, SIGTERM and SIGPIPE count as success by themselves: not of a oneshot, whose work was not done then.
    public var signalsAreClean = true
    /// Never restarted, whatever the policy says (RestartPreventExitStatus=).
    public var restartPrevent: ExitStatusSet
    /// Always restarted, whatever the policy says (RestartForceExitStatus=).
    public var restartForce: ExitStatusSet

    /// The rules of these sets.
    public init(
        success: ExitStatusSet = .init(), restartPrevent: ExitStatusSet = .init(), restartForce: ExitStatusSet = .init()
    ) {
        self.success = success
        self.restartPrevent = restartPrevent
        self.restartForce = restartForce
    }

    /// Whether `exit` is a success: code 0, one of the four clean signals (`signalsAreClean`) or the `success` set, of the program
    /// itself, and neither forced nor too early.
    public func isSuccess(_ exit: ExitRecord) -> Bool {
        guard exit.forced == nil, exit.command == nil, !exit.isEarly else { return false }
        if success.contains(exit.outcome) { return true }
        switch exit.outcome {
        case .exited(let code): return code == 0
        case .signaled(let signal, _): return signalsAreClean && [.hup, .int, .term, .pipe].contains(signal)
        case .outOfMemory, .unknown, .spawnFailed: return false
        }
    }

    /// Whether `exit` came too early, and would be a success had it not.
    package func isEarlySuccess(_ exit: ExitRecord) -> Bool {
        guard exit.isEarly else { return false }
        var onTime = exit
        onTime.isEarly = false
        return isSuccess(onTime)
    }
}
