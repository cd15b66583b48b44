/// The systemd journal.
package protocol HostJournal: AnyObject {
    /// Whether standard error is connected to the journal (JOURNAL_STREAM).
    var hasJournal: Bool { get }
    /// Sends one entry to the journal, never waiting. `fields` are sent beside MESSAGE.
    func journal(message: UnsafeRawBufferPointer, fields: [JournalField]) -> WriteResult
    /// How many of the entries that were sent a journal that went since may not have read, at most; counted from the last call on.
    func takeUnreadEntries() -> Int
}

extension HostJournal {
    /// None.
    package func takeUnreadEntries() -> Int { 0 }
}
