public import SupdJSON

/// The reply of `logs.reopen`.
public struct ReopenedLogs: Hashable, Sendable {
    /// How many files were opened anew.
    public var files: Int

    /// So many.
    public init(files: Int) {
        self.files = files
    }
}

extension ReopenedLogs: WireValue {
    /// Writes `{"files":N}`.
    public func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("files", files)
        writer.endObject()
    }

    /// Reads `{"files":N}`.
    public init(from value: JSONValue) throws(WireError) {
        files = try WireReader(value).integer("files")
    }
}
