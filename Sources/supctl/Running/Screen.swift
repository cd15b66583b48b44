import Glibc
import SupdPlugin

/// A place where something is shown while it changes: written over on a terminal, one after the other in a pipe.
struct Screen {
    /// What is known of it now: a window may have another size each time.
    var terminal: () -> Terminal
    /// Writes text as it is; answers why it could not.
    var write: (String) -> ErrorNumber?
    /// What the last text took, where it can be written over.
    private var shown: (lines: Int, terminal: Terminal)?

    init(terminal: @escaping () -> Terminal, write: @escaping (String) -> ErrorNumber?) {
        self.terminal = terminal
        self.write = write
    }

    /// Nobody looks.
    static var none: Screen { Screen(terminal: { .none }, write: { _ in nil }) }

    /// An open file of this process.
    static func of(_ descriptor: Int32) -> Screen {
        Screen(terminal: { .current(descriptor) }, write: { Outcome.write($0, to: descriptor) })
    }

    /// What a text is made for. A line that is to be written over leaves the last cell free: a terminal that has
    /// written that one is on neither line.
    var room: Terminal {
        var terminal = terminal()
        if terminal.canRedraw { terminal.width = terminal.width.map { max(1, $0 - 1) } }
        return terminal
    }

    /// Shows lines, each ended by a newline, in place of those before. All in one write, and nothing is erased that is
    /// not replaced at once, so that nothing flickers.
    mutating func show(_ text: String) -> ErrorNumber? {
        let terminal = terminal()
        guard terminal.canRedraw else { return write(text) }
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
        // What has left the screen at its top cannot be written over.
        if let height = terminal.height, lines.count >= height, height > 2 {
            let left = lines.count - (height - 2)
            lines = lines.prefix(height - 2) + ["… \(left) more"]
        }
        let frame = lines.map { "\($0)\u{1B}[K\n" }.joined()
        let start = start(on: terminal)
        shown = (lines.count, terminal)
        return write("\(start)\(frame)\u{1B}[J")
    }

    /// Takes away what was shown, where that can be done.
    mutating func clear() -> ErrorNumber? {
        guard shown != nil else { return nil }
        let start = start(on: terminal())
        shown = nil
        return write("\(start)\u{1B}[J")
    }

    /// Leaves what was shown where it is, as something else has been written below it.
    mutating func letStand() { shown = nil }

    /// To the first line of what was shown. After a change of the window's size nobody knows where that is: a block
    /// starts anew on an empty screen, a single line stays about where it was.
    private func start(on terminal: Terminal) -> String {
        guard let shown else { return "" }
        if shown.terminal != terminal, shown.lines > 1 { return "\u{1B}[H\u{1B}[2J" }
        return "\r\u{1B}[\(shown.lines)A"
    }
}
