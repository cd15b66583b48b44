public import SupdJSON

/// A reply with one entry a service, or an instance, and nothing else: `{"services":[…]}`.
public protocol ServiceEntries: WireValue {
    /// What there is to say of each.
    associatedtype Entry: WireValue

    /// The entries, in their order.
    var services: [Entry] { get }

    /// A reply of these.
    init(services: [Entry])
}

extension ServiceEntries {
    /// Writes `{"services":[…]}`.
    public func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("services", services)
        writer.endObject()
    }

    /// Reads `{"services":[…]}`.
    public init(from value: JSONValue) throws(WireError) {
        self.init(services: try WireReader(value).list("services"))
    }
}
