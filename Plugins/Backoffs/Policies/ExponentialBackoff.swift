import Glibc
import SupdPlugin

/// `exponential`: `initial` before the first restart, `factor` times as long before each that follows, never over
/// `max`.
struct ExponentialBackoff: Backoff {
    static let options = [
        OptionDeclaration(
            "initial", .duration, standard: .duration(.milliseconds(100)),
            "The delay before the first restart of a row."),
        OptionDeclaration(
            "factor", .number(1...1_000), standard: .number(2), "What each delay is multiplied with for the next."),
        OptionDeclaration(
            "max", .duration, standard: .duration(.seconds(30)), "No delay is longer."),
        Jitter.option(standard: .full),
        StableRun.option,
    ]

    let range: DelayRange
    let factor: Double
    let jitter: Jitter
    let resetAfter: Duration?

    init(_ options: PluginOptions) throws(OptionError) {
        factor = options.number("factor")
        range = try DelayRange(options)
        jitter = Jitter(options)
        resetAfter = StableRun.resetAfter(options)
    }

    func delay(for context: BackoffContext) -> Duration {
        // Zero times an infinite power is no number; zero stays zero however often it is multiplied.
        let plain =
            range.initial.value == 0 ? 0 : range.initial.value * pow(factor, Double(max(context.restart, 1) - 1))
        return range.delay(plain: plain, for: context).applying(jitter, random: context.random)
    }
}
