/// One variable of a service's environment.
public struct EnvironmentVariable: Hashable, Sendable {
    /// Its name.
    public var name: String
    /// Its value.
    public var value: String

    /// The variable `name` of `value`.
    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}
