import Glibc

/// What is known of where the output goes.
struct Terminal: Hashable {
    /// How many cells a line has; nil where lines are as long as they are.
    var width: Int?
    /// Whether colours are seen as such.
    var hasColour = false
    /// How many lines it shows; nil where that is not known.
    var height: Int?
    /// Whether what was written can be written over.
    var canRedraw = false

    /// Whether somebody looks: it is no pipe and no file.
    var isSeen = false

    /// No terminal: a pipe or a file.
    static let none = Terminal(width: nil)

    /// The standard output of this process, or its standard error. COLUMNS, where it is set, is taken for the width; colours need a terminal
    /// that is not dumb, and NO_COLOR unset or empty (no-color.org).
    static func current(_ descriptor: Int32 = STDOUT_FILENO) -> Terminal {
        guard isatty(descriptor) == 1 else { return Terminal(width: columns()) }
        let window = windowSize(of: descriptor)
        var terminal = Terminal(width: columns() ?? window.width, height: window.height, isSeen: true)
        terminal.canRedraw = variable("TERM") != "dumb"
        terminal.hasColour = terminal.canRedraw && (variable("NO_COLOR") ?? "").isEmpty
        return terminal
    }

    private static func columns() -> Int? {
        guard let columns = variable("COLUMNS").flatMap({ Int($0) }), columns > 0 else { return nil }
        return columns
    }

    private static func windowSize(of descriptor: Int32) -> (width: Int?, height: Int?) {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 else { return (nil, nil) }
        return (size.ws_col > 0 ? Int(size.ws_col) : nil, size.ws_row > 0 ? Int(size.ws_row) : nil)
    }

    static func variable(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }
}
