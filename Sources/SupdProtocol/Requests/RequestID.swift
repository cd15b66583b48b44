import SupdJSON

/// What a client calls a request, to know its reply by. It is sent back as it came.
public enum RequestID: Hashable, Sendable {
    /// Null, which JSON-RPC 2.0 advises against: a reply to it cannot be told from one to nonsense.
    case null
    /// Text.
    case string(String)
    /// A whole number.
    case integer(Int64)
    /// Another number, as it was written (`-0`, `1e3`). JSON-RPC 2.0 allows it and advises against it.
    case number(String)

    /// The id that `value` is, which was written as `source`; nil where it can be none.
    init?(_ value: JSONValue, source: @autoclosure () -> String) {
        switch value {
        case .string(let text): self = .string(text)
        case .integer(let number): self = .integer(number)
        case .number: self = .number(source())
        case .null: self = .null
        case .bool, .array, .object: return nil
        }
    }

    /// How long it is, in bytes; 0 of one that has a limit by itself.
    var length: Int {
        switch self {
        case .string(let text), .number(let text): text.utf8.count
        case .integer, .null: 0
        }
    }

    func write(to writer: inout JSONWriter) {
        switch self {
        case .null: writer.null()
        case .string(let text): writer.string(text)
        case .integer(let number): writer.integer(number)
        case .number(let text): writer.raw(text.utf8)
        }
    }
}
