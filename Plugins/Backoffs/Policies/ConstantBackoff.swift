import SupdPlugin

/// `constant`: the same `delay` before every restart.
struct ConstantBackoff: Backoff {
    static let options = [
        OptionDeclaration(
            "delay", .duration, standard: .duration(.seconds(1)), "The delay before every restart."),
        Jitter.option(standard: .none),
        StableRun.option,
    ]

    let delay: Nanoseconds
    let jitter: Jitter
    let resetAfter: Duration?

    init(_ options: PluginOptions) {
        delay = Nanoseconds(options.duration("delay"))
        jitter = Jitter(options)
        resetAfter = StableRun.resetAfter(options)
    }

    func delay(for context: BackoffContext) -> Duration {
        // A constant has no cap and nothing that grows: decorrelated is a number between the delay and three times it.
        JitteredDelay(plain: delay, initial: delay, max: Nanoseconds(value: 3 * delay.value), previous: delay)
            .applying(jitter, random: context.random)
    }
}
