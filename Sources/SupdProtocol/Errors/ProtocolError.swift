public import SupdJSON
import SupdPlugin

/// An error that answers a request, or stands beside one service of an order's answer.
///
/// On the wire `{"code":…,"message":…,"data":{"kind":…,"suggestion":…,…}}`, as JSON-RPC 2.0 has it.
public struct ProtocolError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind it is.
    public var kind: ProtocolErrorKind
    /// A sentence: the thing, the value, what was expected, what to do.
    public var message: String
    /// The nearest name that exists, where one is near.
    public var suggestion: String?
    /// What else a program may want to know, as members of `data`.
    public var details: JSONObject

    /// An error of `kind`.
    public init(
        _ kind: ProtocolErrorKind, _ message: String, suggestion: String? = nil, details: JSONObject = JSONObject()
    ) {
        self.kind = kind
        self.message = message
        self.suggestion = suggestion
        self.details = details
    }

    /// The message, with the suggestion as a question where there is one.
    public var description: String {
        guard let suggestion else { return message }
        return "\(message); did you mean '\(suggestion)'?"
    }

    /// No service fits `selector`; the suggestion is the nearest name that there is.
    public static func noSuchService(_ selector: ServiceSelector, suggestion: String?) -> ProtocolError {
        let text = QuotedText.quote(selector.description)
        if selector.tag == "" {
            return ProtocolError(.noSuchService, "'tag:' names no tag: put one behind it, as in tag:front")
        }
        if selector.tag != nil {
            return ProtocolError(.noSuchService, "no service has the tag \(text)", suggestion: suggestion)
        }
        if let state = selector.state { return ProtocolError(.noSuchService, "no service is \(state.rawValue)") }
        if selector.isByState {
            let states = ServiceState.allCases.map { ServiceSelector.statePrefix + $0.rawValue.lowercased() }
            return ProtocolError(
                .noSuchService, "no state is named \(text): there are \(states.joined(separator: ", "))",
                suggestion: closestWord(to: selector.description, among: states))
        }
        guard let name = selector.exactName else {
            return ProtocolError(.noSuchService, "no service's name fits \(text)", suggestion: suggestion)
        }
        // What other tools call all of them.
        if name == "all" { return ProtocolError(.noSuchService, "no service is named 'all'; '*' means every service") }
        return ProtocolError(.noSuchService, "no service is named \(text)", suggestion: suggestion)
    }

    /// `count` instances are meant, and who asks takes `limit`.
    public static func tooMany(_ count: Int, atMost limit: Int) -> ProtocolError {
        ProtocolError(
            .tooMany,
            "\(count) instances are meant, more than 'at_most', which is \(limit): name fewer, or leave it out")
    }
}

extension ProtocolError: WireValue {
    /// Writes the error object.
    public func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("code")
        writer.integer(kind.code)
        writer.key("message")
        writer.string(message)
        writer.key("data")
        writer.beginObject()
        writer.key("kind")
        writer.string(kind.rawValue)
        if let suggestion {
            writer.key("suggestion")
            writer.string(suggestion)
        }
        for member in details.members where !Self.ownKeys.contains(member.key) {
            writer.key(member.key)
            writer.value(member.value)
        }
        writer.endObject()
        writer.endObject()
    }

    /// Reads an error object. A kind that this side does not know is taken by its code, or else as `failed`.
    public init(from value: JSONValue) throws(WireError) {
        let reader = try WireReader(value)
        let data = reader.value("data")?.objectValue ?? JSONObject()
        let code: Int = try reader.integer("code")
        let named = data["kind"]?.stringValue.flatMap(ProtocolErrorKind.init(rawValue:))
        kind = named ?? ProtocolErrorKind(code: code) ?? .failed
        message = try reader.string("message")
        suggestion = data["suggestion"]?.stringValue
        details = data
        for key in Self.ownKeys { details[key] = nil }
    }

    private static let ownKeys = ["kind", "suggestion"]
}
