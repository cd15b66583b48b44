import Glibc
import Testing

@Suite(.daemons)
struct DrainTests {
    /// Two that obey, and one that has to be killed.
    private func mixed(_ folder: TemporaryFolder, timeout: String = "300ms") -> String {
        TOML.child("good", ["chronicle", folder.path("up"), "good"])
            + TOML.child("slow", ["into", folder.path("up"), "stop-slowly", "100"])
            + TOML.child("bad", ["into", folder.path("up"), "ignore-term"], "timeout_stop = \"\(timeout)\"")
    }

    private func areUp(_ folder: TemporaryFolder, _ count: Int) async throws {
        _ = try await folder.text(of: "up") { $0.filter { $0 == "\n" }.count >= count }
    }

    @Test func theReportTellsWhatBecameOfEveryService() async throws {
        let folder = try TemporaryFolder()
        try await withDaemon(mixed(folder), folder: folder) { daemon in
            try await areUp(folder, 3)
            #expect(try await daemon.terminate() == .exited(0))
            let report = try daemon.report()
            #expect(report.exit_code == 0)
            #expect(report.cause.string?.contains("SIGTERM") == true, "\(report.text)")
            #expect(Set(report.services.stopped.array.compactMap(\.string)) == ["good", "slow"], "\(report.text)")
            #expect(report.services.killed == ["bad"])
            #expect(report.services.abandoned == [])
            #expect(report.tasks.abandoned == [])
            #expect(
                report.phases.array.map { $0.phase.string } == ["announce", "quiesce", "jobs", "services", "flush"])
            #expect(try #require(report.duration.double) >= 0.3)
        }
    }

    @Test func shutdownOverTheSocketAnswersWithTheReport() async throws {
        let folder = try TemporaryFolder()
        try await withDaemon(mixed(folder), folder: folder) { daemon in
            try await areUp(folder, 3)
            let report = try await daemon.connect().call("supervisor.shutdown", ["wait": true])
            #expect(report.exit_code == 0)
            #expect(report.services.killed == ["bad"])
            #expect(try await daemon.ended() == .exited(0))
            #expect(try daemon.report().text == report.text)
        }
    }

    @Test func drainEndsTheServicesAndLeavesTheDaemon() async throws {
        let folder = try TemporaryFolder()
        try await withDaemon(mixed(folder), folder: folder) { daemon in
            try await areUp(folder, 3)
            let report = try await daemon.connect().call("supervisor.drain", ["wait": true])
            #expect(report.services.killed == ["bad"])
            #expect(try await daemon.connect().call("supervisor.status").state == "DRAINING")
            for name in ["good", "slow", "bad"] { #expect(try await daemon.service(name).state == "STOPPED") }
            let refused = try await daemon.connect().exchange("service.start", ["services": ["good"]])
            #expect(refused.error.data.kind == "shutting-down", "\(refused.text)")
            _ = try await daemon.connect().call("supervisor.shutdown", ["wait": true])
            #expect(try await daemon.ended() == .exited(0))
        }
    }

    /// Sends the first of several signals, and waits until the next is another order: they must be a second apart, as the daemon has
    /// seen them, to be told from one pressed twice.
    private func signalFirst(_ signal: Int32, _ daemon: Daemon) async throws {
        daemon.process.signal(signal)
        _ = try #require(await daemon.log.first(by: .usual) { $0.contains("shutting down: SIG") })
        _ = try await daemon.process.ended(by: .seconds(1.1))
    }

    @Test func aSecondSignalCapsWhatIsLeft() async throws {
        let folder = try TemporaryFolder()
        try await withDaemon(mixed(folder, timeout: "35s"), folder: folder) { daemon in
            try await areUp(folder, 3)
            try await signalFirst(SIGTERM, daemon)
            let before = ContinuousClock.now
            daemon.process.signal(SIGTERM)
            let ending = try await daemon.ended(within: 30)
            #expect(before.duration(to: .now) < .seconds(7).atLoad)
            // 0: the tree was killed and gone within the cap. What had to be forced is in the report.
            #expect(ending == .exited(0) || ending == .exited(77))
            let report = try daemon.report()
            #expect(report.services.killed == ["bad"])
            let services = report.phases.array.first { $0.phase == "services" }
            #expect(services?.outcome == "forced", "\(report.text)")
            #expect(daemon.log.all.contains { $0.contains("a repeated signal cuts phase services short") })
        }
    }

    @Test func aThirdSignalForcesTheEnd() async throws {
        let folder = try TemporaryFolder()
        try await withDaemon(mixed(folder, timeout: "35s"), folder: folder) { daemon in
            try await areUp(folder, 3)
            let bad = try await daemon.service("bad").requirePID()
            try await signalFirst(SIGTERM, daemon)
            // Held up, the daemon finds both at once: what the second began has no time to be done with.
            daemon.process.signal(SIGSTOP)
            daemon.process.signal(SIGTERM)
            daemon.process.signal(SIGINT)
            let before = ContinuousClock.now
            daemon.process.signal(SIGCONT)
            #expect(try await daemon.ended(within: 20) == .exited(77))
            #expect(before.duration(to: .now) < .milliseconds(800).atLoad)
            #expect(!ProcessTable.isAlive(bad))
            #expect(try daemon.report().exit_code == 77)
        }
    }

    @Test func theThirdOfAnyMixtureForcesTheEndAtOnce() async throws {
        let folder = try TemporaryFolder()
        let configuration =
            mixed(folder, timeout: "35s")
            + TOML.child("web", ["into", folder.path("tree"), "family"], #"timeout_stop = "35s""#)
        try await withDaemon(configuration, folder: folder) { daemon in
            try await areUp(folder, 3)
            let text = try await folder.text(of: "tree") { $0.filter { $0 == "\n" }.count >= 5 }
            try await signalFirst(SIGQUIT, daemon)
            // Held up, as above; and two that differ: the kernel makes one of two that do not.
            daemon.process.signal(SIGSTOP)
            daemon.process.signal(37)
            daemon.process.signal(SIGTERM)
            let before = ContinuousClock.now
            daemon.process.signal(SIGCONT)
            #expect(try await daemon.ended(within: 20) == .exited(77))
            // 500 ms by the contract, and what a loaded machine takes to say so.
            #expect(before.duration(to: .now) < .milliseconds(800).atLoad)
            let processes = TemporaryFolder.pids(text)
            #expect(processes.count == 5)
            #expect(processes.filter(ProcessTable.isAlive) == [])
            #expect(try daemon.report().exit_code == 77)
        }
    }

    @Test(arguments: [["shutdown", "--now"], ["shutdown", "--now", "--wait"]])
    func aShutdownNowKillsEverythingAtOnce(_ arguments: [String]) async throws {
        let folder = try TemporaryFolder()
        try await withDaemon(mixed(folder, timeout: "35s"), folder: folder) { daemon in
            try await areUp(folder, 3)
            let bad = try await daemon.service("bad").requirePID()
            let output = try await run(Programs.supctl, arguments, environment: ["SUPD_SOCKET": daemon.socket])
            #expect(output.code == 0, "\(output)")
            #expect(output.output.contains(arguments.contains("--wait") ? "exit code 77" : "STOPPING"), "\(output)")
            #expect(try await daemon.ended(within: 20) == .exited(77))
            #expect(!ProcessTable.isAlive(bad))
            #expect(try daemon.report().cause.string?.contains("shutdown ordered by uid") == true)
        }
    }

    /// As a second order that does not wait for the first.
    @Test func aShutdownNowEndsADrainThatGoesOn() async throws {
        let folder = try TemporaryFolder()
        try await withDaemon(mixed(folder, timeout: "35s"), folder: folder) { daemon in
            try await areUp(folder, 3)
            #expect(try await daemon.supctl("drain").code == 0)
            #expect(try await daemon.supctl("shutdown", "--now", "--wait").code == 0)
            #expect(try await daemon.ended(within: 20) == .exited(77))
            let cause = try daemon.report().cause.string ?? ""
            #expect(cause.hasPrefix("drain ordered by uid"), "\(cause)")
            #expect(cause.contains(", then shutdown ordered by uid"), "\(cause)")
        }
    }

    @Test func aStopWhileStartingNeverSaysReady() async throws {
        let folder = try TemporaryFolder()
        let configuration =
            TOML.service("first", ["/bin/sleep", "1000"], #"type = "oneshot""#)
            + TOML.child("second", ["chronicle", folder.path("up"), "second"], #"requires = ["first"]"#)
        try await withDaemon(configuration, folder: folder, untilReady: false) { daemon in
            try await daemon.serves()
            try await daemon.service("first", becomes: "STARTING")
            #expect(try await daemon.terminate() == .exited(0))
            let stopping = try await daemon.manager.said.first(by: .seconds(5)) { $0 == "STOPPING=1" }
            #expect(stopping != nil)
            #expect(!daemon.manager.said.all.contains("READY=1"))
            #expect(!folder.exists("up"))
        }
    }

    @Test func theServicesBudgetEndsADrain() async throws {
        let folder = try TemporaryFolder()
        let configuration =
            "[supervisor.drain]\ntimeout = \"4s\"\nquiesce = \"500ms\"\njobs = \"500ms\"\nservices = \"1s\"\n"
            + "flush = \"500ms\"\n"
            + TOML.child("bad", ["into", folder.path("up"), "ignore-term"], #"timeout_stop = "10min""#)
        try await withDaemon(configuration, folder: folder) { daemon in
            try await areUp(folder, 1)
            let before = ContinuousClock.now
            let ending = try await daemon.terminate()
            #expect(before.duration(to: .now) < .seconds(6).atLoad)
            #expect(ending == .exited(0), "the tree was killed and proved gone")
            #expect(try daemon.report().services.killed == ["bad"])
        }
    }

    @Test func theManagerIsToldWhatGoesOn() async throws {
        let folder = try TemporaryFolder()
        try await withDaemon(mixed(folder, timeout: "3s"), folder: folder) { daemon in
            try await areUp(folder, 3)
            let status = try #require(daemon.manager.last("STATUS"))
            #expect(status.contains("3"), "\(status)")
            daemon.process.signal(SIGTERM)
            #expect(
                try await daemon.manager.said.first(by: .usual) { $0.hasPrefix("EXTEND_TIMEOUT_USEC=") } != nil)
            #expect(try await daemon.ended() == .exited(0))
            _ = try await daemon.manager.said.first(by: .seconds(5)) { $0.hasPrefix("STATUS=Shut down") }
            let said = daemon.manager.said.all
            let stopping = try #require(said.firstIndex(of: "STOPPING=1"))
            #expect(!said[stopping...].contains("READY=1"))
        }
    }
}
