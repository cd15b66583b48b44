import SupdPlugin

/// `linear`: `initial` before the first restart, `step` more before each that follows, never over `max`.
struct LinearBackoff: Backoff {
    static let options = [
        OptionDeclaration(
            "initial", .duration, standard: .duration(.milliseconds(100)),
            "The delay before the first restart of a row."),
        OptionDeclaration(
            "step", .duration, standard: .duration(.milliseconds(100)),
            "How much each delay is longer than the one before."),
        OptionDeclaration(
            "max", .duration, standard: .duration(.seconds(30)), "No delay is longer."),
        Jitter.option(standard: .none),
        StableRun.option,
    ]

    let range: DelayRange
    let step: Nanoseconds
    let jitter: Jitter
    let resetAfter: Duration?

    init(_ options: PluginOptions) throws(OptionError) {
        range = try DelayRange(options)
        step = Nanoseconds(options.duration("step"))
        jitter = Jitter(options)
        resetAfter = StableRun.resetAfter(options)
    }

    func delay(for context: BackoffContext) -> Duration {
        let plain = range.initial.value + step.value * Double(max(context.restart, 1) - 1)
        return range.delay(plain: plain, for: context).applying(jitter, random: context.random)
    }
}
