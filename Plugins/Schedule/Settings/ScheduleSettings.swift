import SupdPlugin

/// What `[plugins.schedule]` says, checked.
struct ScheduleSettings: Sendable {
    static let options = [
        OptionDeclaration(
            "schedules", .tables(ScheduleEntry.options), standard: .tables([]),
            "What is run when. Without one nothing of this plugin runs."),
        OptionDeclaration(
            "timezone", .word(["local", "UTC"]), standard: .word("local"), "Whose clock 'cron' goes by."),
        OptionDeclaration(
            "state", .path, standard: .text(""),
            "The file that says when what ran, for missed = \"run\" when supd was down."),
    ]

    let entries: [ScheduleEntry]
    let isUTC: Bool
    /// The file's absolute path; nil where nothing is kept.
    let state: String?

    /// Throws everything that is wrong.
    init(_ options: PluginOptions) throws(OptionError) {
        var entries: [ScheduleEntry] = []
        var errors: [OptionError] = []
        var names: Set<String> = []
        for (index, table) in options.tables("schedules").enumerated() {
            do throws(OptionError) {
                let entry = try ScheduleEntry(table, index: index)
                if !names.insert(entry.name).inserted {
                    throw OptionError(
                        option: "schedules", item: .init(index),
                        message: "is the second schedule named '\(entry.name)': give it a 'name' of its own")
                }
                entries.append(entry)
            } catch {
                errors.append(error)
            }
        }
        if let error = OptionError(errors) { throw error }
        self.entries = entries
        isUTC = options.word("timezone") == "UTC"
        let state = options.word("state")
        self.state = state.isEmpty ? nil : state
    }
}
