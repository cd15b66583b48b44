/// One command of `exec_start_pre` and its kin.
package struct CommandConfiguration: Hashable, Sendable {
    /// The command, split into words; `%` specifiers and variables are not yet replaced.
    package var words: [String]
    /// How long it may run before it is killed, which is a failure; nil for no limit.
    package var timeout: Duration?
    /// Whether its failure counts as success; written with a `-` before the program (systemd.service(5)).
    package var ignoresFailure: Bool

    /// A command of these.
    package init(words: [String], timeout: Duration?, ignoresFailure: Bool = false) {
        self.words = words
        self.timeout = timeout
        self.ignoresFailure = ignoresFailure
    }
}
