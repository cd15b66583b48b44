package import SupdPlugin

/// `log = { … }`: where a service's lines go.
package struct LogConfiguration: Hashable, Sendable {
    /// The kinds of place.
    package enum Sink: String, Hashable, Sendable, CaseIterable {
        /// The journal where systemd started the daemon with one, else standard error.
        case auto
        /// The systemd journal, with fields.
        case journal
        /// The systemd journal, by a stream that the service writes to itself: no line is read, marked or kept.
        case journalDirect = "journal-direct"
        /// The daemon's standard error, each line with name and time.
        case stderr
        /// A file of its own, rotated by size.
        case file
        /// The daemon's own standard output and error, as they are: no line is read, marked or kept.
        case inherit
        /// Nowhere; the service writes to /dev/null.
        case none
    }

    /// What becomes of standard error.
    package enum StandardError: String, Hashable, Sendable, CaseIterable {
        /// One pipe with standard output, so that the order of lines is kept.
        case same
        /// A pipe of its own; its lines are marked `err`.
        case separate
        /// /dev/null.
        case none
    }

    /// What becomes of lines that the sink has no room for.
    package enum Overflow: String, Hashable, Sendable, CaseIterable {
        /// The service waits in write(2) until there is room, as with a plain pipe.
        case wait
        /// They are dropped and counted; the service never waits.
        case drop
    }

    /// Where lines go, unless a plugin takes them.
    package var sink: Sink = .auto
    /// The plugin's sink that takes them; nil for none.
    package var planned: PlannedLogSink?
    /// What becomes of standard error.
    package var standardError: StandardError = .same
    /// What becomes of lines that the sink has no room for. One that is gone drops them whatever this says.
    package var overflow: Overflow = .wait
    /// How many bytes of the last lines are kept in memory, for `supctl logs`; 0 for none.
    package var memory: Int = 16 * 1024
    /// Whether `<N>` at the beginning of a line is its level (sd-daemon(3)), and no part of it.
    package var levelPrefix: Bool = true
    /// Longer lines are split, in bytes.
    package var maxLine: Int = 48 * 1024
    /// The file of the sink `file`.
    package var file: String?
    /// The file is rotated when it would grow over this many bytes; 0 for never.
    package var rotateSize: Int = 10 * 1024 * 1024
    /// How many rotated files are kept beside the current one.
    package var rotateKeep: Int = 5
    /// Whose a file is that is made; nil for the daemon's.
    package var owner: FileOwner?
    /// The mode of a file that is made.
    package var mode: UInt16 = 0o640

    /// The standard values.
    package init() {}
}
