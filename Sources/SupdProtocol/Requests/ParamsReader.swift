import SupdJSON
import SupdPlugin

/// Reads the params of one request, and names the one that is wrong.
struct ParamsReader {
    private let object: JSONObject
    private let method: Method

    /// Refuses what is no object, and names that are not among `parameters`, which `method` takes.
    init(_ params: JSONValue?, of method: Method, takes parameters: [Method.Parameter]) throws(ProtocolError) {
        self.method = method
        switch params {
        case nil, .null?: object = JSONObject()
        case .object(let object)?: self.object = object
        case let other?:
            throw ProtocolError(
                .invalidParams, "'params' of \(method.rawValue) must be an object, found \(other.kindName)")
        }
        let members = object.members
        for place in members.indices where !parameters.contains(where: { $0.rawValue == members[place].key }) {
            throw Self.unknown(members[place].key, of: method, known: parameters.map(\.rawValue))
        }
    }

    private static func unknown(_ key: String, of method: Method, known: [String]) -> ProtocolError {
        let takes = known.isEmpty ? "no params" : known.joined(separator: ", ")
        return ProtocolError(
            .invalidParams, "\(method.rawValue) has no param \(QuotedText.quote(key)): it takes \(takes)",
            suggestion: closestWord(to: key, among: known))
    }

    /// The services that it is about.
    func services(required: Bool = true) throws(ProtocolError) -> [String] {
        let wanted = "a list of names, globs and tags"
        guard let value = value(.services) else {
            if required { throw missing(.services, wanted) }
            return []
        }
        guard case .array(let elements) = value else { throw wrong(.services, wanted, value) }
        guard !elements.isEmpty || !required else {
            throw ProtocolError(
                .invalidParams, "'services' is empty: name what \(method.rawValue) is for, or \"*\" for all")
        }
        guard elements.count <= ProtocolLimits.selectors else {
            throw ProtocolError(
                .invalidParams,
                "'services' has \(elements.count) entries, more than \(ProtocolLimits.selectors): use a glob or a tag")
        }
        var names: [String] = []
        names.reserveCapacity(elements.count)
        for index in elements.indices {
            guard case .string(let name) = elements[index], !name.isEmpty else {
                throw wrong("services[\(index)]", "a name, a glob or a tag", elements[index])
            }
            guard name.utf8.count <= ProtocolLimits.selectorBytes else {
                throw ProtocolError(
                    .invalidParams, "'services[\(index)]' is longer than \(ProtocolLimits.selectorBytes) bytes")
            }
            names.append(name)
        }
        return names
    }

    /// The flag of a name; `standard` where it is left out.
    func flag(_ parameter: Method.Parameter, standard: Bool = false) throws(ProtocolError) -> Bool {
        guard let value = value(parameter) else { return standard }
        guard let flag = value.boolValue else { throw wrong(parameter, "true or false", value) }
        return flag
    }

    /// How long the request waits; nil where that is left out.
    func timeout() throws(ProtocolError) -> Duration? {
        guard let value = value(.timeout) else { return nil }
        let longest = ProtocolLimits.longestTimeout
        guard let seconds = value.numberValue, let timeout = WireDuration(seconds: seconds)?.duration,
            timeout >= .zero, timeout <= longest
        else { throw wrong(.timeout, "a number of seconds from 0 to \(longest.components.seconds)", value) }
        return timeout
    }

    /// A whole number within `range`; `standard` where it is left out.
    func count(_ parameter: Method.Parameter, _ range: ClosedRange<Int>, standard: Int) throws(ProtocolError) -> Int {
        guard let value = value(parameter) else { return standard }
        guard let count = value.integerValue.flatMap(Int.init(exactly:)), range.contains(count) else {
            throw wrong(parameter, "a whole number from \(range.lowerBound) to \(range.upperBound)", value)
        }
        return count
    }

    /// A place that an earlier answer has named, which `meaning` says; nil where it is left out.
    func place(_ parameter: Method.Parameter, _ meaning: String) throws(ProtocolError) -> UInt64? {
        guard let value = value(parameter) else { return nil }
        guard let place = value.integerValue.flatMap(UInt64.init(exactly:)) else {
            throw wrong(parameter, meaning, value)
        }
        return place
    }

    /// What has to be there; `meaning` says what that would be.
    func required(_ parameter: Method.Parameter, _ meaning: String) throws(ProtocolError) -> JSONValue {
        guard let value = value(parameter) else { throw missing(parameter, meaning) }
        return value
    }

    private func missing(_ parameter: Method.Parameter, _ meaning: String) -> ProtocolError {
        ProtocolError(.invalidParams, "\(method.rawValue) needs '\(parameter.rawValue)', \(meaning)")
    }

    /// Null stands for what is left out.
    func value(_ parameter: Method.Parameter) -> JSONValue? {
        guard let value = object[parameter.rawValue], !value.isNull else { return nil }
        return value
    }

    /// A param that is not what was `expected`.
    func wrong(_ parameter: Method.Parameter, _ expected: String, _ value: JSONValue) -> ProtocolError {
        wrong(parameter.rawValue, expected, value)
    }

    private func wrong(_ place: String, _ expected: String, _ value: JSONValue) -> ProtocolError {
        ProtocolError(.invalidParams, "'\(place)' must be \(expected), found \(Request.found(value))")
    }
}
