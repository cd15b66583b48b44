/// The environment of a process: names and values, each name once.
public struct ProcessEnvironment: Hashable, Sendable {
    private var values: [String: String] = [:]

    /// An empty environment.
    public init() {}

    /// An environment of these.
    public init(_ values: [String: String]) {
        self.values = values
    }

    /// The value of a variable, nil where it is not set.
    public subscript(name: some StringProtocol) -> String? {
        get { values[String(name)] }
        set { values[String(name)] = newValue }
    }

    /// `NAME=value` for each, in the order of the names, as execve(2) takes them.
    public var strings: [String] {
        values.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    }
}
