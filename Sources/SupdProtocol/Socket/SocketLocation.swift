/// One place where the control socket may be, and what put it there.
public struct SocketLocation: Hashable, Sendable, CustomStringConvertible {
    /// What named the place.
    public enum Source: Hashable, Sendable {
        /// `--socket`.
        case option
        /// The environment variable `SUPD_SOCKET`.
        case environment
        /// `[supervisor] socket` of the configuration.
        case configuration
        /// The standard place of root, or of another user.
        case standard
    }

    /// Where it is.
    public var path: String
    /// What named it.
    public var source: Source

    /// The place `path`, named by `source`.
    public init(path: String, source: Source) {
        self.path = path
        self.source = source
    }

    /// `/run/supd/control.sock (standard place)`.
    public var description: String {
        switch source {
        case .option: "\(path) (--socket)"
        case .environment: "\(path) (SUPD_SOCKET)"
        case .configuration: "\(path) ([supervisor] socket)"
        case .standard: "\(path) (standard place)"
        }
    }

    /// The longest path a Unix socket can have, in bytes (unix(7): 108 with the zero at its end).
    public static let longestPath = 107
    /// Root's standard place.
    public static let rootPath = "/run/supd/control.sock"

    /// Where a daemon makes its socket: the option, else the configuration's, else the standard place. Nil for a user
    /// other than root with no XDG_RUNTIME_DIR, who must name one.
    public static func forDaemon(
        option: String?, configured: String?, uid: UInt32, runtimeDirectory: String?
    ) -> SocketLocation? {
        if let option { return SocketLocation(path: option, source: .option) }
        if let configured { return SocketLocation(path: configured, source: .configuration) }
        return ownStandardPlace(uid: uid, runtimeDirectory: runtimeDirectory)
    }

    /// Where a client looks: the option, else the environment's, else the standard place of its user, and of root for a
    /// user who can have none. It never goes on to a further daemon where the first is not there: an order must
    /// not reach another than was meant.
    public static func forClient(
        option: String?, environment: String?, uid: UInt32, runtimeDirectory: String?
    ) -> SocketLocation {
        if let option { return SocketLocation(path: option, source: .option) }
        if let environment, !environment.isEmpty { return SocketLocation(path: environment, source: .environment) }
        let own = ownStandardPlace(uid: uid, runtimeDirectory: runtimeDirectory)
        return own ?? SocketLocation(path: rootPath, source: .standard)
    }

    /// A relative XDG_RUNTIME_DIR is to be ignored (XDG Base Directory Specification).
    private static func ownStandardPlace(uid: UInt32, runtimeDirectory: String?) -> SocketLocation? {
        if uid == 0 { return SocketLocation(path: rootPath, source: .standard) }
        guard let runtimeDirectory, runtimeDirectory.hasPrefix("/") else { return nil }
        return SocketLocation(path: runtimeDirectory + "/supd/control.sock", source: .standard)
    }
}
