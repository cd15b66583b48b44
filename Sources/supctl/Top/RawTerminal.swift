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

    /// What has come; nothing of it after the time, and where the window has changed, or the process was stopped and goes on.
    struct Arrival {
        var keys: [Key] = []
        /// There is something to be read of the other file.
        var isAnswer = false
        /// There is nobody there any more.
        var isEnd = false
    }

    /// Waits for keys, and for what can be read of `other`.
    func wait(for other: Int32, milliseconds: Int32) -> Arrival {
        var descriptors = [STDIN_FILENO, other].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        var arrival = Arrival()
        guard poll(&descriptors, 2, milliseconds) > 0 else { return arrival }
        arrival.isAnswer = descriptors[1].revents != 0
        guard descriptors[0].revents != 0 else { return arrival }
        var bytes = [UInt8](repeating: 0, count: 256)
        let length = read(STDIN_FILENO, &bytes, bytes.count)
        if length > 0 { arrival.keys = Key.all(in: bytes.prefix(length)) }
        arrival.isEnd = length == 0 || length < 0 && errno != EINTR
        return arrival
    }
}
