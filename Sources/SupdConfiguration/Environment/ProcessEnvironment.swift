/// The environment of a process: names and values, each name once.
package struct ProcessEnvironment: Hashable, Sendable {
    private var values = [String: String]()
    /// Those whose names or values are no text in UTF-8, by name: they are passed on as they are.
    private var opaque = [[UInt8]: [UInt8]]()

    /// An empty environment.
    package init() {}

    /// An empty environment with room for so many variables.
    package init(minimumCapacity: Int) { values = Dictionary(minimumCapacity: minimumCapacity) }

    /// An environment of these.
    package init(_ values: [String: String]) {
        self.values = values
    }

    /// The value of a variable, nil where it is not set. What is no text in it is shown as U+FFFD.
    package subscript(variable: SuppliedVariable) -> String? {
        get { self[variable.rawValue] }
        set { self[variable.rawValue] = newValue }
    }

    /// The value of a variable; nil where it is not set.
    package subscript(name: some StringProtocol) -> String? {
        get {
            if let value = values[String(name)] { return value }
            return opaque.isEmpty ? nil : opaque[Array(name.utf8)].map { String(decoding: $0, as: UTF8.self) }
        }
        set {
            values[String(name)] = newValue
            if !opaque.isEmpty { opaque[Array(name.utf8)] = nil }
        }
    }

    /// Sets a variable to a value of any bytes.
    package mutating func set(_ name: some Collection<UInt8>, to value: some Collection<UInt8>) {
        if let name = String(validating: name, as: UTF8.self) {
            self[name] = nil
            if let text = String(validating: value, as: UTF8.self) {
                values[name] = text
                return
            }
        }
        opaque[Array(name)] = Array(value)
    }

    /// `NAME=value` for each that is text, in the order of the names, as execve(2) takes them.
    package var strings: [String] {
        values.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    }

    /// Likewise each that is not.
    package var opaqueStrings: [[UInt8]] {
        opaque.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { $0.key + [UInt8(ascii: "=")] + $0.value }
    }
}
