import SupdPlugin

/// The `initial` and `max` of a backoff whose delays grow.
struct DelayRange {
    let initial: Nanoseconds
    let max: Nanoseconds

    /// The range of checked options; an error where it would be empty.
    init(_ options: PluginOptions) throws(OptionError) {
        let (initial, max) = (options.duration("initial"), options.duration("max"))
        guard initial <= max else {
            throw OptionError(
                option: "max", message: "must not be shorter than 'initial' (\(initial.text)); found \(max.text)")
        }
        self.initial = Nanoseconds(initial)
        self.max = Nanoseconds(max)
    }

    /// `plain` held within the range, ready for a jitter.
    func delay(plain: Double, for context: BackoffContext) -> JitteredDelay {
        JitteredDelay(
            plain: Nanoseconds(value: Swift.min(plain, max.value)), initial: initial, max: max,
            previous: context.previousDelay.map(Nanoseconds.init) ?? initial)
    }
}
