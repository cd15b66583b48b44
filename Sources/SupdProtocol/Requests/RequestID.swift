public import SupdJSON

/// What a client calls a request, to know its reply by. It is sent back as it came.
public enum RequestID: Hashable, Sendable {
    /// Null, which JSON-RPC 2.0 advises against: a reply to it cannot be told from one to nonsense.
    case null
    /// Text.
    case string(String)
    /// A whole number.
    case integer(Int64)
    /// Another number, below 2^53: of those beyond not each can be told from its neighbours. JSON-RPC 2.0 allows it and
    /// advises against it.
    case number(Double)

    /// The id that `value` is; nil where it can be none.
    public init?(_ value: JSONValue) {
        switch value {
        case .string(let text): self = .string(text)
        case .integer(let number): self = .integer(number)
        case .number(let number) where abs(number) < 0x1p53: self = .number(number)
        case .null: self = .null
        case .number, .bool, .array, .object: return nil
        }
    }

    func write(to writer: inout JSONWriter) {
        switch self {
        case .null: writer.null()
        case .string(let text): writer.string(text)
        case .integer(let number): writer.integer(number)
        case .number(let number): writer.number(number)
        }
    }
}
