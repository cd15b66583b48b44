import SupdJSON
import SupdPlugin

/// Reads the members of one object of a reply, and says which member is wrong where one is.
struct WireReader {
    let object: JSONObject
    let path: String

    init(_ value: JSONValue, at path: String = "") throws(WireError) {
        guard let object = value.objectValue else { throw Self.mismatch(path, "an object", value) }
        self.object = object
        self.path = path
    }

    /// The value of `key`, nil where it is absent or null.
    func value(_ key: String) -> JSONValue? {
        guard let value = object[key], !value.isNull else { return nil }
        return value
    }

    func string(_ key: String) throws(WireError) -> String {
        try required(key, "a string", \.stringValue)
    }

    func optionalString(_ key: String) throws(WireError) -> String? {
        try optional(key, "a string", \.stringValue)
    }

    func bool(_ key: String) throws(WireError) -> Bool {
        try required(key, "true or false", \.boolValue)
    }

    func integer<T: FixedWidthInteger>(_ key: String) throws(WireError) -> T {
        try required(key, "a whole number") { $0.integerValue.flatMap(T.init(exactly:)) }
    }

    func optionalInteger<T: FixedWidthInteger>(_ key: String) throws(WireError) -> T? {
        try optional(key, "a whole number") { $0.integerValue.flatMap(T.init(exactly:)) }
    }

    func duration(_ key: String) throws(WireError) -> Duration {
        try required(key, "a number of seconds") { $0.numberValue.flatMap(WireDuration.init(seconds:))?.duration }
    }

    func optionalDuration(_ key: String) throws(WireError) -> Duration? {
        try optional(key, "a number of seconds") { $0.numberValue.flatMap(WireDuration.init(seconds:))?.duration }
    }

    func time(_ key: String) throws(WireError) -> WallTime {
        try required(key, "a time as RFC 3339 has it") { $0.stringValue.flatMap(TimeText.parse) }
    }

    func optionalTime(_ key: String) throws(WireError) -> WallTime? {
        try optional(key, "a time as RFC 3339 has it") { $0.stringValue.flatMap(TimeText.parse) }
    }

    /// One of the words that `T` has, or another. Inlined, as what is generic would have the runtime put its types together.
    @inline(__always)
    func word<T>(_ key: String) throws(WireError) -> WireWord<T> {
        WireWord(rawValue: try string(key))
    }

    @inline(__always)
    func optionalWord<T>(_ key: String) throws(WireError) -> WireWord<T>? {
        guard let word = try optionalString(key) else { return nil }
        return WireWord(rawValue: word)
    }

    func strings(_ key: String) throws(WireError) -> [String] {
        var strings: [String] = []
        for (index, element) in try elements(key).enumerated() {
            guard let text = element.stringValue else {
                throw Self.mismatch(place("\(key)[\(index)]"), "a string", element)
            }
            strings.append(text)
        }
        return strings
    }

    func integers<T: FixedWidthInteger>(_ key: String) throws(WireError) -> [T] {
        var numbers: [T] = []
        for (index, element) in try elements(key).enumerated() {
            guard let number = element.integerValue.flatMap(T.init(exactly:)) else {
                throw Self.mismatch(place("\(key)[\(index)]"), "a whole number", element)
            }
            numbers.append(number)
        }
        return numbers
    }

    /// The value of `key` as a `T`.
    func nested<T: WireValue>(_ key: String, as: T.Type = T.self) throws(WireError) -> T {
        guard let nested: T = try optionalNested(key) else { throw missing(key, "an object") }
        return nested
    }

    /// The value of `key` as a `T`, nil where it is absent or null.
    func optionalNested<T: WireValue>(_ key: String, as: T.Type = T.self) throws(WireError) -> T? {
        guard let value = value(key) else { return nil }
        return try Self.decode(value, at: place(key))
    }

    /// The array of `key` as `T`s.
    func list<T: WireValue>(_ key: String, of: T.Type = T.self) throws(WireError) -> [T] {
        var values: [T] = []
        for (index, element) in try elements(key).enumerated() {
            values.append(try Self.decode(element, at: place("\(key)[\(index)]")))
        }
        return values
    }

    /// The members of `key`, to be read one by one.
    func members(_ key: String) throws(WireError) -> WireReader {
        guard let value = value(key) else { throw missing(key, "an object") }
        return try WireReader(value, at: place(key))
    }

    private func elements(_ key: String) throws(WireError) -> [JSONValue] {
        try required(key, "an array", \.arrayValue)
    }

    private func required<T>(
        _ key: String, _ expected: @autoclosure () -> String, _ read: (JSONValue) -> T?
    ) throws(WireError) -> T {
        guard let found = try optional(key, expected(), read) else { throw missing(key, expected()) }
        return found
    }

    private func optional<T>(
        _ key: String, _ expected: @autoclosure () -> String, _ read: (JSONValue) -> T?
    ) throws(WireError) -> T? {
        guard let value = value(key) else { return nil }
        guard let found = read(value) else { throw Self.mismatch(place(key), expected(), value) }
        return found
    }

    private func place(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    private func missing(_ key: String, _ expected: String) -> WireError {
        WireError(path: place(key), problem: "expected \(expected), found \(object[key]?.kindName ?? "nothing")")
    }

    /// What a nested value says of itself is put behind the place it stands at.
    private static func decode<T: WireValue>(
        _ value: JSONValue, at place: @autoclosure () -> String
    ) throws(WireError) -> T {
        do throws(WireError) {
            return try T(from: value)
        } catch {
            let path = place()
            throw WireError(path: error.path.isEmpty ? path : "\(path).\(error.path)", problem: error.problem)
        }
    }

    private static func mismatch(_ path: String, _ expected: String, _ found: JSONValue) -> WireError {
        let shown: String
        switch found {
        case .object, .array: shown = found.kindName
        default: shown = QuotedText.quote(found.description)
        }
        return WireError(path: path, problem: "expected \(expected), found \(shown)")
    }
}
