import SupdPlugin

/// `reset_after`: a run of this length counts as stable, and the delays start again from the first.
enum StableRun {
    static let option = OptionDeclaration(
        "reset_after", .duration, standard: .duration(.seconds(60)),
        "After a run of at least this long the next restart is the first of a new row.")

    static func resetAfter(_ options: PluginOptions) -> Duration? {
        options.duration("reset_after")
    }
}
