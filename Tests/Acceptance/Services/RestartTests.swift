import Glibc
import Testing

@Suite(.daemons)
struct RestartTests {
    private let atOnce = #"backoff = { policy = "constant", delay = "10ms", jitter = "none" }"#
    private let muchLater = #"backoff = { policy = "constant", delay = "1h", jitter = "none" }"#

    @Test func aKilledServiceComesBack() async throws {
        try await withDaemon(TOML.child("web", ["wait"], #"restart = "always""#, atOnce)) { daemon in
            let first = try await daemon.service("web", becomes: "RUNNING")
            try ProcessTable.kill(first.requirePID(), SIGKILL)
            let second = try await daemon.service("web", becomes: "running again") {
                $0.state == "RUNNING" && $0.attempt != first.attempt
            }
            #expect(try second.requirePID() != first.requirePID())
            #expect(second.restarts == 1)
            #expect(second.last_exit.signal == "SIGKILL")
            #expect(second.reason == "run again after it was killed by SIGKILL")
            #expect(second.last_exit.code.isNull)
            #expect(first.attempt == 1)
            #expect(second.attempt == 2)
        }
    }

    @Test func backoffIsSeenInStatus() async throws {
        let configuration = TOML.child("web", ["exit", "3"], #"restart = "on-failure""#, muchLater)
        try await withDaemon(configuration, untilReady: false) { daemon in
            try await daemon.serves()
            let web = try await daemon.service("web", becomes: "BACKOFF")
            #expect(web.last_exit.code == 3)
            #expect(web.next_start_at.string?.hasSuffix("Z") == true)
            #expect(web.desired == "up")
            #expect(web.pid.isNull)
            #expect(web.ready == false)
            #expect(web.reason.string?.isEmpty == false)
        }
    }

    @Test func backoffGrowsAndIsCounted() async throws {
        let folder = try TemporaryFolder()
        let configuration = TOML.child(
            "web", ["fail-first", folder.path("runs"), "4"],
            #"backoff = { policy = "exponential", initial = "20ms", factor = 2.0, max = "1s", jitter = "none" }"#)
        let before = ContinuousClock.now
        try await withDaemon(configuration, folder: folder, untilReady: false) { daemon in
            _ = try await folder.text(of: "runs") { $0.split(separator: "\n").count == 5 }
            // 20 + 40 + 80 + 160 ms lie between five starts.
            #expect(before.duration(to: .now) >= .milliseconds(300))
            let web = try await daemon.service("web", becomes: "RUNNING")
            #expect(web.restarts == 4)
            #expect(web.attempt == 5)
        }
    }

    @Test func stopDuringBackoffEndsIt() async throws {
        let configuration = TOML.child("web", ["exit", "3"], muchLater)
        try await withDaemon(configuration, untilReady: false) { daemon in
            try await daemon.serves()
            try await daemon.service("web", becomes: "BACKOFF")
            try await daemon.order("stop", "web", timeout: 5)
            let web = try await daemon.service("web")
            #expect(web.state == "STOPPED")
            #expect(web.desired == "down")
            #expect(web.next_start_at.isNull)
            #expect(web.attempt == 1)
        }
    }

    @Test func startDuringBackoffDoesNotWaitForIt() async throws {
        let folder = try TemporaryFolder()
        let configuration = TOML.child("web", ["fail-first", folder.path("runs"), "1"], muchLater)
        try await withDaemon(configuration, folder: folder, untilReady: false) { daemon in
            try await daemon.serves()
            try await daemon.service("web", becomes: "BACKOFF")
            try await daemon.order("start", "web")
            #expect(try await daemon.service("web").state == "RUNNING")
        }
    }

    @Test func aSuccessIsNotRestartedOnFailure() async throws {
        let configuration = TOML.child("job", ["exit", "0"], #"restart = "on-failure""#) + TOML.child("keep", ["wait"])
        try await withDaemon(configuration) { daemon in
            let job = try await daemon.service("job", becomes: "EXITED")
            #expect(job.restarts == 0)
            #expect(job.last_exit.code == 0)
        }
    }

    @Test(arguments: [
        ("no", "1", "EXITED"), ("on-success", "1", "EXITED"), ("on-abnormal", "1", "EXITED"),
        ("on-success", "0", "BACKOFF"), ("on-failure", "1", "BACKOFF"), ("always", "0", "BACKOFF"),
    ])
    func thePolicyDecides(policy: String, code: String, state: String) async throws {
        let configuration =
            TOML.child("job", ["exit", code], "restart = \"\(policy)\"", muchLater) + TOML.child("keep", ["wait"])
        try await withDaemon(configuration, untilReady: false) { daemon in
            try await daemon.serves()
            let job = try await daemon.service("job", becomes: "settled") {
                ["EXITED", "BACKOFF", "FATAL"].contains($0.state.string)
            }
            #expect(job.state.string == state, "\(job.text)")
        }
    }

    @Test func tooManyStartsAreFatalUntilReset() async throws {
        let configuration = TOML.child(
            "web", ["exit", "1"], #"backoff = { policy = "constant", delay = "1ms", jitter = "none" }"#,
            "start_limit_burst = 3", #"start_limit_interval = "60s""#)
        try await withDaemon(configuration, untilReady: false) { daemon in
            try await daemon.serves()
            let web = try await daemon.service("web", becomes: "FATAL")
            #expect(web.attempt == 3)
            #expect(web.reason.string?.contains("3") == true, "\(web.text)")
            _ = try await daemon.connect().call("service.reset_failed", ["services": ["web"]])
            #expect(try await daemon.service("web").state == "STOPPED")
        }
    }

    @Test func restartStopsTheOldProcessBeforeTheNewOne() async throws {
        let folder = try TemporaryFolder()
        let configuration = TOML.child("web", ["chronicle", folder.path("chronicle"), "web"])
        try await withDaemon(configuration, folder: folder) { daemon in
            _ = try await folder.text(of: "chronicle") { $0 == "web up\n" }
            let before = try await daemon.service("web")
            try await daemon.order("restart", "web")
            _ = try await folder.text(of: "chronicle") { $0 == "web up\nweb down\nweb up\n" }
            let after = try await daemon.service("web")
            #expect(after.state == "RUNNING")
            #expect(try after.requirePID() != before.requirePID())
            // Ordered, not by its policy.
            #expect(after.restarts == 0)
        }
    }

    @Test func aSignalIsDeliveredByName() async throws {
        try await withDaemon(TOML.child("web", ["wait"], #"restart = "no""#)) { daemon in
            let result = try await daemon.connect().call(
                "service.signal", ["services": ["web"], "signal": "SIGUSR1"])
            #expect(result.services.array.count == 1)
            let web = try await daemon.service("web", becomes: "EXITED")
            #expect(web.last_exit.signal == "SIGUSR1")
        }
    }

    @Test func aOneshotIsStartingWhileItRunsAndExitedAfter() async throws {
        let folder = try TemporaryFolder()
        let gate = folder.path("gate")
        try #require(mkfifo(gate, 0o600) == 0)
        let configuration = TOML.service("job", ["/bin/sh", "-c", "read line <\(gate)"], #"type = "oneshot""#)
        try await withDaemon(configuration, folder: folder, untilReady: false) { daemon in
            try await daemon.serves()
            try await daemon.service("job", becomes: "STARTING")
            #expect(daemon.manager.last("READY") == nil)
            let opened = try Descriptor(answer: open(gate, O_RDWR | O_CLOEXEC), of: gate)
            #expect(write(opened.number, "\n", 1) == 1)
            try await daemon.becomesReady()
            let job = try await daemon.service("job")
            #expect(job.state == "EXITED")
            #expect(job.last_exit.code == 0)
        }
    }

    @Test func aStartCountsOnceTheProgramHasStayedUp() async throws {
        let folder = try TemporaryFolder()
        let configuration =
            TOML.child(
                "web", ["fail-first", folder.path("runs"), "1"], #"min_uptime = "4s""#,
                #"backoff = { policy = "constant", delay = "10ms", jitter = "none" }"#)
            + TOML.child("front", ["wait"], #"requires = ["web"]"#, "enabled = false")
        try await withDaemon(configuration, folder: folder, untilReady: false) { daemon in
            try await daemon.serves()
            _ = try await folder.text(of: "runs") { $0.filter { $0 == "\n" }.count == 2 }
            let before = ContinuousClock.now
            let answer = try await daemon.order("start", "front")
            #expect(before.duration(to: .now) > .milliseconds(500))
            #expect(answer.services.array[0].state == "RUNNING", "\(answer)")
            #expect(try await daemon.service("web").state == "RUNNING")
        }
    }
}
