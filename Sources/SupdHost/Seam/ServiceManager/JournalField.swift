/// One field of a journal entry (systemd.journal-fields(7)).
package struct JournalField: Hashable, Sendable {
    /// Upper-case letters, digits and underscores.
    package var name: String
    /// The value; may hold any bytes of UTF-8.
    package var value: String

    /// The field `name` of `value`.
    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}
