public import SupdJSON

/// What an instance that is wanted up cannot start without.
public struct ServiceBlock: Hashable, Sendable {
    /// The services that it requires and that are neither up nor on their way there. Without those that whoever asks may not see.
    public var by: [String]
    /// Whether only an order helps: they have failed or ended for good, or wait themselves for what has. False where one is run again by
    /// itself, or was stopped.
    public var forGood: Bool

    /// Blocked by these.
    public init(by: [String], forGood: Bool) {
        self.by = by
        self.forGood = forGood
    }
}

extension ServiceBlock: WireValue {
    /// Writes `{"by":["db"],"for_good":true}`.
    public func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("by", by)
        writer.member("for_good", forGood)
        writer.endObject()
    }

    /// Reads it.
    public init(from value: JSONValue) throws(WireError) {
        let reader = try WireReader(value)
        by = try reader.strings("by")
        forGood = try reader.bool("for_good")
    }
}
