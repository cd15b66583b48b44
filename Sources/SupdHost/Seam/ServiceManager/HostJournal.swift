/// The systemd journal.
package protocol HostJournal: AnyObject {
    /// Whether standard error is connected to the journal (JOURNAL_STREAM).
    var hasJournal: Bool { get }
    /// Sends one entry to the journal, never waiting. `fields` are sent beside MESSAGE.
    func journal(message: UnsafeRawBufferPointer, fields: [JournalField]) -> WriteResult
}
