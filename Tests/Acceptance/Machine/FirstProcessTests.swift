import Glibc
import Testing

/// The daemon as the first process of a container.
@Suite(.daemons)
struct FirstProcessTests {
    private static let launcher = ["/usr/bin/unshare", "--pid", "--fork", "--kill-child", "--mount-proc"]

    private func inNamespace(
        _ configuration: String, _ folder: TemporaryFolder, _ body: (Daemon, Int) async throws -> Void
    )
        async throws
    {
        guard try await run(Self.launcher[0], Array(Self.launcher.dropFirst()) + ["/bin/true"]).code == 0 else {
            try Test.cancel("a process namespace of its own is not allowed here")
        }
        try await withDaemon(configuration, folder: folder, launcher: Self.launcher) { daemon in
            // unshare's only child is the daemon, under its outer number.
            let supd = try #require(ProcessTable.children(of: Int(daemon.process.pid)).first)
            try await body(daemon, supd)
            guard daemon.process.knownEnding == nil else { return }
            try ProcessTable.kill(supd, SIGTERM)
            #expect(try await daemon.ended() == .exited(0))
        }
    }

    @Test func orphansAreReaped() async throws {
        let folder = try TemporaryFolder()
        let configuration =
            TOML.child("orphans", ["into", folder.path("done"), "orphans", "200"])
            + TOML.child("web", ["exit", "3"], #"restart = "no""#)
        try await inNamespace(configuration, folder) { daemon, supd in
            _ = try await folder.announcedPID(in: "done")
            // The orphans end with the process that made them, all at the same moment.
            try await daemon.order("stop", "orphans")
            try await daemon.service("web", becomes: "EXITED") { web in
                web.state == "EXITED" && ProcessTable.children(of: supd).isEmpty
            }
            // Its own children's statuses were not taken for orphans'.
            #expect(try await daemon.service("web").last_exit.code == 3)
            #expect(try await daemon.connect().call("supervisor.status").pid == 1)
        }
    }

    @Test func aSignalFromOutsideDrains() async throws {
        let folder = try TemporaryFolder()
        try await inNamespace(TOML.child("web", ["chronicle", folder.path("up"), "web"]), folder) { daemon, supd in
            _ = try await folder.text(of: "up") { $0.contains("web up") }
            try ProcessTable.kill(supd, SIGTERM)
            #expect(try await daemon.ended() == .exited(0))
            #expect(folder.read("up") == "web up\nweb down\n")
        }
    }
}
