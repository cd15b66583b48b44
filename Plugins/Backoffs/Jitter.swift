import SupdPlugin

/// How chance is put into a delay, so that services that failed together do not come back together.
///
/// The names and formulas are those of "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015):
/// `d` is the delay without jitter, `random` a number in 0..<1.
enum Jitter: String, CaseIterable {
    /// `d`.
    case none
    /// `random · d`.
    case full
    /// `d/2 + random · d/2`.
    case equal
    /// `min(max, initial + random · (3 · previous − initial))`: grows from the delay before, not from the count.
    case decorrelated

    /// The option's declaration.
    static func option(standard: Jitter) -> OptionDeclaration {
        OptionDeclaration(
            "jitter", .word(allCases.map(\.rawValue)), standard: .word(standard.rawValue),
            "How chance is put into the delay.")
    }

    /// The jitter of a checked option.
    init(_ options: PluginOptions) {
        self = Jitter(rawValue: options.word("jitter")) ?? .none
    }
}

/// What a jitter needs to know of the delay it changes.
struct JitteredDelay {
    /// The delay without jitter.
    var plain: Nanoseconds
    /// The first delay of a row.
    var initial: Nanoseconds
    /// No delay is longer.
    var max: Nanoseconds
    /// The delay before, with its jitter.
    var previous: Nanoseconds

    /// The delay with `jitter`. A `random` outside 0…1 is taken as the nearest number inside.
    func applying(_ jitter: Jitter, random: Double) -> Duration {
        let random = random > 0 ? Swift.min(random, 1) : 0
        let value: Double =
            switch jitter {
            case .none: plain.value
            case .full: random * plain.value
            case .equal: plain.value / 2 + random * plain.value / 2
            case .decorrelated: initial.value + random * (3 * previous.value - initial.value)
            }
        return Nanoseconds(value: Swift.min(value, max.value)).duration
    }
}
