/// Where an instance's lines go.
enum LogSink {
    /// The daemon's standard error.
    case standardError(StandardErrorOutlet)
    /// The journal.
    case journal(JournalOutlet)
    /// A file of its own.
    case file(FileSink)
    /// Nowhere.
    case none
}
