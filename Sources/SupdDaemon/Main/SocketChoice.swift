import SupdConfiguration

/// What `--socket` and `[supervisor] socket` may say instead of a path.
enum SocketChoice {
    /// No control socket.
    static let none = SupervisorConfiguration.noSocket
}
