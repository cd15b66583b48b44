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
        "exec_start = \"/x $HOME $USER $LOGNAME $SHELL\"\nuser = \"jo\"",
        "exec_start = \"/x\"\nexec_stop_post = \"/x $SERVICE_RESULT $EXIT_CODE $EXIT_STATUS\"",
    ])
    func whatIsSetIsNot(lines: String) throws {
        #expect(try warnings(lines) == [])
    }
}
