public import SupdJSON

/// The answer to one request, as a client reads it.
public struct Reply: Hashable, Sendable {
    /// The request's id; nil where the daemon could not read one.
    public var id: RequestID?
    /// The result, still as JSON, or the error.
    public var outcome: Result<JSONValue, ProtocolError>

    /// Reads one line as a reply.
    public static func decode(_ line: some Collection<UInt8>) throws(WireError) -> Reply { try Reply(try parse(line)) }

    /// Reads one line of a daemon's, a reply or a notice, as JSON.
    public static func parse(_ line: some Collection<UInt8>) throws(WireError) -> JSONValue {
        do throws(JSONParseError) {
            return try JSONValue(parsing: line, limits: limits)
        } catch {
            throw isNoJSON(error)
        }
    }

    /// The same of bytes in their place.
    package static func parse(_ line: UnsafeBufferPointer<UInt8>) throws(WireError) -> JSONValue {
        do throws(JSONParseError) {
            return try JSONValue(parsing: line, limits: limits)
        } catch {
            throw isNoJSON(error)
        }
    }

    private static func isNoJSON(_ error: JSONParseError) -> WireError {
        WireError(path: "", problem: "the reply is no JSON: \(error)")
    }

    private static let limits = JSONLimits(
        maximumBytes: ProtocolLimits.replyBytes, maximumDepth: ProtocolLimits.replyDepth, duplicateKeys: .refuse)

    /// Writes the line that answers request `id` with `result`.
    public static func write(_ result: some WireValue, to id: RequestID?, into writer: inout JSONWriter) {
        write(to: id, into: &writer) { result.encode(into: &$0) }
    }

    /// Writes the line that answers request `id` with the one value that `result` writes.
    public static func write(
        to id: RequestID?, into writer: inout JSONWriter, result: (inout JSONWriter) -> Void
    ) {
        beginResult(to: id, into: &writer)
        result(&writer)
        endResult(into: &writer)
    }

    /// Writes the line that answers request `id` with `error`; an id that could not be read is null.
    public static func write(error: ProtocolError, to id: RequestID?, into writer: inout JSONWriter) {
        begin(id, #","error":"#, &writer)
        error.encode(into: &writer)
        writer.verbatim("}\n")
    }

    /// Begins the line that answers request `id` with a result: the one value that is written next, then `endResult`.
    public static func beginResult(to id: RequestID?, into writer: inout JSONWriter) {
        begin(id, #","result":"#, &writer)
    }

    /// The same of a result that is an object, of whose only member, an array called "services", elements are written next.
    package static func beginServices(to id: RequestID, into writer: inout JSONWriter) {
        begin(id, #","result":{"services":["#, &writer)
    }

    /// Ends a line that `beginResult` has begun.
    public static func endResult(into writer: inout JSONWriter) {
        writer.verbatim("}\n")
    }

    private static func begin(_ id: RequestID?, _ next: StaticString, _ writer: inout JSONWriter) {
        let beginning: StaticString = #"{"jsonrpc":"2.0","id":"#
        if case .integer(let number)? = id { return writer.verbatim(beginning, number, next) }
        writer.verbatim(beginning)
        if let id { id.write(to: &writer) } else { writer.null() }
        writer.verbatim(next)
    }
}

extension Reply {
    /// Reads a line that was parsed as a reply.
    public init(_ json: JSONValue) throws(WireError) {
        let reader = try WireReader(json)
        let id = reader.value("id").flatMap { RequestID($0, source: $0.description) }
        if let error = try reader.optionalNested("error", as: ProtocolError.self) {
            self.init(id: id, outcome: .failure(error))
            return
        }
        guard let result = reader.object["result"] else {
            throw WireError(path: "", problem: "the reply has neither 'result' nor 'error'")
        }
        self.init(id: id, outcome: .success(result))
    }
}
