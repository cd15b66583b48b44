import SupdJSON
import SupdPlugin

/// Reads the params of one request, and names the one that is wrong.
struct ParamsReader {
    private let object: JSONObject
    private let method: Method

    /// Refuses what is no object, and names that `method` does not take.
    init(_ params: JSONValue?, of method: Method) throws(ProtocolError) {
        self.method = method
        guard let params, !params.isNull else {
            object = JSONObject()
            return
        }
        guard let object = params.objectValue else {
            throw ProtocolError(
                .invalidParams, "'params' of \(method.rawValue) must be an object, found \(params.kindName)")
        }
        let known = method.parameters.map(\.rawValue)
        for key in object.keys where !known.contains(key) {
            let takes = known.isEmpty ? "no params" : known.joined(separator: ", ")
            throw ProtocolError(
                .invalidParams, "\(method.rawValue) has no param \(QuotedText.quote(key)): it takes \(takes)",
                suggestion: closestWord(to: key, among: known))
        }
        self.object = object
    }

    func order() throws(ProtocolError) -> OrderParams {
        OrderParams(services: try services(), wait: try flag(.wait), timeout: try timeout())
    }

    func scale() throws(ProtocolError) -> ScaleParams {
        guard let name = value(.service) else {
            throw ProtocolError(.invalidParams, "\(method.rawValue) needs 'service', the name of one")
        }
        guard let service = name.stringValue, !service.isEmpty, service.utf8.count <= ProtocolLimits.selectorBytes
        else {
            throw wrong(.service, "the name of a service", name)
        }
        guard let count = value(.instances) else {
            throw ProtocolError(.invalidParams, "\(method.rawValue) needs 'instances', how many there are to be")
        }
        let range = ProtocolLimits.instances
        guard let instances = count.integerValue.flatMap(Int.init(exactly:)), range.contains(instances) else {
            throw wrong(.instances, "a whole number from \(range.lowerBound) to \(range.upperBound)", count)
        }
        return ScaleParams(service: service, instances: instances, wait: try flag(.wait), timeout: try timeout())
    }

    func drain() throws(ProtocolError) -> DrainParams {
        DrainParams(wait: try flag(.wait), timeout: try timeout(), now: try flag(.now))
    }

    func services(required: Bool = true) throws(ProtocolError) -> [String] {
        let wanted = "a list of names, globs and tags"
        guard let value = value(.services) else {
            guard required else { return [] }
            throw ProtocolError(.invalidParams, "\(method.rawValue) needs 'services', \(wanted)")
        }
        guard let elements = value.arrayValue else { throw wrong(.services, wanted, value) }
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
        for (index, element) in elements.enumerated() {
            guard let name = element.stringValue, !name.isEmpty else {
                throw wrong("services[\(index)]", "a name, a glob or a tag", element)
            }
            guard name.utf8.count <= ProtocolLimits.selectorBytes else {
                throw ProtocolError(
                    .invalidParams, "'services[\(index)]' is longer than \(ProtocolLimits.selectorBytes) bytes")
            }
            names.append(name)
        }
        return names
    }

    func signal() throws(ProtocolError) -> Signal {
        guard let value = value(.signal) else {
            throw ProtocolError(.invalidParams, "\(method.rawValue) needs 'signal', a name such as \"SIGHUP\"")
        }
        guard let name = value.stringValue else { throw wrong(.signal, "a signal's name such as \"SIGHUP\"", value) }
        guard let signal = Signal(name: name) else {
            throw ProtocolError(
                .invalidParams, "no signal is named \(QuotedText.quote(name))",
                suggestion: closestWord(to: name, among: Signal.allNames))
        }
        return signal
    }

    func lines() throws(ProtocolError) -> Int {
        guard let value = value(.lines) else { return LogsParams.standardLines }
        let range = ProtocolLimits.logLines
        guard let lines = value.integerValue.flatMap(Int.init(exactly:)), range.contains(lines) else {
            throw wrong(.lines, "a whole number from \(range.lowerBound) to \(range.upperBound)", value)
        }
        return lines
    }

    func before() throws(ProtocolError) -> UInt64? {
        guard let value = value(.before) else { return nil }
        guard let place = value.integerValue.flatMap(UInt64.init(exactly:)) else {
            throw wrong(.before, "the number that a reply has as 'earlier'", value)
        }
        return place
    }

    private func flag(_ parameter: Method.Parameter) throws(ProtocolError) -> Bool {
        guard let value = value(parameter) else { return false }
        guard let flag = value.boolValue else { throw wrong(parameter, "true or false", value) }
        return flag
    }

    private func timeout() throws(ProtocolError) -> Duration? {
        guard let value = value(.timeout) else { return nil }
        let longest = ProtocolLimits.longestTimeout
        guard let seconds = value.numberValue, let timeout = WireDuration(seconds: seconds)?.duration,
            timeout >= .zero, timeout <= longest
        else { throw wrong(.timeout, "a number of seconds from 0 to \(longest.components.seconds)", value) }
        return timeout
    }

    /// Null stands for what is left out.
    private func value(_ parameter: Method.Parameter) -> JSONValue? {
        guard let value = object[parameter.rawValue], !value.isNull else { return nil }
        return value
    }

    private func wrong(_ parameter: Method.Parameter, _ expected: String, _ value: JSONValue) -> ProtocolError {
        wrong(parameter.rawValue, expected, value)
    }

    private func wrong(_ place: String, _ expected: String, _ value: JSONValue) -> ProtocolError {
        ProtocolError(.invalidParams, "'\(place)' must be \(expected), found \(Request.found(value))")
    }
}
