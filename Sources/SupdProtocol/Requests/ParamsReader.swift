import SupdJSON
import SupdPlugin

/// Reads the params of one request, and names the one that is wrong.
struct ParamsReader {
    /// Nil where there are none.
    private let text: ParamsText?
    private let method: Method

    /// Refuses what is no object, and names that `method`, of which `descriptor` is, does not take.
    init(_ params: ParamsText?, of method: Method, _ descriptor: MethodDescriptor) throws(ProtocolError) {
        self.method = method
        guard let params, !params.hasOnly(descriptor.taken) else {
            text = params
            return
        }
        text = nil
        try Self.refuse(params.value, of: method, takes: descriptor.parameters)
    }

    /// Throws unless they are null, which stands for none.
    private static func refuse(
        _ value: JSONValue, of method: Method, takes parameters: [Method.Parameter]
    ) throws(ProtocolError) {
        if value.isNull { return }
        guard case .object(let object) = value else {
            throw ProtocolError(
                .invalidParams, "'params' of \(method.rawValue) must be an object, found \(value.kindName)")
        }
        for member in object.members where !parameters.contains(where: { $0.rawValue == member.key }) {
            throw unknown(member.key, of: method, known: parameters.map(\.rawValue))
        }
    }

    private static func unknown(_ key: String, of method: Method, known: [String]) -> ProtocolError {
        let takes = known.isEmpty ? "no params" : known.joined(separator: ", ")
        return ProtocolError(
            .invalidParams, "\(method.rawValue) has no param \(QuotedText.quote(key)): it takes \(takes)",
            suggestion: closestWord(to: key, among: known))
    }

    /// The services that it is about.
    func services(required: Bool = true) throws(ProtocolError) -> [String] { try selection(required: required).all }

    /// The same, as they are read.
    func selection(required: Bool = true) throws(ProtocolError) -> JSONStrings {
        let wanted = "a list of names, globs and tags"
        var names = JSONStrings()
        guard let count = text?.strings(of: .services, into: &names) else {
            if let value = value(.services) { throw wrong(.services, wanted, value) }
            if required { throw missing(.services, wanted) }
            return names
        }
        guard count > 0 || !required else {
            throw ProtocolError(
                .invalidParams, "'services' is empty: name what \(method.rawValue) is for, or \"*\" for all")
        }
        guard count <= ProtocolLimits.selectors else {
            throw ProtocolError(
                .invalidParams,
                "'services' has \(count) entries, more than \(ProtocolLimits.selectors): use a glob or a tag")
        }
        switch names {
        case .one(let name): try checkName(name, at: 0)
        case .list(let several): for (index, name) in several.enumerated() { try checkName(name, at: index) }
        }
        if names.count < count { throw wrongName(names.count) }
        return names
    }

    private func checkName(_ name: String, at index: Int) throws(ProtocolError) {
        if name.isEmpty { throw wrongName(index) }
        guard name.utf8.count <= ProtocolLimits.selectorBytes else {
            throw ProtocolError(
                .invalidParams, "'services[\(index)]' is longer than \(ProtocolLimits.selectorBytes) bytes")
        }
    }

    private func wrongName(_ index: Int) -> ProtocolError {
        let found = value(.services)?.arrayValue?[index] ?? .null
        return wrong("services[\(index)]", "a name, a glob or a tag", Request.found(found))
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
        try count(parameter, range) ?? standard
    }

    /// The same; nil where it is left out.
    func count(_ parameter: Method.Parameter, _ range: ClosedRange<Int>) throws(ProtocolError) -> Int? {
        guard let value = value(parameter) else { return nil }
        guard let count = value.integerValue.flatMap(Int.init(exactly:)), range.contains(count) else {
            throw wrong(parameter, "a whole number from \(range.lowerBound) to \(range.upperBound)", value)
        }
        return count
    }

    /// How many instances the request is for at most; nil for any number.
    func instancesAtMost() throws(ProtocolError) -> Int? {
        try count(.atMost, 1...ProtocolLimits.instancesWaitedFor)
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
        guard let value = text?.value(of: parameter), !value.isNull else { return nil }
        return value
    }

    /// A param that is not what was `expected`.
    func wrong(_ parameter: Method.Parameter, _ expected: String, _ value: JSONValue) -> ProtocolError {
        wrong(parameter.rawValue, expected, Request.found(value, written: text?.source(of: parameter)))
    }

    /// The same of what stands at a `place` within one.
    func wrong(_ place: String, _ expected: String, _ found: String, suggestion: String? = nil) -> ProtocolError {
        ProtocolError(.invalidParams, "'\(place)' must be \(expected), found \(found)", suggestion: suggestion)
    }
}
