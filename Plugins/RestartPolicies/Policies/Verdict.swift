import SupdPlugin

/// The policies that systemd.service(5) has under `Restart=`: each only says what it thinks of an end. The others take one of
/// them for the ends that they have nothing of their own to say about.
enum Verdict: String, CaseIterable, RuledPolicy {
    /// An end is an end, unless `restart_force_exit_status` has it.
    case no
    /// After exit code 0, one of the clean signals, or what `success_exit_status` adds.
    case onSuccess = "on-success"
    /// After everything that is not a success, a program that could not be started included.
    case onFailure = "on-failure"
    /// After an unclean signal, an overrun time or a sign of life that did not come, but not after an exit code, whatever it is.
    case onAbnormal = "on-abnormal"
    /// After an unclean signal alone, and not of supd's own doing.
    case onAbort = "on-abort"
    /// After it gave no sign of life within `watchdog`.
    case onWatchdog = "on-watchdog"
    /// Whatever the end.
    case always

    /// The verdict that the option `name` says.
    init(_ options: PluginOptions, _ name: String) {
        self = Verdict(rawValue: options.word(name)) ?? .onFailure
    }

    /// The declaration of an option that takes one of `verdicts`.
    static func option(_ name: String, of verdicts: [Verdict] = allCases, _ summary: String) -> OptionDeclaration {
        OptionDeclaration(
            name, .word(verdicts.map(\.rawValue)), standard: .word(Verdict.onFailure.rawValue), summary)
    }

    /// Whether the end is followed by another run.
    func restarts(_ context: RestartContext) -> Bool {
        switch self {
        case .no: false
        case .onSuccess: !context.isFailure
        case .onFailure: context.isFailure
        case .onAbnormal: context.exit.forced != nil || (context.isFailure && Self.isSignal(context.exit.outcome))
        case .onAbort:
            context.exit.forced == nil && context.isFailure && Self.isSignal(context.exit.outcome)
        case .onWatchdog: context.exit.forced == .watchdog || context.exit.forced == .watchdogTrigger
        case .always: true
        }
    }

    func answer(_ context: RestartContext) -> RestartDecision { restarts(context) ? .restart : .stay }

    private static func isSignal(_ outcome: ExitOutcome) -> Bool {
        switch outcome {
        case .signaled, .outOfMemory: true
        // A program that cannot be started is to systemd one that exits 203 (EXIT_EXEC): a code, not a signal.
        case .exited, .unknown, .spawnFailed: false
        }
    }
}
