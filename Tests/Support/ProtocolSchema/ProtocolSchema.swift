import Foundation
public import SupdJSON

/// `contrib/protocol/supd.schema.json`, to hold what goes over the control socket against.
public struct ProtocolSchema: Sendable {
    /// The file, as it is written.
    public let json: JSONValue
    /// What stands in its `$defs`, by name.
    private let nodes: [String: SchemaNode]

    private static let loaded = Result { try ProtocolSchema() }

    /// The file of this package, read once.
    public static func current() throws -> ProtocolSchema { try loaded.get() }

    private init() throws {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../../contrib/protocol/supd.schema.json")
        try self.init(JSONValue(parsing: try String(contentsOf: path, encoding: .utf8), limits: .document))
    }

    /// The schema that `json` is. Throws where it has a keyword that is not known here, or refers to what is not there.
    public init(_ json: JSONValue) throws {
        self.json = json
        var nodes = ["": try SchemaNode(json, at: "")]
        for member in json.objectValue?["$defs"]?.objectValue?.members ?? [] {
            nodes[member.key] = try SchemaNode(member.value, at: member.key)
        }
        self.nodes = nodes
    }

    /// The names in `$defs`.
    public var names: Set<String> { Set(nodes.keys).subtracting([""]) }

    /// Every member that a message may have, and every word that one may say: `instance/state`, `state=RUNNING`.
    public var places: Set<String> { nodes.values.reduce(into: []) { $0.formUnion($1.places) } }

    /// What is wrong with `value` as the definition `name`; empty for nothing. The places that it has are put into `met`.
    public func problems(_ value: JSONValue, as name: String, met: inout Set<String>) -> [String] {
        var check = SchemaCheck(nodes: nodes)
        check.hold(value, to: name)
        met.formUnion(check.met)
        return check.problems.map(\.description)
    }

    /// What is wrong with `value` as the definition `name`; empty for nothing.
    public func problems(_ value: JSONValue, as name: String) -> [String] {
        var met: Set<String> = []
        return problems(value, as: name, met: &met)
    }

    /// The same of a text.
    public func problems(ofText text: String, as name: String) throws -> [String] {
        problems(try JSONValue(parsing: text, limits: .document), as: name)
    }
}

/// One value held to a schema.
struct SchemaCheck {
    struct Problem: CustomStringConvertible {
        var path: String
        let text: String
        /// How much it says against the schema being the one that is meant: another word says most.
        let weight: Int

        var description: String { path.isEmpty ? text : "\(path): \(text)" }
    }

    let nodes: [String: SchemaNode]
    private(set) var problems: [Problem] = []
    private(set) var met: Set<String> = []
    /// Only whether there is a problem is asked.
    private let endsWithFirst: Bool

    init(nodes: [String: SchemaNode], endsWithFirst: Bool = false) {
        self.nodes = nodes
        self.endsWithFirst = endsWithFirst
    }

    private var isDecided: Bool { endsWithFirst && !problems.isEmpty }

    mutating func hold(_ value: JSONValue, to name: String) {
        guard let node = nodes[name] else { return note("the schema has no '\(name)'") }
        hold(value, to: node)
    }

    private mutating func note(_ text: String, weight: Int = 1) {
        problems.append(Problem(path: "", text: text, weight: weight))
    }

    private mutating func hold(_ value: JSONValue, to node: SchemaNode) {
        if isDecided { return }
        if let reference = node.reference { hold(value, to: reference) }
        if !node.types.isEmpty, !node.types.contains(where: { Self.isA($0, value) }) {
            return note("is \(value.kindName), not \(node.types.joined(separator: " or "))")
        }
        if let words = node.words {
            guard words.contains(value) else { return note("is \(value), not one of \(words)", weight: 100) }
            met.insert(SchemaNode.place(node.place, of: value))
        }
        switch value {
        case .object(let object): holdMembers(object, to: node)
        case .array(let elements): holdElements(elements, to: node)
        case .string(let text):
            if !node.lengths.hold(Double(text.unicodeScalars.count)) { note("has a wrong length") }
            if let pattern = node.pattern, !pattern.fits(text) {
                note("'\(text)' does not fit \(pattern.text)", weight: 100)
            }
        case .integer, .number:
            if let number = value.numberValue, !node.numbers.hold(number) { note("\(value) is out of bounds") }
        case .bool, .null: break
        }
        if isDecided { return }
        if !node.oneOf.isEmpty { choose(value, node.oneOf, isExclusive: true) }
        if !node.anyOf.isEmpty { choose(value, node.anyOf, isExclusive: false) }
    }

    private mutating func holdMembers(_ object: JSONObject, to node: SchemaNode) {
        for key in node.required where object[key] == nil { note("has no '\(key)'") }
        for member in object.members {
            if isDecided { return }
            if let property = node.properties[member.key] {
                met.insert(property.place)
                within(".\(member.key)") { $0.hold(member.value, to: property) }
            } else if node.refusesOtherMembers {
                note("has '\(member.key)', which the schema does not have")
            }
        }
    }

    private mutating func holdElements(_ elements: [JSONValue], to node: SchemaNode) {
        if !node.counts.hold(Double(elements.count)) { note("has \(elements.count) elements, which is out of bounds") }
        guard let item = node.items.first else { return }
        for (index, element) in elements.enumerated() { within("[\(index)]") { $0.hold(element, to: item) } }
    }

    /// What `body` finds is said to be at `step` from here.
    private mutating func within(_ step: @autoclosure () -> String, _ body: (inout Self) -> Void) {
        let before = problems.count
        body(&self)
        guard problems.count > before else { return }
        for index in before..<problems.count { problems[index].path = step() + problems[index].path }
    }

    /// Holds `value` to each of `choices`; where it fits none, what is said is against the one that it fits best.
    private mutating func choose(_ value: JSONValue, _ choices: [SchemaNode], isExclusive: Bool) {
        var fits = 0
        for choice in choices {
            var check = SchemaCheck(nodes: nodes, endsWithFirst: true)
            check.hold(value, to: choice)
            guard check.problems.isEmpty else { continue }
            fits += 1
            met.formUnion(check.met)
        }
        if fits > 1, isExclusive { note("fits \(fits) of the choices, of which one is meant") }
        if fits == 0 { problems += nearest(to: value, of: choices)?.problems ?? [] }
    }

    private func nearest(to value: JSONValue, of choices: [SchemaNode]) -> SchemaCheck? {
        // Where something is found in any case, which one does not matter.
        if endsWithFirst, let choice = choices.first { return check(value, as: choice) }
        return choices.map { check(value, as: $0) }.min { $0.weight < $1.weight }
    }

    private func check(_ value: JSONValue, as choice: SchemaNode) -> SchemaCheck {
        var check = SchemaCheck(nodes: nodes, endsWithFirst: endsWithFirst)
        check.hold(value, to: choice)
        return check
    }

    private var weight: Int { problems.reduce(0) { $0 + $1.weight } }

    private static func isA(_ type: String, _ value: JSONValue) -> Bool {
        switch value {
        case .null: type == "null"
        case .bool: type == "boolean"
        case .integer: type == "integer" || type == "number"
        case .number(let number): type == "number" || type == "integer" && number == number.rounded()
        case .string: type == "string"
        case .array: type == "array"
        case .object: type == "object"
        }
    }
}
