import SupdJSON
import SupdPlugin

extension Request {
    /// Reads one line, without its newline, as a request.
    ///
    /// JSON-RPC 2.0, and stricter where that leaves room for mistakes: no batches, no key given twice, `params` an
    /// object with known names only. `jsonrpc` may be left out; top-level members that the protocol does not know are
    /// passed over.
    public static func decode(_ line: UnsafeBufferPointer<UInt8>) -> Result<Request, RejectedRequest> {
        let json: JSONValue
        do throws(JSONParseError) {
            json = try JSONValue(parsing: UnsafeRawBufferPointer(line), limits: limits)
        } catch {
            let error = ProtocolError(.parseError, "the line is no JSON this daemon takes: \(error)")
            return .failure(RejectedRequest(error: error, id: nil))
        }
        return decode(json, line)
    }

    /// Reads one line, without its newline, as a request.
    public static func decode(_ line: some Collection<UInt8>) -> Result<Request, RejectedRequest> {
        if let result = line.withContiguousStorageIfAvailable({ decode($0) }) { return result }
        return Array(line).withUnsafeBufferPointer { decode($0) }
    }

    private static let limits = JSONLimits(
        maximumBytes: ProtocolLimits.requestBytes, maximumDepth: ProtocolLimits.requestDepth, duplicateKeys: .refuse)

    private static func decode(
        _ json: JSONValue, _ line: UnsafeBufferPointer<UInt8>
    ) -> Result<Request, RejectedRequest> {
        guard case .object(let object) = json else {
            let isBatch = json.arrayValue != nil
            let found = isBatch ? "an array: batches are not taken, send one request a line" : json.kindName
            return .failure(invalid("a request is an object, found \(found)", id: nil))
        }
        let id: RequestID?
        do throws(RejectedRequest) {
            id = try readID(object, line)
        } catch {
            return .failure(error)
        }
        if let version = object["jsonrpc"], version != .string("2.0") {
            return .failure(invalid("'jsonrpc' must be \"2.0\" or left out, found \(found(version))", id: id))
        }
        guard let name = object["method"]?.stringValue else {
            let problem = object["method"].map { "must be a string, found \(found($0))" } ?? "is missing"
            return .failure(invalid("'method' \(problem)", id: id))
        }
        do throws(ProtocolError) {
            return .success(Request(id: id, call: try call(name, params: object["params"])))
        } catch {
            return .failure(RejectedRequest(error: error, id: id, isNotification: id == nil))
        }
    }

    /// Nil where there is no member `id`, which makes it a notification.
    private static func readID(
        _ object: JSONObject, _ line: UnsafeBufferPointer<UInt8>
    ) throws(RejectedRequest) -> RequestID? {
        guard let value = object["id"] else { return nil }
        // What is read twice is rare: a whole number of 64 bits is written as it came anyway.
        let source = { JSONValue.source(ofMember: "id", in: UnsafeRawBufferPointer(line), limits: limits) ?? "" }
        guard let id = RequestID(value, source: source()) else {
            throw invalid("'id' must be a string, a number or null, found \(found(value))", id: nil)
        }
        if id.length > ProtocolLimits.requestIDBytes {
            throw invalid("'id' is longer than \(ProtocolLimits.requestIDBytes) bytes", id: nil)
        }
        return id
    }

    private static func invalid(_ message: String, id: RequestID?) -> RejectedRequest {
        RejectedRequest(error: ProtocolError(.invalidRequest, message), id: id)
    }

    private static func call(_ name: String, params: JSONValue?) throws(ProtocolError) -> Call {
        if name.hasPrefix(Method.pluginPrefix) { return .plugin(try pluginCall(name, params)) }
        guard let method = Method(rawValue: name) else {
            throw ProtocolError(
                .noSuchMethod, "no method is named \(QuotedText.quote(name))",
                suggestion: closestWord(to: name, among: Method.allCases.lazy.map(\.rawValue)))
        }
        return try method.descriptor.decode(ParamsReader(params, of: method))
    }

    private static func pluginCall(_ name: String, _ params: JSONValue?) throws(ProtocolError) -> PluginCall {
        guard let params, !params.isNull else { return PluginCall(method: name) }
        guard let object = params.objectValue else {
            throw ProtocolError(
                .invalidParams, "'params' of \(QuotedText.quote(name)) must be an object, found \(params.kindName)")
        }
        return PluginCall(method: name, params: object)
    }

    /// A value as a message shows it.
    static func found(_ value: JSONValue) -> String {
        switch value {
        case .array, .object: value.kindName
        default: QuotedText.quote(value.description)
        }
    }
}
