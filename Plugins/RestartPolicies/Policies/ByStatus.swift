import SupdPlugin

/// `by-status`: what to do after which exit codes and signals, and a policy for all the others, for an overrun time and for a
/// program that cannot be started.
struct ByStatus: RuledPolicy {
    private static let lists = ["restart", "stay", "give_up"]

    static let options = [
        OptionDeclaration(
            "restart", .exitStatuses, standard: .exitStatuses(.init()), "It is run again after these."),
        OptionDeclaration("stay", .exitStatuses, standard: .exitStatuses(.init()), "It is left as it is after these."),
        OptionDeclaration(
            "give_up", .exitStatuses, standard: .exitStatuses(.init()), "It is FATAL after these."),
        Verdict.option("otherwise", "The policy for every other end."),
    ]

    let restart: ExitStatusSet
    let stay: ExitStatusSet
    let giveUp: ExitStatusSet
    let otherwise: Verdict

    init(_ options: PluginOptions) throws(OptionError) {
        for (place, name) in Self.lists.enumerated() {
            for earlier in Self.lists[..<place] {
                let both = options.exitStatuses(name).intersection(options.exitStatuses(earlier))
                guard both.isEmpty else {
                    throw OptionError(option: name, message: "has \(both.text), which '\(earlier)' has already")
                }
            }
        }
        restart = options.exitStatuses("restart")
        stay = options.exitStatuses("stay")
        giveUp = options.exitStatuses("give_up")
        otherwise = Verdict(options, "otherwise")
    }

    func answer(_ context: RestartContext) -> RestartDecision {
        let outcome = context.exit.outcome
        // That it was killed for overrunning its time says nothing of its own exit code or signal.
        guard context.exit.forced == nil else { return otherwise.answer(context) }
        if restart.contains(outcome) { return .restart }
        if stay.contains(outcome) { return .stay }
        if giveUp.contains(outcome) { return .giveUp(reason: "\(outcome) is in its 'give_up'") }
        return otherwise.answer(context)
    }
}
