import SupdJSON

extension ProtocolError {
    /// One thing that is wrong with a configuration, and where.
    public struct ConfigurationFault: Hashable, Sendable, CustomStringConvertible {
        /// The file, as it was named or as its including file's folder makes it.
        public var file: String
        /// The line, from 1; 0 where the fault is of the whole file.
        public var line: Int
        /// The column in characters, from 1; 0 where the fault is of the whole file.
        public var column: Int
        /// The thing, the value found, what was expected and what to do.
        public var message: String

        /// A fault at a place.
        public init(file: String, line: Int, column: Int, message: String) {
            self.file = file
            self.line = line
            self.column = column
            self.message = message
        }

        /// `FILE:LINE:COLUMN: message`, or `FILE: message` for a fault of the whole file, as `supd check` prints it.
        public var description: String {
            line > 0 ? "\(file):\(line):\(column): \(message)" : "\(file): \(message)"
        }
    }

    /// The configuration has `faults`, of which the error names no more than `ProtocolLimits.faultsNamed`.
    public static func invalidConfiguration(_ faults: [ConfigurationFault]) -> ProtocolError {
        var details = JSONObject()
        details["faults"] = .array(faults.prefix(ProtocolLimits.faultsNamed).map(\.json))
        let more = faults.count - ProtocolLimits.faultsNamed
        if more > 0 { details["more"] = .integer(Int64(more)) }
        let count = faults.count == 1 ? "a fault" : "\(faults.count) faults"
        return ProtocolError(
            .invalidConfiguration, "the configuration has \(count); nothing was changed", details: details)
    }

    /// The configuration has as many faults, and who asks is not told which, as they may name services that he may not observe.
    public static func invalidConfiguration(unnamed count: Int) -> ProtocolError {
        var details = JSONObject()
        details["faults"] = .array([])
        details["more"] = .integer(Int64(count))
        let (faults, which) = count == 1 ? ("a fault", "it is") : ("\(count) faults", "they are")
        return ProtocolError(
            .invalidConfiguration,
            "the configuration has \(faults); nothing was changed. As your user may not see every service, \(which) not told; 'supd check' tells whoever may read the files",
            details: details)
    }

    /// The files have changed since the expected plan was made; `token` is that of the plan they make now.
    public static func planChanged(token: String) -> ProtocolError {
        var details = JSONObject()
        details["token"] = .string(token)
        return ProtocolError(
            .planChanged,
            "the configuration has changed since that plan was made, and nothing was done; look at the plan it makes now",
            details: details)
    }

    /// The faults that an `invalid-configuration` names; what is none is passed over.
    public var configurationFaults: [ConfigurationFault] {
        (details["faults"]?.arrayValue ?? []).compactMap(ConfigurationFault.init(json:))
    }

    /// How many more there are.
    public var faultsNotNamed: Int {
        details["more"]?.integerValue.flatMap(Int.init(exactly:)) ?? 0
    }

    /// The token of the plan that the files make now, of a `plan-changed`.
    public var planToken: String? { details["token"]?.stringValue }
}

extension ProtocolError.ConfigurationFault {
    fileprivate var json: JSONValue {
        [
            "file": .string(file), "line": .integer(Int64(line)), "column": .integer(Int64(column)),
            "message": .string(message),
        ]
    }

    fileprivate init?(json: JSONValue) {
        guard let object = json.objectValue, let file = object["file"]?.stringValue,
            let message = object["message"]?.stringValue
        else { return nil }
        let line = object["line"]?.integerValue.flatMap(Int.init(exactly:)) ?? 0
        let column = object["column"]?.integerValue.flatMap(Int.init(exactly:)) ?? 0
        self.init(file: file, line: line, column: column, message: message)
    }
}
