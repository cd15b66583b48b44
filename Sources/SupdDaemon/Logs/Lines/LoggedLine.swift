import SupdPlugin
import SupdHost

/// A line out of an instance's memory.
struct LoggedLine: Hashable, Sendable {
    /// What is to be known of a line beside its text.
    struct Flags: OptionSet, Hashable, Sendable {
        let rawValue: UInt8

        /// A piece of a line over `max_line`; the next line goes on with it.
        static let cut = Flags(rawValue: 1)
        /// The rest of a line that was cut.
        static let continuation = Flags(rawValue: 2)
        /// It came from a standard error with a pipe of its own.
        static let error = Flags(rawValue: 4)
        /// Too long for the memory: only its beginning is here. The sink had all of it.
        static let shortened = Flags(rawValue: 8)
        /// No level was looked for at its beginning.
        static let withoutLevel = Flags(rawValue: 16)
    }

    /// Its number; nil where it has not ended.
    var number: UInt64?
    /// When it was read.
    var time: WallTime
    /// The main process of the attempt that wrote it.
    var pid: Int32
    /// What else is to be known of it.
    var flags: Flags
    /// How grave it says that it is; nil where it says nothing, and for the rest of a line that was cut.
    var level: SyslogLevel?
    /// The line, without its level and its end; bytes that are not UTF-8 are replaced by U+FFFD. May hold control characters.
    var text: String

    /// Which output it came from.
    var stream: LogStream { flags.contains(.error) ? .error : .output }

    /// One line of a run.
    init(_ line: LineRun.Line, number: UInt64? = nil, time: WallTime, pid: Int32, flags: Flags) {
        self.number = number
        self.time = time
        self.pid = pid
        self.flags = flags
        level = line.level
        text = String(decoding: line.bytes, as: UTF8.self)
    }
}
