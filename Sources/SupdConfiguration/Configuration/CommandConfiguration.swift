/// One command of `exec_start_pre` and its kin.
public struct CommandConfiguration: Hashable, Sendable {
    /// The command, split into words; `%` specifiers and variables are not yet replaced.
    public var words: [String]
    /// How long it may run before it is killed, which is a failure; nil for no limit.
    public var timeout: Duration?
    /// Whether its failure counts as success; written with a `-` before the program (systemd.service(5)).
    public var ignoresFailure: Bool

    /// A command of these.
    public init(words: [String], timeout: Duration?, ignoresFailure: Bool = false) {
        self.words = words
        self.timeout = timeout
        self.ignoresFailure = ignoresFailure
    }
}
