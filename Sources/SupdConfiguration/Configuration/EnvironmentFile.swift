/// A file of `NAME=value` lines (systemd.exec(5), EnvironmentFile=).
package struct EnvironmentFile: Hashable, Sendable {
    /// Where it is.
    package var path: String
    /// Whether a start goes on without it; written with a leading `-`.
    package var optional: Bool

    /// The file at `path`.
    package init(path: String, optional: Bool) {
        self.path = path
        self.optional = optional
    }
}
