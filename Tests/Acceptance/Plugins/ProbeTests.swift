import Glibc
import Testing

/// `ready` and `health` in the real daemon.
@Suite(.daemons)
struct ProbeTests {
    private func child(_ name: String, _ folder: TemporaryFolder, _ keys: String) -> String {
        TOML.child(name, ["chronicle", folder.path(name), name], keys + "\n")
    }

    private func file(_ path: String, _ settings: String) -> String {
        "{ type = \"file\", file = \(TOML.quoted(path)), period = \"50ms\", \(settings) }"
    }

    @Test func whatRequiresAServiceIsStartedOnceThatIsReady() async throws {
        let folder = try TemporaryFolder()
        let probe = file(folder.path("is-up"), "timeout = \"1s\"")
        let configuration =
            child("db", folder, "ready = \(probe)") + child("web", folder, "requires = [\"db\"]")
        try await withDaemon(configuration, folder: folder, untilReady: false, program: Programs.troubled) { daemon in
            try await daemon.serves()
            _ = try await folder.text(of: "db")
            let db = try await daemon.service("db", becomes: "asked") {
                $0.reason.string?.contains("not ready: there is no ") == true
            }
            #expect(db.state == "STARTING" && db.ready == false, "\(db.text)")
            #expect(try await daemon.service("web").state == "STOPPED")
            try folder.write("is-up", "")
            try await daemon.becomesReady()
            #expect(try await daemon.service("db").state == "RUNNING")
            _ = try await folder.text(of: "web")
        }
    }

    @Test func anUnhealthyServiceIsShownAndRunAgain() async throws {
        let folder = try TemporaryFolder()
        try folder.write("alive", "")
        let probe = file(folder.path("alive"), "failure_threshold = 2")
        let configuration = child("web", folder, "health = \(probe)\nbackoff = { policy = \"constant\", delay = 0 }")
        try await withDaemon(configuration, folder: folder, program: Programs.troubled) { daemon in
            try await daemon.becomesReady()
            try await daemon.service("web", becomes: "healthy") { $0.health == "healthy" }
            let first = try await daemon.service("web").requirePID()
            unlink(folder.path("alive"))
            let said = try await daemon.log.first(by: .usual) { $0.contains("web is unhealthy: there is no ") }
            #expect(said != nil)
            try folder.write("alive", "")
            let web = try await daemon.service("web", becomes: "healthy again") {
                $0.health == "healthy" && $0.pid.int != first
            }
            #expect(web.last_exit.forced == "unhealthy", "\(web.text)")
            #expect(try await daemon.terminate() == .exited(0))
        }
    }

    @Test func oneThatHangsCostsTheServiceNothingAndTheDrainKeepsItsTime() async throws {
        let folder = try TemporaryFolder()
        try folder.write("alive", "hang")
        let probe = file(folder.path("alive"), "timeout = \"100ms\"")
        try await withDaemon(
            child("web", folder, "health = \(probe)"), folder: folder, program: Programs.troubled
        ) { daemon in
            try await daemon.becomesReady()
            let pid = try await daemon.service("web").requirePID()
            let said = try await daemon.log.first(by: .usual) { $0.contains("abandoned job 'health web: file'") }
            #expect(said != nil)
            let web = try await daemon.service("web")
            #expect(web.pid.int == pid && web.health == "unknown", "\(web.text)")
            #expect(try await daemon.terminate() == .exited(0))
        }
    }

    @Test func theProbesThatComeWithSupdAskARealServer() async throws {
        let folder = try TemporaryFolder()
        let server = try LoopbackServer(isListening: false)
        let ready = "ready = { type = \"tcp\", port = \(server.port), period = \"50ms\" }"
        let asks = TOML.list(["/bin/sh", "-c", "test -e \(folder.path("alive")) || { echo it does not live; exit 1; }"])
        let health = "health = { type = \"exec\", command = \(asks), period = \"100ms\", on_failure = \"none\" }"
        try await withDaemon(child("web", folder, "\(ready)\n\(health)"), folder: folder, untilReady: false) { daemon in
            try await daemon.serves()
            try await daemon.service("web", becomes: "asked") {
                $0.reason.string?.contains("refuses connections") == true
            }
            try server.listen()
            try await daemon.becomesReady()
            let web = try await daemon.service("web", becomes: "unhealthy") { $0.health == "unhealthy" }
            #expect(web.state == "RUNNING")
            #expect(web.reason.string?.contains("exit code 1: it does not live") == true, "\(web.text)")
            try folder.write("alive", "")
            try await daemon.service("web", becomes: "healthy") { $0.health == "healthy" }
            let told = try await daemon.supctl("events", "--kind", "health", "--json")
            #expect(try JSONValue(parsing: told.output).events.array.map(\.health) == ["unhealthy", "healthy"])
        }
    }

    @Test(arguments: [Standing.groups, .descent])
    func whatAProbeLeavesBehindEndsWithIt(_ standing: Standing) async throws {
        let folder = try standing.folder()
        let left = folder.path("left")
        let leaves = TOML.list([
            "/bin/sh", "-c",
            "setsid /bin/sh -c 'echo $$ >> \(left); exec sleep 1000' >/dev/null 2>&1 & until test -s \(left); do :; done",
        ])
        let health = "health = { type = \"exec\", command = \(leaves), period = \"100ms\" }"
        try await standing.run(TOML.child("web", ["wait"], health), in: folder) { daemon in
            try await daemon.service("web", becomes: "healthy") { $0.health == "healthy" }
            let pid = try #require(TemporaryFolder.pids(try await folder.text(of: "left")).first)
            #expect(try await ProcessTable.isGone(pid, by: .usual))
            #expect(try await daemon.service("web").state == "RUNNING")
            #expect(try await daemon.terminate() == .exited(0))
        }
    }
}
