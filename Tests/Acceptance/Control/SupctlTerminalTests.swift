import Glibc
import Testing

/// supctl at a terminal: what is seen, and what is left behind.
@Suite(.daemons)
struct SupctlTerminalTests {
    private static let entered = "\u{1B}[?1049h\u{1B}[?25l"
    private static let left = "\u{1B}[?25h\u{1B}[?1049l"

    /// A shell at a terminal of 80 by 24, where `supctl` is that of the daemon.
    private func withShell(
        _ daemon: Daemon, term: String = "xterm", _ body: (ShellSession) async throws -> Void
    ) async throws {
        let shell = try await ShellSession(environment: [
            "SUPD_SOCKET": daemon.socket, "PATH": "\(Programs.folder):/usr/bin:/bin", "TERM": term,
        ])
        do {
            try shell.type("stty rows 24 cols 80; echo si'z'ed")
            try await shell.sees("sized")
            try await body(shell)
        } catch {
            await shell.close()
            throw error
        }
        await shell.close()
    }

    @Test func topShowsAndOrdersAndLeavesTheTerminalAsItWas() async throws {
        try await withDaemon(
            TOML.child("web", ["wait"]) + TOML.service("db", ["/bin/sh", "-c", "echo hello; exec sleep 1000"])
        ) {
            daemon in
            try await withShell(daemon) { shell in
                try shell.type("stty -g >\(daemon.folder.path("before"))")
                try shell.type("supctl top")
                try await shell.sees(Self.entered)
                try await shell.sees("2 RUNNING; CPU ")
                // Two looks make a rate.
                try await shell.sees("▁")
                try shell.press("l")
                try await shell.sees("the lines of db")
                try await shell.sees("hello")
                try shell.press("qw")
                try await shell.sees("why db is as it is")
                // As 'supctl why' has it.
                try await shell.sees("Its last lines:\u{1B}[K\r\n  2")
                try shell.press("q/we")
                try await shell.sees("filter: we█")
                try shell.press("\rX")
                try await shell.sees("stop of web is ordered")
                try await daemon.service("web", becomes: "STOPPED")
                try shell.press("q")
                try await shell.sees(Self.left)
                try shell.type("stty -g >\(daemon.folder.path("after")); echo code $?")
                try await shell.sees("code 0")
                #expect(daemon.folder.read("before") == daemon.folder.read("after"))
            }
        }
    }

    /// It is for what comes and goes: nothing is so for a while.
    @Test func topStaysWhereNothingIsSoForAWhile() async throws {
        try await withDaemon(TOML.child("web", ["wait"])) { daemon in
            try await withShell(daemon) { shell in
                try shell.type("supctl top state:running")
                try await shell.sees("1 RUNNING; CPU ")
                try await daemon.order("stop", "web")
                try await shell.sees("no services")
                try await daemon.order("start", "web")
                try await shell.sees("1 RUNNING; CPU ")
                try shell.press("q")
                try await shell.sees(Self.left)
            }
        }
    }

    /// Whichever signal it is that ends it.
    @Test func topLeavesTheTerminalAsItWasWhenItIsKilled() async throws {
        let signals = [
            SIGTERM, SIGHUP, SIGINT, SIGPIPE, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF, SIGXCPU, SIGXFSZ,
            SIGSEGV, SIGABRT, SIGSYS, SIGTRAP, SIGIO, SIGPWR, __libc_current_sigrtmin() + 3, __libc_current_sigrtmax(),
        ]
        try await withDaemon(TOML.child("web", ["wait"])) { daemon in
            try await withShell(daemon) { shell in
                // No files of those that leave a core.
                try shell.type("ulimit -c 0; stty -g >\(daemon.folder.path("before"))")
                for signal in signals {
                    let (pid, after) = ("pid\(signal)", "after\(signal)")
                    try shell.type("sh -c 'echo ready $$ >\(daemon.folder.path(pid)); exec supctl top'")
                    try await shell.sees("1 RUNNING")
                    kill(pid_t(try await daemon.folder.announcedPID(in: pid)), signal)
                    try await shell.sees(Self.left)
                    try shell.type("echo code $?; stty -g >\(daemon.folder.path(after)); echo do'ne'")
                    try await shell.sees("code \(128 + signal)\r\n")
                    try await shell.sees("done")
                    #expect(daemon.folder.read("before") == daemon.folder.read(after), "signal \(signal)")
                }
            }
        }
    }

    @Test func topFollowsTheWindowsSizeAndIsStoppedAndGoesOn() async throws {
        try await withDaemon(TOML.child("web", ["wait"])) { daemon in
            try await withShell(daemon) { shell in
                try shell.type("supctl top")
                try await shell.sees("1 RUNNING")
                try shell.resize(rows: 10, columns: 40)
                // The last line is cut where the window ends now.
                try await shell.sees("q quit S start X stop R restart l line…")
                try shell.press("\u{1A}")
                try await shell.sees(Self.left)
                try await shell.sees("ready$ ")
                try shell.type("fg")
                try await shell.sees(Self.entered)
                try await shell.sees("1 RUNNING")
                try shell.press("\u{3}")
                try await shell.sees(Self.left)
                try shell.type("echo code $?")
                try await shell.sees("code 130")
            }
        }
    }

    /// A daemon that does not answer, from the start or from then on, is said, and holds up no key.
    @Test func topSaysThatSupdDoesNotAnswerAndLeavesAtOnce() async throws {
        try await withDaemon(TOML.child("web", ["wait"])) { daemon in
            try await withShell(daemon) { shell in
                for isHeldBefore in [false, true] {
                    if isHeldBefore { daemon.process.signal(SIGSTOP) }
                    try shell.type("supctl top")
                    try await shell.sees(Self.entered)
                    if !isHeldBefore {
                        try await shell.sees("1 RUNNING; CPU ")
                        daemon.process.signal(SIGSTOP)
                    }
                    try await shell.sees("supd has not answered for ")
                    try shell.press("Xq")
                    try await shell.sees(Self.left)
                    try shell.type("echo co'de' $?")
                    try await shell.sees("code 0")
                    daemon.process.signal(SIGCONT)
                }
            }
        }
    }

    @Test func topRefusesWhatItCannotDrawOn() async throws {
        try await withDaemon(TOML.child("web", ["wait"])) { daemon in
            let piped = try await daemon.supctl("top")
            #expect(piped.code == 2 && piped.output.isEmpty)
            #expect(
                piped.error.contains("'top' needs a terminal") && piped.error.contains("'supctl status'"), "\(piped)")
            try await withShell(daemon, term: "dumb") { shell in
                try shell.type("supctl top; echo code $?")
                let shown = try await shell.sees("code 2")
                #expect(shown.contains("'top' needs a terminal") && !shown.contains("\u{1B}"), "\(shown)")
            }
        }
    }

    @Test func coloursAreAsTheTerminalWantsThem() async throws {
        try await withDaemon(TOML.child("web", ["wait"])) { daemon in
            try await withShell(daemon) { shell in
                try shell.type("supctl status; echo do'ne'")
                #expect(try await shell.sees("done").contains("\u{1B}[32mRUNNING"))
                try shell.type("NO_COLOR=1 supctl status; echo do'ne'")
                #expect(!(try await shell.sees("done")).contains("\u{1B}[3"))
                try shell.type("TERM=dumb supctl status; echo do'ne'")
                #expect(!(try await shell.sees("done")).contains("\u{1B}["))
            }
        }
    }

    /// Nothing is wider than the terminal, which has two cells for each of these.
    @Test func noLineIsWiderThanTheTerminal() async throws {
        let wide = String(repeating: "漢字", count: 20)
        func cells(_ line: Substring) -> Int {
            let text = line.replacing(/\u{1B}\[[0-9;?]*[a-zA-Z]/, with: "")
            return text.count + text.count { wide.contains($0) }
        }
        // The card has its description and its command line, the one in several lines and the other cut.
        let configuration = TOML.service(
            "web", ["/bin/sh", "-c", "sleep 1000; : \(wide)"], "description = \"\(wide)\"")
        try await withDaemon(configuration) { daemon in
            try await daemon.service("web", becomes: "RUNNING")
            try await withShell(daemon) { shell in
                for columns in [30, 31] {
                    try shell.type("stty cols \(columns); supctl status; supctl status web; echo do'ne'")
                    let shown = try await shell.sees("done")
                    // What was typed is seen, too.
                    let lines = shown.split(whereSeparator: \.isNewline).dropFirst().filter { !$0.contains("$") }
                    for line in lines { #expect(cells(line) <= columns, "\(line)") }
                    #expect(lines.joined().count { $0 == "漢" } >= 20, "\(shown)")
                    #expect(lines.contains { cells($0) >= columns - 1 && $0.contains("漢") }, "\(shown)")
                }
            }
        }
    }
}
