import Glibc
import Testing

@Suite(.daemons)
struct BoundAndPartTests {
    private func site(_ chronicle: String) -> String {
        TOML.child(
            "database", ["chronicle", chronicle, "database"], #"restart = "always""#,
            #"backoff = { policy = "constant", delay = "10ms" }"#)
            + TOML.child("web", ["chronicle", chronicle, "web"], #"binds_to = ["database"]"#)
            + TOML.child("worker", ["chronicle", chronicle, "worker"], #"part_of = ["database"]"#)
    }

    private func lines(of folder: TemporaryFolder, _ ending: String) throws -> [String] {
        try #require(folder.read("chronicle")).split(separator: "\n").map(String.init).filter { $0.hasSuffix(ending) }
    }

    @Test func whatIsBoundStopsWhereTheOtherIsKilledAndAPartGoesOn() async throws {
        let folder = try TemporaryFolder()
        try await withDaemon(site(folder.path("chronicle")), folder: folder) { daemon in
            _ = try await folder.text(of: "chronicle") { text in
                ["database up", "web up", "worker up"].allSatisfy(text.contains)
            }
            let worker = try await daemon.service("worker").requirePID()
            let database = try await daemon.service("database").requirePID()
            #expect(kill(pid_t(database), SIGKILL) == 0)
            try await daemon.service("web", becomes: "STOPPED")
            try await daemon.service("database", becomes: "RUNNING anew") {
                $0.state.string == "RUNNING" && $0.pid.int != database
            }
            #expect(try await daemon.service("web").state == "STOPPED", "it does not come back by itself")
            #expect(try await daemon.service("worker").pid.int == worker)
            #expect(try lines(of: folder, " down") == ["web down"], "it was stopped in order, not killed")
        }
    }

    @Test func aStopAndARestartArePassedOn() async throws {
        let folder = try TemporaryFolder()
        try await withDaemon(site(folder.path("chronicle")), folder: folder) { daemon in
            _ = try await folder.text(of: "chronicle") { text in
                ["database up", "web up", "worker up"].allSatisfy(text.contains)
            }
            let before = try await daemon.service("worker").requirePID()
            try await daemon.order("restart", "database")
            try await daemon.service("worker", becomes: "RUNNING anew") {
                $0.state.string == "RUNNING" && $0.pid.int != before
            }
            try await daemon.service("web", becomes: "RUNNING")
            try await daemon.order("stop", "database")
            try await daemon.service("worker", becomes: "STOPPED")
            try await daemon.service("web", becomes: "STOPPED")
            try await daemon.order("start", "database")
            #expect(try await daemon.service("worker").state == "STOPPED", "a part is not started with it")
        }
    }
}
