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
            if !daemon.process.hasEnded { try ProcessTable.kill(supd, SIGKILL) }
        }
    }

    @Test func orphansAreReaped() async throws {
        let folder = try TemporaryFolder()
        let configuration =
            TOML.child("orphans", ["orphans", "200", folder.path("done")])
            + TOML.child("web", ["exit", "3"], #"restart = "no""#)
        try await inNamespace(configuration, folder) { daemon, supd in
            _ = try await folder.text(of: "done") { $0.hasSuffix("\n") }
            try await daemon.service("web", becomes: "EXITED") { _ in
                ProcessTable.children(of: supd).allSatisfy { ProcessTable.state(of: $0) != "Z" }
            }
            // Its own children's statuses were not taken for orphans'.
            #expect(try await daemon.service("web").last_exit.code == 3)
            #expect(try await daemon.connect().call("supervisor.status").pid == 1)
        }
    }

    @Test func aSignalFromOutsideDrains() async throws {
        let folder = try TemporaryFolder()
        try await inNamespace(TOML.child("web", ["chronicle", folder.path("up"), "web"]), folder) { daemon, supd in
            _ = try await folder.text(of: "up")
            try ProcessTable.kill(supd, SIGTERM)
            #expect(try await daemon.ended() == .exited(0))
            #expect(folder.read("up") == "web up\nweb down\n")
        }
    }
}
