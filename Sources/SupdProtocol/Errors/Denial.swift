import SupdJSON
public import SupdPlugin

/// What a `not-permitted` says: what was asked for, the class that it needs, and who has that.
public struct Denial: Hashable, Sendable {
    /// The method, by its name on the wire.
    public var method: String
    /// The instance that it was asked of; nil where it is the daemon's.
    public var instance: String?
    /// The class that was needed.
    public var needs: AccessClass
    /// Who has it: root, the daemon's own user where that is another one, and those whom the configuration names, as it names them.
    public var holders: [String]
    /// The tables of the configuration that name some of them, the one that counts first; empty where none does.
    public var tables: [String]

    /// A denial of `method`, which takes the class `needs`.
    public init(
        _ method: String, of instance: String? = nil, needs: AccessClass, holders: [String] = ["root"],
        tables: [String] = []
    ) {
        self.method = method
        self.instance = instance
        self.needs = needs
        self.holders = holders
        self.tables = tables
    }

    /// Says it of `what` was asked for: `service.stop of web`.
    public func sentence(of what: String) -> String {
        "\(what) needs the access class '\(needs.rawValue)', which your user does not have: \(who)"
    }

    /// Who has it, and what to do.
    private var who: String {
        guard tables.isEmpty else {
            let places = tables.map { "[\($0)]" }.joined(separator: " over ")
            return "those who do are \(holders.joined(separator: ", ")) (\(places)); run supctl with sudo"
        }
        // A service's own table may say that nobody has the class, whatever stands in that for all.
        let table = instance == nil ? "[supervisor.access]" : "the service's 'access'"
        let key = "or have '\(needs.rawValue)' of \(table) name your user"
        guard holders.count > 1 else { return "only \(holders.joined()) does; run supctl with sudo, \(key)" }
        return "only \(holders.joined(separator: " and ")) do; run supctl with sudo or as that user, \(key)"
    }
}

extension ProtocolError {
    /// The client's user may not do what he has asked for.
    public static func notPermitted(_ denial: Denial) -> ProtocolError {
        var details = JSONObject()
        details["class"] = .string(denial.needs.rawValue)
        details["method"] = .string(denial.method)
        if let instance = denial.instance { details["name"] = .string(instance) }
        details["holders"] = .array(denial.holders.map { .string($0) })
        details["tables"] = .array(denial.tables.map { .string($0) })
        let what = denial.method + (denial.instance.map { " of \($0)" } ?? "")
        return ProtocolError(.notPermitted, denial.sentence(of: what), details: details)
    }

    /// What a `not-permitted` says for programs; nil of another error, and of one that says less.
    public var denial: Denial? {
        guard kind == .notPermitted, let method = details["method"]?.stringValue,
            let needs = details["class"]?.stringValue.flatMap(AccessClass.init(rawValue:)),
            let holders = details["holders"]?.arrayValue, let tables = details["tables"]?.arrayValue
        else { return nil }
        return Denial(
            method, of: details["name"]?.stringValue, needs: needs, holders: holders.compactMap(\.stringValue),
            tables: tables.compactMap(\.stringValue))
    }
}
