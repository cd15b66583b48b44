import Glibc
import Testing

@Suite(.daemons)
struct ExitStatusTests {
    /// SIGRTMIN+3 (systemd(1)).
    static let containerStop: Int32 = 37
    private static let environment = ["PATH": "/usr/bin:/bin"]

    @Test func aStopOnOrderIsZero() async throws {
        try await withDaemon(TOML.child("web", ["wait"])) { daemon in
            let ending = try await daemon.terminate()
            #expect(ending == .exited(0))
            #expect(!daemon.folder.exists("control.sock"))
        }
    }

    @Test func aStartWithoutDescriptorsNamesTheLimit() async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("supd.toml", TOML.child("web", ["wait"]))
        let words = [Programs.supd, "--config", file, "--socket", folder.path("control.sock")]
        let output = try await run(
            "/bin/sh", ["-c", #"ulimit -n 14; exec "$@""#, "sh"] + words, environment: Self.environment)
        #expect(output.code == 70)
        #expect(output.error.contains("EMFILE") && output.error.contains("'ulimit -n'"), "\(output.error)")
    }

    @Test(arguments: [SIGTERM, SIGINT, SIGQUIT, containerStop])
    func oneStopSignalIsADrain(signal: Int32) async throws {
        try await withDaemon(TOML.child("web", ["wait"])) { daemon in
            daemon.process.signal(signal)
            let ending = try await daemon.ended()
            #expect(ending == .exited(0))
            let stopping = try await daemon.manager.said.first(by: .seconds(5)) { $0 == "STOPPING=1" }
            #expect(stopping != nil)
        }
    }

    @Test(arguments: [
        ["--nonsense"], ["--log-level", "loudest"], ["--config"], ["--config="], ["nonsense"], ["check", "--nonsense"],
    ])
    func wrongUseIs64(arguments: [String]) async throws {
        let output = try await run(Programs.supd, arguments, environment: Self.environment)
        #expect(output.code == 64)
        #expect(!output.error.isEmpty)
        #expect(output.output.isEmpty)
    }

    @Test func helpAndVersionAreZeroAndOnStandardOutput() async throws {
        for argument in ["--help", "--version"] {
            let output = try await run(Programs.supd, [argument], environment: Self.environment)
            #expect(output.code == 0)
            #expect(output.output.contains("supd"))
            #expect(output.error.isEmpty)
        }
    }

    @Test func aMissingConfigurationIs78AndNamed() async throws {
        let output = try await run(
            Programs.supd, ["--config", "/nonexistent/supd.toml", "--socket", "/nonexistent/s"],
            environment: Self.environment)
        #expect(output.code == 78)
        #expect(output.error.contains("/nonexistent/supd.toml"))
    }

    @Test func anEssentialServicesCodeIsTheDaemons() async throws {
        let folder = try TemporaryFolder()
        let configuration =
            TOML.service(
                "main",
                [
                    "/bin/sh", "-c",
                    "until [ $$(grep -c . \(folder.path("tree"))) -ge 5 ] 2>/dev/null; do sleep 0.05; done; exit 42",
                ], "essential = true", #"restart = "no""#)
            + TOML.child("other", ["into", folder.path("tree"), "family"], #"timeout_stop = "300ms""#)
        try await withDaemon(configuration, folder: folder, untilReady: false) { daemon in
            let ending = try await daemon.ended()
            #expect(ending == .exited(42))
            let family = TemporaryFolder.pids(folder.read("tree") ?? "")
            #expect(family.count == 5 && family.filter(ProcessTable.isAlive) == [])
        }
    }

    @Test func anEssentialServiceThatIsRunAgainDoesNotEndTheDaemon() async throws {
        let folder = try TemporaryFolder()
        let configuration = TOML.child(
            "main", ["fail-first", folder.path("runs"), "2"], "essential = true", #"restart = "on-failure""#,
            #"backoff = { policy = "constant", delay = "10ms", jitter = "none" }"#)
        try await withDaemon(configuration, folder: folder, untilReady: false) { daemon in
            try await daemon.serves()
            _ = try await folder.text(of: "runs") { $0.filter { $0 == "\n" }.count == 3 }
            try await daemon.service("main", becomes: "RUNNING")
        }
    }

    @Test func allExitedEndsTheDaemonWhereAskedTo() async throws {
        let configuration = "[supervisor]\nexit_when = \"all-exited\"\n" + TOML.child("job", ["exit", "0"])
        try await withDaemon(configuration, untilReady: false) { daemon in
            let ending = try await daemon.ended()
            #expect(ending == .exited(0))
        }
    }

    @Test func allExitedExitsWithWhatFailedFirst() async throws {
        let configuration =
            "[supervisor]\nexit_when = \"all-exited\"\n"
            + TOML.child("job", ["exit", "7"], #"type = "oneshot""#, #"restart = "no""#)
            + TOML.child("after", ["exit", "0"], #"after = ["job"]"#, #"restart = "no""#)
        try await withDaemon(configuration, untilReady: false) { daemon in
            let ending = try await daemon.ended()
            #expect(ending == .exited(7))
            let cause = try daemon.report().cause.string ?? ""
            #expect(cause.hasPrefix("nothing is left to run, and job has failed: exit code 7"), "\(cause)")
        }
    }

    @Test func allExitedIsOneWhereItNeverStarted() async throws {
        let configuration =
            "[supervisor]\nexit_when = \"all-exited\"\n"
            + TOML.service("job", ["/nonexistent/program"], #"restart = "no""#)
        try await withDaemon(configuration, untilReady: false) { daemon in
            let ending = try await daemon.ended()
            #expect(ending == .exited(1))
        }
    }

    @Test func anyFailedEndsTheDaemonWithTheSignalThatWasTheEnd() async throws {
        let configuration =
            "[supervisor]\nexit_when = \"any-failed\"\n" + TOML.child("web", ["wait"])
            + TOML.child("other", ["wait"], #"restart = "no""#)
        try await withDaemon(configuration) { daemon in
            try await daemon.service("web", becomes: "RUNNING")
            kill(pid_t(try await daemon.service("other").requirePID()), SIGKILL)
            let ending = try await daemon.ended()
            #expect(ending == .exited(128 + SIGKILL))
        }
    }

    @Test func anEssentialServiceThatCanNeverStartEndsTheDaemon() async throws {
        let configuration =
            TOML.child("migrate", ["exit", "3"], #"type = "oneshot""#, #"restart = "no""#)
            + TOML.child("web", ["wait"], #"requires = ["migrate"]"#, "essential = true")
        try await withDaemon(configuration, untilReady: false) { daemon in
            let ending = try await daemon.ended()
            #expect(ending == .exited(1))
            let cause = try daemon.report().cause.string
            #expect(
                cause
                    == "essential service web cannot start without migrate (EXITED)")
        }
    }

    @Test func aDaemonWithoutServicesStays() async throws {
        try await withDaemon("[supervisor]\nstart_parallelism = 4\n") { daemon in
            let answer = try await daemon.connect().call("supervisor.status")
            #expect(answer.state == "RUNNING")
            let ending = try await daemon.terminate()
            #expect(ending == .exited(0))
        }
    }
}
