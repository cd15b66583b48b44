import Glibc

/// What is known of where the output goes.
struct Terminal: Hashable {
    /// How many cells a line has; nil where lines are as long as they are.
    var width: Int?
    /// Whether colours are seen as such.
    var hasColour = false

    /// No terminal: a pipe or a file.
    static let none = Terminal(width: nil)

    /// The standard output of this process. COLUMNS, where it is set, is taken for the width; colours need a terminal
    /// that is not dumb, and NO_COLOR unset or empty (no-color.org).
    static func current() -> Terminal {
        let isTerminal = isatty(STDOUT_FILENO) == 1
        var terminal = Terminal(width: columns() ?? (isTerminal ? windowWidth() : nil))
        terminal.hasColour = isTerminal && (variable("NO_COLOR") ?? "").isEmpty && variable("TERM") != "dumb"
        return terminal
    }

    private static func columns() -> Int? {
        guard let columns = variable("COLUMNS").flatMap({ Int($0) }), columns > 0 else { return nil }
        return columns
    }

    private static func windowWidth() -> Int? {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }

    private static func variable(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }
}
