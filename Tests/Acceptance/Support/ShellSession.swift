import Glibc

/// An interactive shell at a terminal of its own, and who sits there.
final class ShellSession {
    private let shell: ChildProcess
    private let terminal: Descriptor
    /// What it has shown and nobody waited for.
    private var shown = ""

    /// The prompt is `ready$ `, and comes once the shell has taken a line.
    init(
        _ program: String = "/bin/bash", _ arguments: [String] = ["--norc", "--noediting", "-i"],
        environment: [String: String] = [:], prompt: String? = "ready$ "
    ) async throws {
        let plain = ["PATH": "/usr/bin:/bin", "PS1": "ready$ ", "TERM": "dumb"]
        shell = try ChildProcess(
            atTerminal: program, arguments, environment: plain.merging(environment) { $1 })
        guard let terminal = shell.terminal else { throw Failure("there is no terminal") }
        self.terminal = terminal
        if let prompt { try await sees(prompt) }
    }

    /// Types, with the key that ends a line.
    func type(_ line: String) throws { try press(line + "\n") }

    /// Presses keys: `\u{1A}` is Ctrl-Z.
    func press(_ keys: String) throws {
        let bytes = Array(keys.utf8)
        guard Glibc.write(terminal.number, bytes, bytes.count) == bytes.count else {
            throw Failure("the terminal takes no keys: \(String(cString: strerror(errno)))")
        }
    }

    /// Waits until the terminal shows `text`, and takes all up to it: answers what was before it.
    @discardableResult
    func sees(_ text: String, within seconds: Double = Deadline.patience) async throws -> String {
        let deadline = Deadline.seconds(seconds)
        while true {
            if let found = shown.firstRange(of: text) {
                let before = String(shown[..<found.lowerBound])
                shown = String(shown[found.upperBound...])
                return before
            }
            guard try await terminal.becomesReadable(by: deadline) else {
                throw Failure("the terminal does not show '\(text)', but: \(shown)")
            }
            if case .bytes(let bytes) = try terminal.readChunk() { shown += String(decoding: bytes, as: UTF8.self) }
        }
    }

    /// Makes the window another size, which is told by SIGWINCH.
    func resize(rows: UInt16, columns: UInt16) throws {
        var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        guard ioctl(terminal.number, UInt(TIOCSWINSZ), &size) == 0 else { throw Failure("TIOCSWINSZ") }
    }

    /// Ends the shell and what it runs.
    func close() async {
        // What is stopped sees the terminal go only once it is continued, which the kernel does (setpgid(2), orphaned groups).
        shell.signal(SIGHUP)
        shell.signal(SIGKILL)
        await shell.destroy()
    }
}
