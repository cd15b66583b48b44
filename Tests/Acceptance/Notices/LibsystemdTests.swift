import Glibc
import Testing

/// A program that is linked to libsystemd, and says everything that sd_notify(3) knows (`Tests/Fixtures/sdchild`).
@Suite(.daemons)
struct LibsystemdProgramTests {
    private func text(_ folder: TemporaryFolder, groups: String, _ settings: String...) -> String {
        "[supervisor]\ncontrol_groups = \"\(groups)\"\n"
            + TOML.service(
                "web", [Programs.sdchild, folder.path("told")], #"type = "notify-reload""#, #"timeout_start = "10s""#,
                "fd_store_max = 3", settings.joined(separator: "\n"))
    }

    /// The line of `told` that begins so and comes after `before` others of its kind.
    private func line(_ beginning: String, after before: Int = 0, in folder: TemporaryFolder) async throws -> String {
        func lines(_ text: String) -> [Substring] { text.split(separator: "\n").filter { $0.hasPrefix(beginning) } }
        return String(lines(try await folder.text(of: "told", within: 20) { lines($0).count > before })[before])
    }

    @Test(arguments: ["auto", "off"])
    func everythingThatItSaysIsFollowed(groups: String) async throws {
        let folder = try TemporaryFolder()
        let text = text(folder, groups: groups, #"watchdog = "20s""#, #"restart = "on-watchdog""#)
        try await withDaemon(text, folder: folder) { daemon in
            let web = try await daemon.service("web", becomes: "ready by its own word") {
                $0.state == "RUNNING" && $0.status_text == "2 workers"
            }
            #expect(try await line("main ", in: folder) == "main \(try web.requirePID())")
            #expect(try await line("descriptors ", in: folder) == "descriptors 0")
            #expect(try await line("barrier ", in: folder) == "barrier 1")
            // The time is known to the process that was started; another is to set its own.
            #expect(try await line("watchdog ", in: folder).hasPrefix("watchdog "))

            let reload = try await daemon.supctl("reload", "web")
            #expect(reload.code == 0, "\(reload)")
            _ = try await line("reloads", in: folder)
            try await daemon.service("web", becomes: "reloaded") { $0.status_text == "reloaded" }

            // It asks to be ended, and falls silent; each time it is run again with what it had kept.
            for (round, (signal, forced)) in [("USR1", "watchdog-trigger"), ("USR2", "watchdog")].enumerated() {
                #expect(try await daemon.supctl("signal", signal, "web").code == 0)
                let again = try await daemon.service("web", within: 60, becomes: "run again") {
                    $0.state == "RUNNING" && $0.restarts.int == round + 1 && $0.status_text == "2 workers"
                }
                #expect(again.last_exit.forced.string == forced, "\(again)")
                #expect(try await line("main ", after: round + 1, in: folder) == "main \(try again.requirePID())")
                #expect(try await line("descriptors ", after: round + 1, in: folder) == "descriptors 2")
                #expect(try await line("descriptor one: ", after: round, in: folder) == "descriptor one: one's")
                #expect(try await line("descriptor two: ", after: round, in: folder) == "descriptor two: two's")
            }

            try await daemon.order("stop", "web")
            let stopped = try await daemon.service("web")
            #expect(stopped.last_exit.code == 3, "\(stopped)")
            for words in [
                "web says that it stops", "web says that it has failed with EIO",
                "web says that it exits with 3",
            ] {
                let line = try await daemon.log.first(by: .seconds(20)) { $0.contains(words) }
                #expect(line != nil, "\(words)")
            }
            #expect(!daemon.log.all.contains { $0.contains("not followed") || $0.contains("not kept") })
        }
    }

    /// Whoever else finds its socket is none of it, whatever may speak for the service.
    @Test(arguments: ["auto", "off"])
    func whatAnotherProcessSaysInItsNameIsForged(groups: String) async throws {
        let folder = try TemporaryFolder()
        let words = [
            "surroundings", "send:READY=1;STATUS=its own", "await:" + folder.path("go"), "send:STATUS=and again",
        ]
        let text =
            "[supervisor]\ncontrol_groups = \"\(groups)\"\n"
            + NotifyTests.notifier(folder, words, #"type = "notify""#, #"notify_access = "all""#)
        try await withDaemon(text, folder: folder) { daemon in
            let pid = try await daemon.service("web", becomes: "ready") { $0.status_text == "its own" }.requirePID()
            let told = try #require(folder.read("told"))
            let socket = String(try #require(told.firstMatch(of: /NOTIFY_SOCKET=(\/.+)/)?.1))
            for state in ["STATUS=forged", "MAINPID=\(getpid())", "WATCHDOG=trigger"] {
                let output = try await run(
                    "/usr/bin/systemd-notify", ["--no-block", state], environment: ["NOTIFY_SOCKET": socket])
                try #require(output.code == 0, "\(output)")
            }
            try folder.write("go", "")
            let web = try await daemon.service("web", becomes: "heard again") { $0.status_text == "and again" }
            #expect(web.state == "RUNNING" && web.pid.int == pid && web.restarts == 0)
            #expect(!daemon.log.all.contains { $0.contains("forged") })
            try await daemon.order("stop", "web")
            // Said once, and counted.
            let sum = "3 messages to the notification socket of web were not followed"
            #expect(try await daemon.log.first(by: .seconds(20)) { $0.contains(sum) } != nil)
            let lines = daemon.log.all.filter { $0.contains("not followed") }
            #expect(lines.count == 2, "\(lines)")
            #expect(lines[0].contains("is none that its notify_access of \"all\" takes"), "\(lines)")
        }
    }
}
