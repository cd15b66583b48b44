import Glibc
import SupdPlugin

/// The terminal as a screen of this program's own: keys come as they are pressed and are not shown, and what was there before comes back
/// with `leave`, and at a signal that ends the process (`Leftovers`).
struct RawTerminal {
    // xterm's alternate screen, and the cursor hidden.
    private static let entering = "\u{1B}[?1049h\u{1B}[?25l"
    private static let leaving = "\u{1B}[?25h\u{1B}[?1049l"

    /// Nil, with nothing done, where standard input and output are no terminal that can do this.
    init?() {
        var before = termios()
        guard isatty(STDOUT_FILENO) == 1, tcgetattr(STDIN_FILENO, &before) == 0, Terminal.current().canRedraw,
            getenv("TERM") != nil
        else { return nil }
        var meanwhile = before
        // Ctrl-C and Ctrl-Z stay signals.
        meanwhile.c_lflag &= ~tcflag_t(ICANON | ECHO)
        // What waits is woken by it.
        signal(SIGWINCH) { _ in }
        Leftovers.enter(before, meanwhile, entering: Self.entering, leaving: Self.leaving)
    }

    func leave() { Leftovers.restore() }

    /// Shows lines, in one write; nothing flickers as nothing is erased that is not replaced at once.
    func show(_ lines: [String]) -> ErrorNumber? {
        Outcome.write(
            "\u{1B}[H" + lines.map { "\($0)\u{1B}[K" }.joined(separator: "\n") + "\u{1B}[J", to: STDOUT_FILENO)
    }

    /// What waiting for keys came to.
    enum Event {
        case keys([Key])
        case timeout
        /// The window has changed, or the process was stopped and goes on.
        case interrupted
        case end
    }

    func wait(milliseconds: Int32) -> Event {
        var descriptor = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        let count = poll(&descriptor, 1, milliseconds)
        if count < 0 { return .interrupted }
        if count == 0 { return .timeout }
        var bytes = [UInt8](repeating: 0, count: 256)
        let length = read(STDIN_FILENO, &bytes, bytes.count)
        if length < 0, errno == EINTR { return .interrupted }
        return length > 0 ? .keys(Key.all(in: bytes.prefix(length))) : .end
    }
}
