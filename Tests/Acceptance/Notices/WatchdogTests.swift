import Glibc
import Testing

/// `watchdog`: a service that gives no sign of life.
@Suite(.daemons)
struct WatchdogTests {
    @Test func oneThatFallsSilentIsAbortedAndRunAgainByItsPolicy() async throws {
        let folder = try TemporaryFolder()
        let text = NotifyTests.notifier(
            folder, ["surroundings", "send:READY=1", "ping:100:3"], #"type = "notify""#, #"watchdog = "2s""#,
            #"restart = "on-watchdog""#,
            "exec_stop_post = \(TOML.list(["/bin/sh", "-c", "echo $SERVICE_RESULT $EXIT_STATUS >>\(folder.path("ended"))"]))"
        )
        try await withDaemon(text, folder: folder) { daemon in
            let told = try await folder.text(of: "told") { $0.contains("ready ") }
            #expect(told.contains("WATCHDOG_USEC=2000000\n") && told.contains("WATCHDOG_PID=own\n"), "\(told)")
            let web = try await daemon.service("web", within: 60, becomes: "run again") { ($0.restarts.int ?? 0) > 0 }
            #expect(web.last_exit.forced == "watchdog", "\(web)")
            #expect(web.last_exit.signal == "SIGABRT", "\(web)")
            let ended = try await folder.text(of: "ended") { $0.contains("\n") }
            #expect(ended.hasPrefix("watchdog ABRT\n"))
        }
    }

    @Test func oneThatGoesOnGivingSignsIsLeftAlone() async throws {
        let folder = try TemporaryFolder()
        let text = NotifyTests.notifier(
            folder, ["send:READY=1", "ping:50:140", "send:STATUS=alive"], #"type = "notify""#, #"watchdog = "3s""#,
            #"restart = "no""#)
        try await withDaemon(text, folder: folder) { daemon in
            let web = try await daemon.service("web", within: 60, becomes: "alive, or dead") {
                $0.status_text.string == "alive" || $0.state == "EXITED"
            }
            #expect(web.state == "RUNNING", "\(web)")
        }
    }

    @Test func oneThatSaysThatItIsNotWellIsEnded() async throws {
        let folder = try TemporaryFolder()
        let text = NotifyTests.notifier(
            folder, ["send:READY=1", "send:WATCHDOG=trigger"], #"type = "notify""#, #"restart = "no""#,
            #"watchdog_signal = "SIGUSR2""#)
        try await withDaemon(text, folder: folder) { daemon in
            let web = try await daemon.service("web", becomes: "EXITED")
            #expect(web.last_exit.forced == "watchdog-trigger", "\(web)")
            #expect(web.last_exit.signal == "SIGUSR2", "\(web)")
            #expect(web.reason.string?.contains("asked to be ended by WATCHDOG=trigger") == true, "\(web)")
        }
    }

    @Test func itMaySetItsOwnTime() async throws {
        let folder = try TemporaryFolder()
        let text = NotifyTests.notifier(
            folder, ["send:READY=1", "send:WATCHDOG_USEC=200000"], #"type = "notify""#, #"watchdog = "1h""#,
            #"restart = "no""#)
        try await withDaemon(text, folder: folder) { daemon in
            let web = try await daemon.service("web", becomes: "EXITED")
            #expect(web.last_exit.forced == "watchdog", "\(web)")
        }
    }
}
