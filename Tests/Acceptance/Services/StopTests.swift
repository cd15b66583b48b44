import Glibc
import Testing

@Suite(.daemons)
struct StopTests {
    @Test func whatIgnoresTheStopSignalIsKilledAtTheTimeout() async throws {
        let folder = try TemporaryFolder()
        let configuration = TOML.child("web", ["into", folder.path("up"), "ignore-term"], #"timeout_stop = "300ms""#)
        try await withDaemon(configuration, folder: folder) { daemon in
            let pid = try await folder.announcedPID(in: "up")
            let before = ContinuousClock.now
            try await daemon.order("stop", "web")
            let took = before.duration(to: .now)
            #expect(took >= .milliseconds(300))
            #expect(took < .seconds(5).atLoad)
            let web = try await daemon.service("web")
            #expect(web.state == "STOPPED")
            #expect(web.last_exit.signal == "SIGKILL")
            #expect(!ProcessTable.isAlive(pid))
        }
    }

    @Test func stopStepsAreTakenInTheirOrder() async throws {
        let folder = try TemporaryFolder()
        let configuration = TOML.child(
            "web", ["into", folder.path("up"), "ignore-term"],
            #"stop_steps = [{ signal = "SIGTERM", wait = "100ms" }, { signal = "SIGUSR1", wait = "20s" }]"#)
        try await withDaemon(configuration, folder: folder) { daemon in
            _ = try await folder.announcedPID(in: "up")
            try await daemon.order("stop", "web")
            #expect(try await daemon.service("web").last_exit.signal == "SIGUSR1")
        }
    }

    @Test(arguments: ["control-group", "mixed"])
    func nothingThatAServiceStartedOutlivesItsStop(killMode: String) async throws {
        let folder = try TemporaryFolder()
        let configuration = TOML.child(
            "web", ["into", folder.path("tree"), "family"], #"timeout_stop = "500ms""#, "kill_mode = \"\(killMode)\"")
        try await withDaemon(configuration, folder: folder) { daemon in
            let processes = try await Self.tree(in: folder)
            #expect(processes.allSatisfy(ProcessTable.isAlive))
            try await daemon.order("stop", "web")
            #expect(try await daemon.service("web").state == "STOPPED")
            #expect(processes.filter(ProcessTable.isAlive) == [])
        }
    }

    @Test func aServiceThatIsRunAgainLeavesNothingOfItsLastRun() async throws {
        let folder = try TemporaryFolder()
        let configuration = TOML.child(
            "web", ["into", folder.path("tree"), "family"], #"restart = "always""#, #"timeout_stop = "500ms""#,
            #"backoff = { policy = "constant", delay = "10ms", jitter = "none" }"#)
        try await withDaemon(configuration, folder: folder) { daemon in
            let first = try await Self.tree(in: folder)
            try ProcessTable.kill(try await daemon.service("web").requirePID(), SIGKILL)
            let second = try await Self.tree(in: folder, from: 5)
            #expect(first.filter(ProcessTable.isAlive) == [])
            #expect(second.allSatisfy(ProcessTable.isAlive))
        }
    }

    @Test func aFrozenServiceIsWokenToObeyTheStop() async throws {
        let folder = try TemporaryFolder()
        let configuration = TOML.child("web", ["into", folder.path("up"), "stop-self"], #"timeout_stop = "20s""#)
        try await withDaemon(configuration, folder: folder) { daemon in
            let pid = try await folder.announcedPID(in: "up")
            try await daemon.service("web", becomes: "frozen") { _ in ProcessTable.state(of: pid) == "T" }
            try await daemon.order("stop", "web", timeout: 10)
            #expect(try await daemon.service("web").last_exit.code == 0)
        }
    }

    @Test func aStopWhileStartingEndsStopped() async throws {
        let configuration = TOML.service("job", ["/bin/sleep", "1000"], #"type = "oneshot""#)
        try await withDaemon(configuration, untilReady: false) { daemon in
            try await daemon.serves()
            try await daemon.service("job", becomes: "STARTING")
            try await daemon.order("stop", "job")
            let job = try await daemon.service("job")
            #expect(job.state == "STOPPED")
            #expect(job.desired == "down")
        }
    }

    @Test func aStartThatTakesTooLongIsEnded() async throws {
        let configuration = TOML.service(
            "job", ["/bin/sleep", "1000"], #"type = "oneshot""#, #"timeout_start = "200ms""#, #"restart = "no""#)
        try await withDaemon(configuration) { daemon in
            let job = try await daemon.service("job", becomes: "given up") {
                $0.state == "FATAL" || $0.state == "EXITED"
            }
            #expect(job.last_exit.signal == "SIGTERM", "\(job.text)")
            #expect(job.pid.isNull)
        }
    }

    @Test func theLastOfManyOrdersWins() async throws {
        try await withDaemon(TOML.child("web", ["wait"])) { daemon in
            let connection = try daemon.connect()
            let parameters = #""params":{"services":["web"]}"#
            var batch = ""
            for round in 0..<50 {
                for (index, verb) in ["stop", "start", "restart"].enumerated() {
                    batch += #"{"id":\#(1000 + round * 3 + index),"method":"service.\#(verb)",\#(parameters)}"# + "\n"
                }
            }
            batch += #"{"id":9999,"method":"service.stop",\#(parameters)}"# + "\n"
            try await connection.send(batch)
            // On its way it is stopped more than once.
            while try await connection.reply().id != 9999 {}
            try await daemon.service("web", becomes: "STOPPED") { $0.state == "STOPPED" && $0.desired == "down" }
            try await daemon.order("start", "web")
            let web = try await daemon.service("web")
            #expect(web.state == "RUNNING")
            #expect(ProcessTable.children(of: Int(daemon.process.pid)).filter(ProcessTable.isAlive).count == 1)
        }
    }

    /// The five processes that the child's verb `family` has below it, once it has told of all.
    private static func tree(in folder: TemporaryFolder, from first: Int = 0) async throws -> [Int] {
        let text = try await folder.text(of: "tree") { $0.filter { $0 == "\n" }.count >= first + 5 }
        return Array(TemporaryFolder.pids(text).dropFirst(first))
    }
}
