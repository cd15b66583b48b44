import Glibc
import Testing

/// `supd run` as a job of a shell: what a person at a terminal does to it, it and its command do together.
@Suite(.daemons)
struct JobControlTests {
    private static let supd = "\(Programs.supd) run --"
    private static let ctrlZ = "\u{1A}"

    private func withShell(_ body: (ShellSession) async throws -> Void) async throws {
        let shell = try await ShellSession()
        do {
            try await body(shell)
        } catch {
            await shell.close()
            throw error
        }
        await shell.close()
    }

    /// cat answers a line with itself, behind the terminal's own echo.
    private func answers(_ shell: ShellSession, _ line: String) async throws {
        try shell.type(line)
        try await shell.sees(line)
        try await shell.sees(line)
    }

    /// Ctrl-Z and `fg` before each of these lines.
    private func stopsAndGoesOn(_ shell: ShellSession, _ lines: [String]) async throws {
        for line in lines {
            try shell.press(Self.ctrlZ)
            try await shell.sees("Stopped")
            try await shell.sees("ready$ ")
            try shell.type("fg")
            try await answers(shell, line)
        }
    }

    /// Below a tracer, which slows it down, the shell's order to go on may be read when the next stop has come already.
    @Test(arguments: ["", "/usr/bin/strace -DDD -f -qq -o /dev/null "])
    func ctrlZStopsBothAndForegroundContinuesBoth(tracer: String) async throws {
        guard tracer.isEmpty || access("/usr/bin/strace", X_OK) == 0 else { try Test.cancel("there is no strace here") }
        try await withShell { shell in
            try shell.type("\(tracer)\(Self.supd) cat")
            try await answers(shell, "one")
            try await stopsAndGoesOn(shell, ["two", "three", "four", "five"])
            // Ctrl-D: the end of its input.
            try shell.press("\u{04}")
            try await shell.sees("ready$ ")
            try shell.type("echo code $?")
            try await shell.sees("code 0")
        }
    }

    @Test func whatReadsFromTheBackgroundStopsAsAJob() async throws {
        try await withShell { shell in
            try shell.type("\(Self.supd) cat &")
            try await shell.sees("ready$ ")
            // The shell tells of it before a prompt.
            try shell.type("while [ -z \"$(jobs -s)\" ]; do :; done")
            try await shell.sees("Stopped")
            try shell.type("fg")
            try await answers(shell, "one")
            try shell.press("\u{04}")
            try await shell.sees("ready$ ")
        }
    }

    @Test func aTerminalThatForbidsTheBackgroundToWriteStopsNoDaemon() async throws {
        try await withShell { shell in
            try shell.type("stty tostop")
            try await shell.sees("ready$ ")
            // The daemon has something to say: its command cannot be run. It ends, and is not stopped.
            try shell.type("\(Self.supd) /nonexistent & wait $!; echo code $?")
            try await shell.sees("code 127")
        }
    }

    /// A pager at a pipeline's end, or an editor with standard input from elsewhere, reads from the terminal itself.
    @Test(arguments: [
        "\(supd) echo one | /bin/sh -c 'cat; read line < /dev/tty; echo had $line'",
        "echo one | \(supd) /bin/sh -c 'cat; read line < /dev/tty; echo had $line'",
    ])
    func aPipelineHasItsTerminal(line: String) async throws {
        try await withShell { shell in
            try shell.type(line)
            try await shell.sees("\r\none\r\n")
            try shell.type("two")
            try await shell.sees("had two")
            try await shell.sees("ready$ ")
        }
    }

    @Test func ctrlZStopsAPipelineAndForegroundContinuesIt() async throws {
        try await aPipelineStopsAndGoesOn(Self.supd)
    }

    private func aPipelineStopsAndGoesOn(_ supd: String) async throws {
        try await withShell { shell in
            try shell.type("\(supd) cat | /bin/cat")
            try await answers(shell, "one")
            try await stopsAndGoesOn(shell, ["two", "three"])
            try shell.press("\u{04}")
            try await shell.sees("ready$ ")
        }
    }

    /// Ctrl-Z comes again before supd, which is slow, has done what the first one's end asks for.
    @Test func aPipelineStopsAgainWhileItIsStillMadeToGoOn() async throws {
        guard access("/usr/bin/strace", X_OK) == 0 else { try Test.cancel("there is no strace here") }
        let late =
            "/usr/bin/strace -DDD -f -qq -o /dev/null -e trace=pidfd_send_signal "
            + "-e inject=pidfd_send_signal:delay_enter=300000"
        try await aPipelineStopsAndGoesOn("\(late) \(Self.supd)")
    }

    /// The terminal sends it to the whole pipeline; passed on as well it would come twice.
    @Test func ctrlCInAPipelineReachesTheCommandOnce() async throws {
        let folder = try TemporaryFolder()
        try await withShell { shell in
            let command = "\(Programs.testchild) into \(folder.path("told")) signals \(SIGUSR1)"
            try shell.type("\(Self.supd) \(command) | (trap '' INT; /bin/cat)")
            let pid = try await folder.announcedPID(in: "told")
            try shell.press("\u{03}")
            _ = try await folder.text(of: "told") { $0.contains("signal \(SIGINT)\n") }
            kill(pid_t(pid), SIGUSR1)
            try await shell.sees("ready$ ")
            try shell.type("echo code ${PIPESTATUS[0]}")
            try await shell.sees("code 0")
        }
        #expect((folder.read("told") ?? "").split(separator: "\n").filter { $0 == "signal \(SIGINT)" }.count == 1)
    }

    /// Nobody else could take it: the order is for supd.
    @Test(arguments: [SIGINT, SIGHUP])
    func betweenTwoRunsAnInterruptEndsTheDaemon(signal: Int32) async throws {
        let errors = try Descriptor.pipe()
        let process = try ChildProcess(
            Programs.supd,
            ["run", "--log-level", "info", "--restart", "always", "--", "/bin/sh", "-c", "exit 1"],
            environment: ["PATH": "/usr/bin:/bin"], errorOutput: errors.writing)
        let log = Facts<String>()
        let reader = log.recordLines(of: errors.reading)
        defer { reader.cancel() }
        // Long enough for the signal to meet no run, nor the beginning of one.
        let isLong = { (line: String) in line.contains(/will be run again in [1-9][0-9.]*s/) }
        #expect(try await log.first(by: .usual, where: isLong) != nil, "\(log.all)")
        process.signal(signal)
        let ending = try await process.ended(by: .usual)
        #expect(ending == .exited(1))
        await process.destroy()
    }

    @Test func withoutAShellTheCommandIsContinued() async throws {
        let process = try ChildProcess(
            atTerminal: Programs.supd, ["run", "--", "/bin/cat"], environment: ["PATH": "/usr/bin:/bin"])
        let terminal = try #require(process.terminal)
        let shown = Facts<String>()
        let reader = shown.recordLines(of: terminal)
        defer { reader.cancel() }
        func type(_ keys: String) { _ = Glibc.write(terminal.number, keys, keys.utf8.count) }
        type("one\n")
        let isThere = try await shown.first(by: .usual) { $0.contains("one") } != nil
        #expect(isThere)
        type(Self.ctrlZ)
        type("two\n")
        // The echo, and the answer.
        let answered = try await shown.first(by: .usual) { _ in
            shown.all.filter { $0.contains("two") }.count >= 2
        }
        #expect(answered != nil, "\(shown.all)")
        process.signal(SIGTERM)
        #expect(try await process.ended(by: .usual) != nil)
        await process.destroy()
    }

    @Test func descriptorsAndSignalsAreAsTheyWere() async throws {
        let line = "\(Self.supd) cat <(echo handed down)"
        let output = try await run("/bin/bash", ["-c", line], environment: ["PATH": "/usr/bin:/bin"])
        #expect(output.output == "handed down\n" && output.code == 0, "\(output)")
        let report = "/bin/grep -E '^Sig(Ign|Blk)' /proc/self/status"
        let plain = try await run(
            "/bin/bash", ["-c", "trap '' HUP USR2; \(report)"], environment: ["PATH": "/usr/bin:/bin"])
        let below = try await run(
            "/bin/bash", ["-c", "trap '' HUP USR2; \(Self.supd) \(report)"], environment: ["PATH": "/usr/bin:/bin"])
        #expect(below.output == plain.output, "\(below) \(plain)")
        // Signals 1 and 12.
        #expect(plain.output.contains("0801\n"), "\(plain)")
        guard Programs.find("python3") != nil else { try Test.cancel("python3 is not installed") }
        let blocks =
            "import os, signal, sys; signal.pthread_sigmask(signal.SIG_BLOCK, [10, 17, 34]); os.execvp(sys.argv[1], sys.argv[1:])"
        let words = ["/bin/grep", "SigBlk", "/proc/self/status"]
        let blocked = try await run(
            "/usr/bin/env", ["python3", "-c", blocks] + words, environment: ["PATH": "/usr/bin:/bin"])
        let belowBlocked = try await run(
            "/usr/bin/env", ["python3", "-c", blocks, Programs.supd, "run", "--"] + words,
            environment: ["PATH": "/usr/bin:/bin"])
        #expect(
            belowBlocked.output == blocked.output && blocked.output.contains("200010200\n"),
            "\(belowBlocked) \(blocked)")
    }
}
