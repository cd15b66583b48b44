public import SupdJSON

/// What the daemon says to a connection that follows something, without being asked again: a notification of JSON-RPC, which has a
/// method and no id.
public enum Notice: Hashable, Sendable {
    /// To one that subscribed to events.
    case event(EventNotice)
    /// To one that follows logs.
    case line(LineNotice)

    /// The methods that notices have on the wire.
    enum Method: String {
        case event, line
    }

    /// Reads one line as a notice; nil where it is a reply, or a notice that this version does not know.
    public static func decode(_ json: JSONValue) throws(WireError) -> Notice? {
        guard let object = json.objectValue, object["id"] == nil, let name = object["method"]?.stringValue else {
            return nil
        }
        switch Method(rawValue: name) {
        case .event: return .event(try EventNotice(from: object["params"] ?? .null))
        case .line: return .line(try LineNotice(from: object["params"] ?? .null))
        case nil: return nil
        }
    }

    /// Writes it as one line.
    public func write(into writer: inout JSONWriter) {
        encode(into: &writer)
        writer.endLine()
    }

    /// Writes it without the end of the line.
    package func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("jsonrpc", "2.0")
        switch self {
        case .event(let notice):
            writer.member("method", Method.event.rawValue)
            writer.member("params", notice)
        case .line(let notice):
            writer.member("method", Method.line.rawValue)
            writer.member("params", notice)
        }
        writer.endObject()
    }
}
