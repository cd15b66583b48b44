import SupdJSON
import SupdPlugin

extension Request {
    /// Reads one line, without its newline, as a request.
    ///
    /// JSON-RPC 2.0, and stricter where that leaves room for mistakes: no batches, no key given twice, `params` an
    /// object with known names only. `jsonrpc` may be left out; top-level members that the protocol does not know are
    /// passed over.
    public static func decode(_ line: UnsafeBufferPointer<UInt8>) -> Result<Request, RejectedRequest> {
        do throws(RejectedRequest) {
            return .success(try read(line))
        } catch {
            return .failure(error)
        }
    }

    /// Reads one line, without its newline, as a request.
    public static func decode(_ line: some Collection<UInt8>) -> Result<Request, RejectedRequest> {
        if let result = line.withContiguousStorageIfAvailable({ decode($0) }) { return result }
        return Array(line).withUnsafeBufferPointer { decode($0) }
    }

    static func read(_ line: UnsafeBufferPointer<UInt8>) throws(RejectedRequest) -> Request {
        let members: RequestMembers
        do throws(JSONParseError) {
            members = try RequestMembers(UnsafeRawBufferPointer(line))
        } catch {
            let error = ProtocolError(.parseError, "the line is no JSON this daemon takes: \(error)")
            throw RejectedRequest(error: error, id: nil)
        }
        if let other = members.other {
            let isBatch = other.arrayValue != nil
            let found = isBatch ? "an array: batches are not taken, send one request a line" : other.kindName
            throw invalid("a request is an object, found \(found)", id: nil)
        }
        let id = try Self.id(members)
        if let version = members.version, version != .string("2.0") {
            throw invalid("'jsonrpc' must be \"2.0\" or left out, found \(found(version))", id: id)
        }
        if members.method == nil, members.pluginMethod == nil {
            let problem = members.otherMethod.map { "must be a string, found \(found($0))" } ?? "is missing"
            throw invalid("'method' \(problem)", id: id)
        }
        do throws(ProtocolError) {
            return try request(members, id: id)
        } catch {
            throw RejectedRequest(error: error, id: id, isNotification: id == nil)
        }
    }

    /// The request of a line that names a method.
    private static func request(
        _ members: borrowing RequestMembers, id: RequestID?
    ) throws(ProtocolError) -> Request {
        guard let method = members.method else {
            let call = try pluginCall(members.pluginMethod ?? "", members.params?.value)
            return Request(id: id, call: .plugin(call), method: nil)
        }
        let descriptor = method.descriptor
        let params = try ParamsReader(members.params, of: method, descriptor)
        return Request(id: id, call: try descriptor.decode(params), method: method)
    }

    static let limits = JSONLimits(
        maximumBytes: ProtocolLimits.requestBytes, maximumDepth: ProtocolLimits.requestDepth, duplicateKeys: .refuse)

    /// Nil where there is no member `id`, which makes it a notification.
    private static func id(_ members: borrowing RequestMembers) throws(RejectedRequest) -> RequestID? {
        guard let value = members.id else { return nil }
        guard let id = RequestID(value, source: members.idSource) else {
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

    private static func pluginCall(_ name: String, _ params: JSONValue?) throws(ProtocolError) -> PluginCall {
        guard name.hasPrefix(Method.pluginPrefix) else {
            throw ProtocolError(
                .noSuchMethod, "no method is named \(QuotedText.quote(name))",
                suggestion: closestWord(to: name, among: Method.allCases.lazy.map(\.rawValue)))
        }
        guard let params, !params.isNull else { return PluginCall(method: name) }
        guard let object = params.objectValue else {
            throw ProtocolError(
                .invalidParams, "'params' of \(QuotedText.quote(name)) must be an object, found \(params.kindName)")
        }
        return PluginCall(method: name, params: object)
    }

    /// A value as a message shows it: a number as it was `written`, as a double may have another for it.
    static func found(_ value: JSONValue, written: @autoclosure () -> String? = nil) -> String {
        switch value {
        case .array, .object: value.kindName
        case .number: QuotedText.quote(written() ?? value.description)
        default: QuotedText.quote(value.description)
        }
    }
}

/// The members of the object that a request is, the first time that the line is looked at; none is made of the object itself.
private struct RequestMembers: ~Copyable {
    /// What the line is where that is no object.
    private(set) var other: JSONValue?
    private(set) var id: JSONValue?
    /// How an id that is a number was written: it is sent back just so.
    private(set) var idSource = ""
    private(set) var version: JSONValue?
    private(set) var method: Method?
    /// What it is called where that is none of the protocol's own.
    private(set) var pluginMethod: String?
    /// What it is where that is no name.
    private(set) var otherMethod: JSONValue?
    private(set) var params: ParamsText?

    init(_ line: UnsafeRawBufferPointer) throws(JSONParseError) {
        var reader = JSONReader(bytes: line, limits: Request.limits)
        guard try reader.begin() else {
            other = try reader.value()
            try reader.finish()
            return
        }
        var members = JSONMembers()
        while let place = try members.next(of: Self.names, &reader) {
            switch Member.all[place] {
            case .id:
                let start = reader.position
                id = try reader.value()
                if case .number? = id { idSource = reader.text(from: start) }
            case .method: try readMethod(&reader)
            case .params: params = try ParamsText(line, &reader)
            case .jsonrpc: version = try reader.value()
            }
        }
        try reader.finish()
    }

    /// Those that the protocol knows.
    private enum Member: String, CaseIterable {
        case id, method, params, jsonrpc

        static let all = allCases
    }

    private static let names = JSONWordList(Member.all.map(\.rawValue))

    private mutating func readMethod(_ reader: inout JSONReader) throws(JSONParseError) {
        guard let name = try reader.stringInPlace() else { return otherMethod = try reader.value() }
        method = Method(name)
        if method == nil { pluginMethod = name.text }
    }
}
