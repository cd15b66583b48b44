public import SupdJSON

/// What `logs.follow` tells: a line of an instance, or how many lines of it were not told.
public struct LineNotice: Hashable, Sendable {
    /// What of it: one or the other.
    public enum Content: Hashable, Sendable {
        /// The next line.
        case line(LogLine)
        /// So many lines came that this reader was too slow for.
        case gap(UInt64)
    }

    /// The instance's name.
    public var name: String
    /// What of it.
    public var content: Content

    /// `content` of `name`.
    public init(name: String, content: Content) {
        self.name = name
        self.content = content
    }
}

extension LineNotice: WireValue {
    /// Writes `{"name":…,"sequence":…,"time":…,"stream":…,"text":…}`, or `{"name":…,"gap":N}`.
    public func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("name", name)
        switch content {
        case .line(let line): line.encodeMembers(into: &writer)
        case .gap(let count): writer.member("gap", count)
        }
        writer.endObject()
    }

    /// Reads either.
    public init(from value: JSONValue) throws(WireError) {
        let reader = try WireReader(value)
        name = try reader.string("name")
        if let gap: UInt64 = try reader.optionalInteger("gap") {
            content = .gap(gap)
        } else {
            content = .line(try LogLine(from: value))
        }
    }
}
