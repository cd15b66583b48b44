import SupdPlugin

/// What the policies that count have in common.
enum Counting {
    /// After which ends they restart at all.
    static let base = Verdict.option(
        "base", of: Verdict.allCases.filter { $0 != .no },
        "The policy that says after which ends it is run again at all.")

    /// The time of the option `name`; an error where it is zero, for then nothing would ever count.
    static func time(_ name: String, _ options: PluginOptions) throws(OptionError) -> Duration {
        let time = options.duration(name)
        guard time > .zero else { throw OptionError(option: name, message: "must be longer than 0; found 0s") }
        return time
    }

    /// The delay of the option `name`; an error where the core would hold it within other bounds.
    static func delay(_ name: String, _ options: PluginOptions) throws(OptionError) -> Duration {
        let delay = try time(name, options)
        let longest = RestartDecision.longestDelay
        guard delay <= longest else {
            throw OptionError(
                option: name,
                message: "must not be longer than \(longest.text), the longest that any restart waits; "
                    + "found \(delay.text)")
        }
        return delay
    }
}
