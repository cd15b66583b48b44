import Glibc
import Testing

@Suite(.daemons)
struct SocketOwnershipTests {
    @Test func aSecondDaemonExits69AndTouchesNothing() async throws {
        let folder = try TemporaryFolder()
        try await withDaemon(TOML.child("web", ["chronicle", folder.path("up"), "web"]), folder: folder) { daemon in
            _ = try await folder.text(of: "up")
            let pid = try await daemon.service("web").requirePID()
            let second = try await run(
                Programs.supd, ["--config", daemon.configuration, "--socket", daemon.socket],
                environment: ["PATH": "/usr/bin:/bin"])
            #expect(second.code == 69)
            #expect(second.error.contains(daemon.socket))
            #expect(try await daemon.service("web").requirePID() == pid)
            #expect(folder.read("up") == "web up\n")
            #expect(try await daemon.terminate() == .exited(0))
        }
    }

    @Test func ofTwoAtOnceExactlyOneServes() async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("supd.toml", TOML.child("web", ["wait"]))
        for round in 0..<50 {
            let socket = folder.path("\(round).sock")
            let pair = try (0..<2).map { _ in
                try ChildProcess(
                    Programs.supd, ["--config", file, "--socket", socket], environment: ["PATH": "/usr/bin:/bin"])
            }
            do {
                let loser = try await Self.firstToEnd(pair)
                #expect(try await pair[loser].ended(by: .seconds(0)) == .exited(69), "round \(round)")
                let winner = pair[1 - loser]
                let status = try await Self.status(at: socket, of: winner)
                #expect(status.pid.int == Int(winner.pid), "round \(round)")
                winner.signal(SIGTERM)
                #expect(try await winner.ended(by: .usual) == .exited(0), "round \(round)")
            } catch {
                for process in pair { await process.destroy() }
                throw Failure("round \(round): \(error)")
            }
        }
    }

    @Test func aSocketLeftByAKilledDaemonIsTakenOver() async throws {
        let folder = try TemporaryFolder()
        let configuration = "[supervisor]\nstart_parallelism = 2\n"
        try await withDaemon(configuration, folder: folder) { daemon in
            daemon.process.signal(SIGKILL)
            let ending = try await daemon.ended()
            #expect(ending == .signaled(SIGKILL))
            #expect(folder.exists("control.sock"))
        }
        unlink(folder.path("notify"))
        try await withDaemon(configuration, folder: folder) { daemon in
            let answer = try await daemon.connect().call("supervisor.ping")
            #expect(answer.state == "RUNNING")
        }
    }

    /// Nobody reaches a daemon whose socket is gone, and another starts beside one whose lock is.
    @Test(arguments: [["control.sock"], ["control.sock.lock"], ["control.sock", "control.sock.lock"]])
    func whatIsRemovedComesBackAndStaysItsOwn(_ names: [String]) async throws {
        let folder = try TemporaryFolder()
        try await withDaemon(TOML.child("web", ["wait"]), folder: folder) { daemon in
            let connection = try daemon.connect()
            _ = try await connection.call("supervisor.ping")
            for name in names { #expect(unlink(folder.path(name)) == 0) }
            try await daemon.serves()
            // Who was connected before is served still.
            _ = try await connection.call("supervisor.ping")
            for name in names {
                let said = try await daemon.log.first(by: .usual) {
                    $0.contains("somebody has removed \(folder.path(name)); it was made again")
                }
                #expect(said != nil)
            }
            let second = try await run(
                Programs.supd, ["--config", daemon.configuration, "--socket", daemon.socket],
                environment: ["PATH": "/usr/bin:/bin"])
            #expect(second.code == 69, "\(second)")
            #expect(try await daemon.terminate() == .exited(0))
            #expect(!folder.exists("control.sock"))
        }
    }

    /// Fault 11, where somebody empties the lock's file or writes into it.
    @Test(arguments: ["", "junk\n"]) func whoSpoilsTheNoteHasNothingRunTwice(_ text: String) async throws {
        let folder = try TemporaryFolder()
        let services = TOML.child("web", ["into", folder.path("up"), "wait"])
        var old: Int?
        for _ in 0..<2 {
            unlink(folder.path("notify"))
            unlink(folder.path("up"))
            try await withDaemon(services, folder: folder) { daemon in
                let new = try await folder.announcedPID(in: "up")
                if let old {
                    #expect(!ProcessTable.isAlive(old), "two copies")
                    return
                }
                let lock = folder.path("control.sock.lock")
                let note = folder.read("control.sock.lock")
                if text.isEmpty {
                    #expect(truncate(lock, 0) == 0)
                } else {
                    let file = open(lock, O_WRONLY)
                    #expect(write(file, text, text.utf8.count) == text.utf8.count)
                    close(file)
                }
                let said = try await daemon.log.first(by: .usual) {
                    $0.contains("somebody has changed the note for the next supd in \(lock); it was written anew")
                }
                #expect(said != nil && folder.read("control.sock.lock") == note)
                try await daemon.serves()
                #expect(daemon.log.all.filter { $0.contains("somebody has changed") }.count == 1)
                daemon.process.signal(SIGKILL)
                #expect(try await daemon.ended() == .signaled(SIGKILL))
                daemon.leavesServices()
                old = new
            }
        }
    }

    /// Fault 11, where systemd has made the socket.
    @Test func behindASocketThatWasHandedOverNothingRunsTwice() async throws {
        let folder = try TemporaryFolder()
        let services = TOML.child("web", ["into", folder.path("up"), "wait"])
        var old: Int?
        for _ in 0..<2 {
            unlink(folder.path("notify"))
            unlink(folder.path("up"))
            try await withDaemon(
                services, folder: folder, launcher: [Programs.testchild, "hand-over", folder.path("control.sock")]
            ) { daemon in
                let new = try await folder.announcedPID(in: "up")
                if let old {
                    #expect(!ProcessTable.isAlive(old), "two copies")
                    #expect(daemon.log.all.contains { $0.contains("an earlier supd has left processes of web behind") })
                    #expect(try await daemon.terminate() == .exited(0))
                    #expect(folder.exists("control.sock"), "it is systemd's")
                    #expect(folder.read("control.sock.lock") == "")
                } else {
                    daemon.process.signal(SIGKILL)
                    #expect(try await daemon.ended() == .signaled(SIGKILL))
                    #expect(ProcessTable.isAlive(new))
                    daemon.leavesServices()
                    old = new
                }
            }
        }
    }

    /// The command of 'supd run' has every descriptor that supd was started with, but for those that were handed to supd itself.
    @Test func aSocketThatWasHandedOverIsForSupdAlone() async throws {
        let folder = try TemporaryFolder()
        let output = try await run(
            Programs.testchild,
            ["hand-over", folder.path("control.sock"), Programs.supd, "run", "--", Programs.testchild, "report"],
            environment: ["PATH": "/usr/bin:/bin", "KEPT": "kept"])
        #expect(output.code == 0, "\(output)")
        let lines = output.output.split(separator: "\n")
        #expect(lines.contains("env.KEPT=kept"), "\(output)")
        #expect(lines.count { $0.hasPrefix("fd.") } == 3, "\(output)")
        #expect(!lines.contains { $0.hasPrefix("env.LISTEN_") }, "\(output)")
    }

    @Test func aLockThatIsAFolderIsRefusedWithASentence() async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("supd.toml", TOML.child("web", ["wait"]))
        try #require(mkdir(folder.path("control.sock.lock"), 0o755) == 0)
        let output = try await run(
            Programs.supd, ["--config", file, "--socket", folder.path("control.sock")],
            environment: ["PATH": "/usr/bin:/bin"])
        #expect(output.code == 78, "\(output)")
        #expect(output.error.contains("control.sock.lock' is a folder: remove it"), "\(output.error)")
    }

    @Test func aPathTooLongForASocketIsRefusedWithASentence() async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("supd.toml", TOML.child("web", ["wait"]))
        let socket = folder.path(String(repeating: "x", count: 120))
        let output = try await run(
            Programs.supd, ["--config", file, "--socket", socket], environment: ["PATH": "/usr/bin:/bin"])
        #expect([64, 78].contains(output.code), "\(output)")
        #expect(output.error.contains("107"), "\(output.error)")
    }

    @Test func aFolderThatOthersMayWriteToIsRefused() async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("supd.toml", TOML.child("web", ["wait"]))
        try #require(mkdir(folder.path("open"), 0o777) == 0)
        chmod(folder.path("open"), 0o777)
        let output = try await run(
            Programs.supd, ["--config", file, "--socket", folder.path("open/control.sock")],
            environment: ["PATH": "/usr/bin:/bin"])
        #expect(output.code != 0)
        #expect(output.error.contains(folder.path("open")), "\(output.error)")
        #expect(!folder.exists("open/control.sock"))
    }

    @Test func aFolderThatCannotBeMadeIsRefusedAsAPath() async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("supd.toml", TOML.child("web", ["wait"]))
        let output = try await run(
            Programs.supd, ["--config", file, "--socket", folder.path("no/dir/control.sock")],
            environment: ["PATH": "/usr/bin:/bin"])
        #expect(output.code == 78, "\(output)")
        #expect(output.error.contains("choose another path"), "\(output.error)")
    }

    @Test func everybodyMayConnectAndOnlyTheFolderIsClosed() async throws {
        try await withDaemon(TOML.child("web", ["wait"])) { daemon in
            var status = stat()
            #expect(stat(daemon.socket, &status) == 0)
            #expect(status.st_mode & S_IFMT == S_IFSOCK)
            #expect(status.st_mode & 0o777 == 0o666)
            #expect(status.st_uid == geteuid())
        }
    }

    private static func firstToEnd(_ processes: [ChildProcess]) async throws -> Int {
        try await withThrowingTaskGroup(of: Int?.self) { group in
            for (index, process) in processes.enumerated() {
                group.addTask { try await process.ended(by: .usual) == nil ? nil : index }
            }
            guard let first = try await group.next(), let index = first else { throw Failure("none of two ended") }
            group.cancelAll()
            return index
        }
    }

    /// What the one at `socket` says of itself, once it says anything.
    private static func status(at socket: String, of process: ChildProcess) async throws -> JSONValue {
        let deadline = Deadline.usual
        while true {
            if let connection = try? Connection(to: socket) { return try await connection.call("supervisor.status") }
            if let ending = try await process.ended(by: deadline.orEarlier(in: 0.01)) {
                throw Failure("it ended: \(ending)")
            }
            if deadline.hasPassed { throw Failure("it never served") }
        }
    }
}
