import SupdPlugin

/// `budget`: as many restarts within a time as a supervisor of OTP has (intensity and period), and one more is given up.
///
/// As there (supervisor.erl, add_restart), every restart counts, whatever the end before it, and what lies exactly a period
/// back still does.
struct Budget: RuledPolicy {
    static let options = [
        OptionDeclaration(
            "restarts", .integer(0...RestartHistory.capacity), standard: .integer(3),
            "How many restarts there may be within the time."),
        OptionDeclaration(
            "within", .duration, standard: .duration(.seconds(5)), "The time, counted back from each end."),
        Counting.base,
    ]

    let restarts: Int
    let within: Duration
    let base: Verdict

    init(_ options: PluginOptions) throws(OptionError) {
        restarts = options.integer("restarts")
        within = try Counting.time("within", options)
        base = Verdict(options, "base")
    }

    func answer(_ context: RestartContext) -> RestartDecision {
        guard base.restarts(context) else { return .stay }
        let spent = context.history.ends.count { $0.ago <= within }
        return spent < restarts
            ? .restart : .giveUp(reason: "more than \(plural(restarts, "restart")) within \(within.text)")
    }
}
