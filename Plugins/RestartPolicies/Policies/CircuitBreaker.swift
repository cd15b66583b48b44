import SupdPlugin

/// `circuit-breaker`: so many failures within a time open it, and for another time nothing is run. Then it is half open: one
/// run on trial. A trial that fails before it was stable opens it again; any other end of a trial closes it, and what was
/// before the trial is not counted any more.
///
/// Whether a run was on trial is in the history: the end before it was answered with a delay, which only an open breaker does.
struct CircuitBreaker: RuledPolicy {
    static let options = [
        OptionDeclaration(
            // One of them is the end that the question is about.
            "failures", .integer(1...RestartHistory.capacity), standard: .integer(5),
            "How many failures within the time open it."),
        OptionDeclaration(
            "within", .duration, standard: .duration(.seconds(60)), "The time, counted back from each failure."),
        OptionDeclaration(
            "open", .duration, standard: .duration(.seconds(30)), "How long it stays open, before a run on trial."),
        OptionDeclaration(
            "stable", .duration, standard: .duration(.seconds(10)), "A run on trial of at least this long closes it."),
        Counting.base,
    ]

    let failures: Int
    let within: Duration
    let open: Duration
    let stable: Duration
    let base: Verdict

    init(_ options: PluginOptions) throws(OptionError) {
        failures = options.integer("failures")
        (within, open) = try OptionError.together(
            { () throws(OptionError) in try Counting.time("within", options) },
            { () throws(OptionError) in try Counting.delay("open", options) })
        stable = options.duration("stable")
        base = Verdict(options, "base")
    }

    func answer(_ context: RestartContext) -> RestartDecision {
        guard base.restarts(context) else { return .stay }
        guard context.isFailure else { return .restart }
        let ends = context.history.ends
        if ends.first?.wasDelayed == true, context.exit.ranFor < stable { return .restartAfter(open) }
        let earlier = ends.prefix { !$0.wasDelayed && $0.ago <= within }.count { $0.wasFailure }
        return earlier + 1 < failures ? .restart : .restartAfter(open)
    }
}
