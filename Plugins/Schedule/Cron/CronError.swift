/// Why a text is no cron expression, as a sentence that says what would be one.
struct CronError: Error, Hashable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
