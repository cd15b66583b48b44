import Glibc
import SupdJSON

/// One schema of a JSON Schema (draft 2020-12), read once. Of the keywords it knows those that the protocol's uses, and refuses others: what is
/// not understood must not pass for checked.
struct SchemaNode: Sendable {
    /// What is wrong with a schema.
    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    /// Where it stands: `instance/state` below `$defs`.
    let place: String
    var reference: String?
    var types: [String] = []
    /// Of `enum` and `const`.
    var words: [JSONValue]?
    var properties: [String: SchemaNode] = [:]
    var required: [String] = []
    var refusesOtherMembers = false
    /// One at most; an array, as a struct cannot be inside itself.
    var items: [SchemaNode] = []
    var oneOf: [SchemaNode] = []
    var anyOf: [SchemaNode] = []
    var pattern: Pattern?
    var lengths = Bounds()
    var counts = Bounds()
    var numbers = Bounds()

    struct Bounds: Sendable {
        var least: Double?
        var most: Double?

        func hold(_ value: Double) -> Bool { value >= least ?? value && value <= most ?? value }
    }

    init(_ json: JSONValue, at place: String) throws {
        self.place = place
        guard let object = json.objectValue else { throw Fault(description: "\(place): a schema is an object") }
        for member in object.members { try read(member.key, member.value) }
    }

    private mutating func read(_ keyword: String, _ value: JSONValue) throws {
        switch keyword {
        case "$schema", "$id", "$defs", "title", "description": break
        case "$ref": reference = try text(value).replacing("#/$defs/", with: "")
        case "type": types = try value.arrayValue?.map(text) ?? [text(value)]
        case "enum": words = value.arrayValue
        case "const": words = [value]
        case "properties":
            for member in value.objectValue?.members ?? [] {
                properties[member.key] = try SchemaNode(member.value, at: "\(place)/\(member.key)")
            }
        case "required": required = try value.arrayValue?.map(text) ?? []
        case "additionalProperties":
            guard value == false else { throw Fault(description: "\(place): additionalProperties is false or absent") }
            refusesOtherMembers = true
        case "items": items = [try SchemaNode(value, at: place)]
        case "oneOf": oneOf = try (value.arrayValue ?? []).map { try SchemaNode($0, at: place) }
        case "anyOf": anyOf = try (value.arrayValue ?? []).map { try SchemaNode($0, at: place) }
        case "pattern": pattern = try Pattern(text(value))
        case "minLength": lengths.least = value.numberValue
        case "maxLength": lengths.most = value.numberValue
        case "minItems": counts.least = value.numberValue
        case "maxItems": counts.most = value.numberValue
        case "minimum": numbers.least = value.numberValue
        case "maximum": numbers.most = value.numberValue
        default: throw Fault(description: "\(place): the keyword '\(keyword)' is not known here: add it to SchemaNode")
        }
    }

    private func text(_ value: JSONValue) throws -> String {
        guard let text = value.stringValue else { throw Fault(description: "\(place): \(value) is no text") }
        return text
    }

    /// All places of members, and of words as `PLACE=WORD`, in this schema and those within it; not in what it refers to.
    var places: Set<String> {
        var places = Set((words ?? []).map { Self.place(place, of: $0) })
        for node in items + oneOf + anyOf { places.formUnion(node.places) }
        for node in properties.values {
            places.insert(node.place)
            places.formUnion(node.places)
        }
        return places
    }

    static func place(_ place: String, of word: JSONValue) -> String {
        "\(place)=\(word.stringValue ?? word.description)"
    }
}

/// An extended regular expression (regex(7)), which patterns without classes such as `\d` are too.
final class Pattern: @unchecked Sendable {
    let text: String
    // regexec(3) only reads it.
    private let regex: UnsafeMutablePointer<regex_t>

    init(_ text: String) throws {
        self.text = text
        regex = .allocate(capacity: 1)
        guard regcomp(regex, text, REG_EXTENDED | REG_NOSUB) == 0 else {
            regex.deallocate()
            throw SchemaNode.Fault(description: "'\(text)' is no pattern that regcomp(3) takes")
        }
    }

    deinit {
        regfree(regex)
        regex.deallocate()
    }

    func fits(_ value: String) -> Bool { regexec(regex, value, 0, nil, 0) == 0 }
}
