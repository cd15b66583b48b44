import Testing

/// What a plan tells of a file with secrets in it.
@Suite(.daemons)
struct PlanSecrecyTests {
    /// Neither who asks, nor the log, is told the value of a variable of the environment, old or new.
    @Test func thePlanAndTheLogShowNoValueOfAVariable() async throws {
        func text(_ secret: String) -> String {
            TOML.child("web", ["wait"], "environment = { TOKEN = \"\(secret)\" }")
        }
        try await withDaemon(text("geheim-1")) { daemon in
            try await daemon.service("web", becomes: "RUNNING")
            try daemon.folder.write("supd.toml", text("geheim-2"))
            for arguments in [["plan"], ["plan", "--json"], ["apply", "--json"]] {
                let output = try await run(
                    Programs.supctl, arguments, environment: ["SUPD_SOCKET": daemon.socket, "PATH": "/usr/bin:/bin"])
                #expect(output.code == 0, "\(output)")
                #expect(output.output.contains("environment.TOKEN"), "\(output)")
                #expect(!(output.output + output.error).contains("geheim"), "\(output)")
            }
            #expect(try await daemon.terminate() == .exited(0))
            #expect(!daemon.log.all.contains { $0.contains("geheim") })
        }
    }
}
