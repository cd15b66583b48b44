import Testing

/// `type = "notify-reload"`: a signal in place of a command, and the service's own word for its end.
@Suite(.daemons)
struct NotifyReloadTests {
    @Test func itIsReloadedWhenItSaysSo() async throws {
        let folder = try TemporaryFolder()
        let text = NotifyTests.notifier(folder, ["reloads"], #"type = "notify-reload""#)
        try await withDaemon(text, folder: folder) { daemon in
            let pid = try await daemon.service("web", becomes: "RUNNING").requirePID()
            for round in 1...2 {
                let output = try await daemon.supctl("reload", "web")
                #expect(output.code == 0, "\(output)")
                #expect(folder.read("told")?.split(separator: "\n").filter { $0 == "reloads" }.count == round)
            }
            let web = try await daemon.service("web")
            #expect(web.pid.int == pid && web.restarts == 0)
        }
    }

    @Test func aSignalAloneIsAReloadWhereNothingElseIsSaid() async throws {
        let folder = try TemporaryFolder()
        let text = TOML.child("web", ["into", folder.path("told"), "signals"], #"reload_signal = "SIGUSR1""#)
        try await withDaemon(text, folder: folder) { daemon in
            _ = try await folder.announcedPID(in: "told")
            #expect(try await daemon.supctl("reload", "web").code == 0)
            _ = try await folder.text(of: "told") { $0.contains("signal 10\n") }
        }
    }

    @Test func oneThatDoesNotSaySoHasFailedAndRunsOn() async throws {
        let folder = try TemporaryFolder()
        let text = NotifyTests.notifier(
            folder, ["send:READY=1"], #"type = "notify-reload""#, #"reload_signal = "SIGCONT""#,
            #"timeout_start = "5s""#)
        try await withDaemon(text, folder: folder) { daemon in
            let output = try await daemon.supctl("reload", "web")
            #expect(output.code == 1, "\(output)")
            #expect(output.error.contains("it did not say RELOADING=1 within 5"), "\(output)")
            #expect(try await daemon.service("web").state == "RUNNING")
        }
    }
}
