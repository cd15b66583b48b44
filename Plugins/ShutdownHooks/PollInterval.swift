import SupdPlugin

/// `interval`: how often a hook that waits for something looks.
struct PollInterval {
    /// Shorter ones keep a thread busy for nothing.
    static let shortest: Duration = .milliseconds(10)

    static let option = OptionDeclaration(
        "interval", .duration, standard: .duration(.milliseconds(200)), "The time between two looks, at least 10ms.")

    let duration: Duration

    init(_ options: PluginOptions) throws(OptionError) {
        duration = options.duration("interval")
        guard duration >= Self.shortest else {
            throw OptionError(
                option: "interval", message: "must be at least \(Self.shortest.text); found \(duration.text)")
        }
    }
}
