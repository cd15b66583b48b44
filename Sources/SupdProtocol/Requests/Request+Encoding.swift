public import SupdJSON

extension Request {
    /// Writes the request as one line, with its newline. What is at its standard value is left out.
    public func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("jsonrpc", "2.0")
        if let id {
            writer.key("id")
            id.write(to: &writer)
        }
        writer.member("method", call.methodName)
        if let params = call.parts.params {
            writer.key("params")
            writer.beginObject()
            params.encode(into: &writer)
            writer.endObject()
        }
        writer.endObject()
        writer.endLine()
    }
}
