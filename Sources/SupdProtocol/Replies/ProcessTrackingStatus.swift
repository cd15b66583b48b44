public import SupdJSON

/// How the daemon tells which processes belong to a service.
public enum ProcessTrackingStatus: Hashable, Sendable {
    /// Each instance has a control group below this folder: exact.
    case controlGroups(String)
    /// By session, process group, descent and environment, for this reason.
    case descent(String)
    /// In a way that this version has no word for, by its kind.
    case other(String)
}

extension ProcessTrackingStatus: WireValue {
    /// Writes `{"kind":"control-groups","path":…}` or `{"kind":"descent","reason":…}`.
    public func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        switch self {
        case .controlGroups(let path):
            writer.member("kind", "control-groups")
            writer.member("path", path)
        case .descent(let reason):
            writer.member("kind", "descent")
            writer.member("reason", reason)
        case .other(let kind): writer.member("kind", kind)
        }
        writer.endObject()
    }

    /// Reads either.
    public init(from value: JSONValue) throws(WireError) {
        let reader = try WireReader(value)
        switch try reader.string("kind") {
        case "control-groups": self = .controlGroups(try reader.string("path"))
        case "descent": self = .descent(try reader.string("reason"))
        case let kind: self = .other(kind)
        }
    }
}
