/// One field of a journal entry (systemd.journal-fields(7)).
public struct JournalField: Hashable, Sendable {
    /// Upper-case letters, digits and underscores.
    public var name: String
    /// The value; may hold any bytes of UTF-8.
    public var value: String

    /// The field `name` of `value`.
    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}
