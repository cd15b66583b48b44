import SupdConfiguration
import Testing

/// Variables in commands that nothing sets.
@Suite struct VariableCheckTests {
    private static let loop = #"exec_start = ["/bin/sh", "-c", "for f in 1 2; do echo $f; done"]"#

    private func warnings(_ lines: String...) throws -> [String] {
        try Load.warnings("[service.a]\n" + lines.map { $0 + "\n" }.joined())
    }

    @Test func theShellsOwnIsWarnedOf() throws {
        #expect(
            try warnings(Self.loop) == [
                "2:14: warning: nothing is put in the place of '$f' in 'exec_start', as 'a' has no such variable: write '$$f' for the shell's own"
            ])
        let several = try warnings(#"exec_start = ["/x", "$A", "${B}c", "$A", "$PATH", "$$C"]"#)
        #expect(several.count == 1 && several[0].contains("place of '$A', '$B' in 'exec_start'"), "\(several)")
        let command = try warnings(#"exec_start = "/x""#, #"exec_stop = ["/bin/sh", "-c", "kill $MAINPID $x"]"#)
        #expect(command.count == 1 && command[0].contains("place of '$x' in 'exec_stop'"), "\(command)")
        #expect(try warnings(#"exec_start = "/x $MAINPID $HOME""#).count == 1)
    }

    /// What supd gives to a service, and not to that command of it.
    @Test(arguments: [
        ("exec_start", "MAINPID", ""), ("exec_start_pre", "MAINPID", ""), ("exec_stop_post", "MAINPID", ""),
        ("exec_reload", "SERVICE_RESULT", ""), ("exec_start", "EXIT_STATUS", ""), ("exec_start", "NOTIFY_SOCKET", ""),
        ("exec_reload", "NOTIFY_SOCKET", "notify_access = \"main\""), ("exec_start", "WATCHDOG_USEC", ""),
        ("exec_stop", "WATCHDOG_USEC", "watchdog = \"9s\""), ("exec_start", "LISTEN_FDS", ""),
    ])
    func whatSupdSetsElsewhereIsWarnedOf(key: String, name: String, lines: String) throws {
        let start = key == "exec_start" ? "" : "exec_start = \"/x\"\n"
        let told = try warnings(start + "\(key) = \"/y $\(name)\"", lines)
        let place = key == "exec_start" ? "" : " there"
        let warning =
            "in the place of '$\(name)' in '\(key)', as 'a' has no such variable\(place): write '$$\(name)' for the shell's own"
        #expect(told.count == 1 && told[0].hasSuffix(warning), "\(told)")
    }

    @Test(arguments: [
        ("exec_start", "LISTEN_FDNAMES", "sockets = [{ listen = \"@a\" }]"),
        ("exec_start", "LISTEN_FDS", "fd_store_max = 2"),
        ("exec_start", "WATCHDOG_PID", "watchdog = \"9s\""), ("exec_reload", "SUPD_INVOCATION", ""),
        ("exec_start", "JOURNAL_STREAM", "log = { sink = \"journal-direct\" }"),
    ])
    func whatComesTooLateForACommandIsToldSo(key: String, name: String, lines: String) throws {
        let start = key == "exec_start" ? "" : "exec_start = \"/x\"\n"
        let told = try warnings(start + "\(key) = \"/y $\(name)\"", lines)
        let warning =
            "in the place of '$\(name)' in '\(key)', as only the program itself finds that in its environment: write '$$\(name)' for a "
            + "shell to look there"
        #expect(told.count == 1 && told[0].hasSuffix(warning), "\(told)")
    }

    /// Nothing of it is passed on from the daemon's own environment, but for the ends of commands, which are told to nobody else.
    @Test func whatSupdSuppliesSpeaksToADaemon() {
        for variable in SuppliedVariable.allCases where ![.result, .exitCode, .exitStatus].contains(variable) {
            #expect(PassedEnvironment.speaksToDaemon(variable.rawValue), "\(variable)")
        }
    }

    @Test(arguments: [
        "environment = { f = \"1\" }", "environment_files = \"/etc/a\"", "pass_environment = \"f\"",
        "pass_environment = [\"X*\", \"?\"]",
    ])
    func whatMayBeSetIsNot(line: String) throws {
        #expect(try warnings(Self.loop, line) == [])
    }

    @Test(arguments: [
        #"exec_start = ["/bin/sh", "-c", "for f in 1; do echo $$f; done"]"#,
        #"exec_start = "/bin/sh -c 'for f in 1; do echo $f; done'""#,
        #"exec_start = "/x $SUPD_INSTANCE ${SUPD_SERVICE} $INVOCATION_ID $PATH""#,
        "exec_start = \"/x $NOTIFY_SOCKET $WATCHDOG_USEC\"\nwatchdog = \"9s\"",
        "exec_start = \"/x\"\nnotify_access = \"all\"\nexec_stop = \"/x $NOTIFY_SOCKET $MAINPID $SERVICE_RESULT\"",
        "exec_start = \"/x $HOME $USER $LOGNAME $SHELL\"\nuser = \"jo\"",
        "exec_start = \"/x\"\nexec_stop_post = \"/x $SERVICE_RESULT $EXIT_CODE $EXIT_STATUS\"",
    ])
    func whatIsSetIsNot(lines: String) throws {
        #expect(try warnings(lines) == [])
    }
}
