import Glibc
import SupdPlugin

/// `decaying`: a counter that each failure raises by one and time halves, as suture has it (its FailureThreshold,
/// FailureDecay and FailureBackoff). Over the threshold it waits, or gives up.
struct Decaying: RuledPolicy {
    private enum Over: String, CaseIterable {
        case wait
        case giveUp = "give-up"
    }

    static let options = [
        OptionDeclaration(
            // What the history forgets must weigh little: at a steady rate of this many, an eighth.
            "threshold", .number(0...32), standard: .number(5), "How high the counter may be."),
        OptionDeclaration(
            "decay", .duration, standard: .duration(.seconds(30)), "The time in which the counter falls to its half."),
        OptionDeclaration(
            "over", .word(Over.allCases.map(\.rawValue)), standard: .word(Over.wait.rawValue),
            "What happens once the counter is over the threshold."),
        OptionDeclaration(
            "backoff", .duration, standard: .duration(.seconds(15)),
            "How long it waits over the threshold, in place of the service's own backoff."),
        Counting.base,
    ]

    let threshold: Double
    let decay: Duration
    private let over: Over
    let backoff: Duration
    let base: Verdict

    init(_ options: PluginOptions) throws(OptionError) {
        threshold = options.number("threshold")
        (decay, backoff) = try OptionError.together(
            { () throws(OptionError) in try Counting.time("decay", options) },
            { () throws(OptionError) in try Counting.delay("backoff", options) })
        over = Over(rawValue: options.word("over")) ?? .wait
        base = Verdict(options, "base")
    }

    func answer(_ context: RestartContext) -> RestartDecision {
        guard base.restarts(context) else { return .stay }
        guard context.isFailure else { return .restart }
        let counter = context.history.ends.reduce(1) { sum, end in
            end.wasFailure ? sum + exp2(-end.ago.inSeconds / decay.inSeconds) : sum
        }
        guard counter > threshold else { return .restart }
        switch over {
        case .wait: return .restartAfter(backoff)
        case .giveUp:
            let shown = (counter * 10).rounded() / 10
            return .giveUp(reason: "its failure counter is at \(shown), over \(threshold)")
        }
    }
}
