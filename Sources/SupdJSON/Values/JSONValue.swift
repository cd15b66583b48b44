/// A JSON value (RFC 8259).
///
/// Equality is exact: `integer(1)` and `number(1)` differ, as do objects whose members are in another order.
public enum JSONValue: Hashable, Sendable {
    /// `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A number written without fraction and exponent that fits 64 bits.
    case integer(Int64)
    /// Any other number. Never NaN nor infinite when it was read; written as `null` when it is.
    case number(Double)
    /// A string; any Unicode text.
    case string(String)
    /// An array.
    case array([JSONValue])
    /// An object, its members in the order of the text.
    case object(JSONObject)
}

extension JSONValue {
    /// The text, nil for anything but a string.
    public var stringValue: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    /// The truth value, nil for anything but `true` and `false`.
    public var boolValue: Bool? {
        guard case .bool(let flag) = self else { return nil }
        return flag
    }

    /// The whole number, however it was written (`30`, `30.0`, `3e1`). Nil where it is none, leaves 64 bits, or was written with a fraction
    /// or an exponent and is 2^53 or more: a double has not each of these, and it may have been its neighbour.
    public var integerValue: Int64? {
        switch self {
        case .integer(let integer): integer
        case .number(let number): abs(number) < 0x1p53 ? Int64(exactly: number) : nil
        default: nil
        }
    }

    /// The number; a large integer is rounded to the nearest one that can be told. Nil for anything but a number.
    public var numberValue: Double? {
        switch self {
        case .integer(let integer): Double(integer)
        case .number(let number): number
        default: nil
        }
    }

    /// The elements, nil for anything but an array.
    public var arrayValue: [JSONValue]? {
        guard case .array(let elements) = self else { return nil }
        return elements
    }

    /// The object, nil for anything else.
    public var objectValue: JSONObject? {
        guard case .object(let object) = self else { return nil }
        return object
    }

    /// Whether it is `null`.
    public var isNull: Bool {
        if case .null = self { true } else { false }
    }

    /// The kind as a person calls it, for a message: "a string", "an object".
    public var kindName: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .integer, .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}

extension JSONValue: CustomStringConvertible {
    /// The value as compact JSON.
    public var description: String {
        var writer = JSONWriter()
        writer.value(self)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
