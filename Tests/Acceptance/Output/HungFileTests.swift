import Glibc
import Testing

/// A file system that does not answer holds up nobody but the service that writes there.
@Suite(.daemons, .enabled(if: Programs.isRoot && access("/dev/fuse", R_OK | W_OK) == 0, "needs root and /dev/fuse"))
struct HungFileTests {
    /// Runs a daemon in a namespace of mounts of its own, with files that hang below `folder`/mnt.
    private func run(
        _ folder: TemporaryFolder, _ configuration: String, _ body: (Daemon) async throws -> Void
    ) async throws {
        mkdir(folder.path("mnt"), 0o755)
        let launcher = [
            "/usr/bin/unshare", "--mount", "--propagation", "private", Programs.testchild, "on-hung-files",
            folder.path("mnt"),
        ]
        try await withDaemon(configuration, folder: folder, launcher: launcher, untilReady: false) { daemon in
            try await daemon.serves()
            try await body(daemon)
        }
    }

    /// Writes for as long as it lives, more than a pipe holds.
    private func flood(_ name: String, _ file: String) -> String {
        TOML.service(
            name, ["/usr/bin/yes"], "log = { sink = \"file\", file = \(TOML.quoted(file)), rotate_size = \"1MiB\" }")
    }

    /// `hung` hangs when it is opened, `file` when it is written to.
    @Test(arguments: ["hung", "file"])
    func aLogFileThatHangsHoldsUpItsServiceOnly(name: String) async throws {
        let folder = try TemporaryFolder()
        let configuration =
            "[supervisor.drain]\ntimeout = \"5s\"\nquiesce = \"500ms\"\njobs = \"500ms\"\nservices = \"3s\"\nflush = \"1s\"\n"
            + flood("hung", folder.path("mnt/\(name)"))
            + TOML.service(
                "web", ["/bin/sh", "-c", "while :; do echo line; sleep 0.05; done"],
                "log = { sink = \"file\", file = \(TOML.quoted(folder.path("web.log"))) }")
        try await run(folder, configuration) { daemon in
            let connection = try daemon.connect()
            var slowest: Duration = .zero
            let deadline = Deadline.seconds(1)
            while !deadline.hasPassed {
                let before = ContinuousClock.now
                _ = try await connection.call("service.status")
                slowest = max(slowest, before.duration(to: .now))
            }
            #expect(slowest < .milliseconds(500).atLoad)
            try await daemon.order("restart", "web")
            let lines = folder.read("web.log")?.split(separator: "\n").count ?? 0
            _ = try await folder.text(of: "web.log") { $0.split(separator: "\n").count > lines + 3 }
            let memory = try await connection.call("supervisor.status").memory.resident.double
            #expect(try #require(memory) < 100_000_000)

            let before = ContinuousClock.now
            daemon.process.signal(SIGTERM)
            // What has not been written is lost, which is no task that was left undone.
            #expect(try await daemon.process.ended(by: .usual) == .exited(0))
            // The budget of flush, and a second for the process that hangs.
            #expect(before.duration(to: .now) < .seconds(3).atLoad)
            // That one holds the other end of the log a while longer.
            _ = try await daemon.ended()
            let lost = daemon.log.all.last { $0.contains("log file has not taken all in time") }
            #expect(lost?.firstMatch(of: /[1-9][0-9]* lines? (was|were) lost/) != nil, "\(lost ?? "not told")")
        }
    }

    @Test func theNextDaemonStartsThoughTheOneBeforeWasKilledWhileAFileHung() async throws {
        let folder = try TemporaryFolder()
        try await run(folder, flood("hung", folder.path("mnt/hung"))) { daemon in
            let connection = try daemon.connect()
            for _ in 0..<20 { _ = try await connection.call("service.status") }
            daemon.process.signal(SIGKILL)
            #expect(try await daemon.ended() == .signaled(SIGKILL))
            // The lock is free, whatever still hangs.
            let lock = open(daemon.socket + ".lock", O_RDWR | O_CLOEXEC)
            defer { close(lock) }
            #expect(flock(lock, LOCK_EX | LOCK_NB) == 0)
            daemon.leavesServices()
        }
    }
}
