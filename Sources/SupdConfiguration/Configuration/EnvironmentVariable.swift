/// One variable of a service's environment.
package struct EnvironmentVariable: Hashable, Sendable {
    /// Its name.
    package var name: String
    /// Its value.
    package var value: String

    /// The variable `name` of `value`.
    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}
