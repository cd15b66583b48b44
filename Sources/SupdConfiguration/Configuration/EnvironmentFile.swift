/// A file of `NAME=value` lines (systemd.exec(5), EnvironmentFile=).
public struct EnvironmentFile: Hashable, Sendable {
    /// Where it is.
    public var path: String
    /// Whether a start goes on without it; written with a leading `-`.
    public var optional: Bool

    /// The file at `path`.
    public init(path: String, optional: Bool) {
        self.path = path
        self.optional = optional
    }
}
