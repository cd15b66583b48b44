/// Where an instance's lines go.
enum LogDestination {
    /// The daemon's standard error.
    case standardError(StandardErrorOutlet)
    /// The journal.
    case journal(JournalOutlet)
    /// A file of its own.
    case file(FileSink)
    /// What waits for a plugin's log sink.
    case plugin(SinkQueue)
    /// Nowhere.
    case none
}
