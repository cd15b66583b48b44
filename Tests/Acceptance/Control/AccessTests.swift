import Glibc
import Testing

@Suite(.daemons, .enabled(if: Programs.isRoot, "only root can be somebody else"))
struct AccessTests {
    private static let nobody: UInt32 = 65_534

    @Test(arguments: [
        ("supervisor.status", "observe"), ("service.stop", "operate"), ("logs.reopen", "operate"),
        ("supervisor.shutdown", "admin"), ("config.plan", "admin"), ("config.reload", "admin"),
    ])
    func anotherUserIsDeniedAndToldTheClass(method: String, accessClass: String) async throws {
        let folder = try TemporaryFolder()
        try #require(chmod(folder.path, 0o755) == 0)
        try await withDaemon(TOML.child("web", ["wait"]), folder: folder) { daemon in
            let stranger: Connection
            do {
                stranger = try Connection(to: daemon.socket, uid: Self.nobody, gid: Self.nobody)
            } catch let failure as Failure {
                // Kept out by the socket's own mode: nothing was asked, so nothing could be denied.
                Issue.record("the daemon cannot say which class is needed: \(failure)")
                return
            }
            let parameters: JSONValue = method == "service.stop" ? ["services": ["web"]] : [:]
            let reply = try await stranger.exchange(method, parameters)
            #expect(reply.error.code == -32001, "\(reply.text)")
            #expect(reply.error.data.kind == "not-permitted")
            #expect(reply.error.message.string?.contains(accessClass) == true, "\(reply.text)")
            #expect(try await daemon.service("web").state == "RUNNING")
            #expect(daemon.log.all.contains { $0.contains("65534") }, "the denial is logged with the uid")
        }
    }

    @Test func supctlOfAnotherUserExitsWith5() async throws {
        let folder = try TemporaryFolder()
        try #require(chmod(folder.path, 0o755) == 0)
        let asNobody = ["--reuid=65534", "--regid=65534", "--clear-groups"]
        let setpriv = try #require(Programs.find("setpriv"))
        guard try await run(setpriv, asNobody + [Programs.supctl, "--version"]).code == 0 else {
            try Test.cancel("supctl is built where user 65534 cannot run it")
        }
        try await withDaemon(TOML.child("web", ["wait"]), folder: folder) { daemon in
            let output = try await run(
                setpriv, asNobody + [Programs.supctl, "stop", "web"], environment: ["SUPD_SOCKET": daemon.socket])
            #expect(output.code == 5, "\(output)")
            #expect(output.error.contains("operate"), "\(output.error)")
        }
    }

    @Test func theDeniedAreToldWhoMay() async throws {
        let folder = try TemporaryFolder()
        try #require(chmod(folder.path, 0o755) == 0)
        try await withDaemon(TOML.child("web", ["wait"]), folder: folder) { daemon in
            let stranger = try Connection(to: daemon.socket, uid: Self.nobody, gid: Self.nobody)
            let reply = try await stranger.exchange("supervisor.ping")
            #expect(
                reply.error.message.string?.hasSuffix(
                    "only root does; run supctl with sudo, or have 'observe' of [supervisor.access] name your user")
                    == true,
                "\(reply.text)")
        }
    }

    /// Each class by one method of it, as a user, as a member of a group, and as anybody.
    @Test func eachMayWhatTheConfigurationSays() async throws {
        let folder = try TemporaryFolder()
        try #require(chmod(folder.path, 0o755) == 0)
        let access = "[supervisor.access]\nobserve = \"*\"\noperate = [\"@54321\"]\nadmin = [65533]\n"
        try await withDaemon(access + TOML.child("web", ["wait"]), folder: folder) { daemon in
            func may(_ uid: UInt32, _ gid: UInt32) async throws -> [Bool] {
                let client = try Connection(to: daemon.socket, uid: uid, gid: gid)
                var answers: [Bool] = []
                for (method, parameters) in [
                    ("service.status", [:]), ("service.signal", ["services": ["web"], "signal": "SIGCONT"]),
                    ("config.plan", [:]),
                ] as [(String, JSONValue)] {
                    let reply = try await client.exchange(method, parameters)
                    if reply.error.code.int != nil { #expect(reply.error.code == -32001, "\(reply.text)") }
                    answers.append(reply.error.code.int == nil)
                }
                return answers
            }
            #expect(try await may(Self.nobody, Self.nobody) == [true, false, false])
            #expect(try await may(Self.nobody, 54_321) == [true, true, false])
            #expect(try await may(65_533, Self.nobody) == [true, true, true])
            let denied = try Connection(to: daemon.socket, uid: Self.nobody, gid: Self.nobody)
            let reply = try await denied.exchange("service.stop", ["services": ["web"]])
            #expect(
                reply.error.message.string?.contains("those who do are root, 65533, @54321 ([supervisor.access])")
                    == true,
                "\(reply.text)")
            // What is taken over counts at once, also for who is connected.
            try daemon.edit(TOML.child("web", ["wait"]))
            #expect(try await daemon.supctl("apply").code == 0)
            #expect(try await denied.exchange("service.status", [:]).error.code == -32001)
        }
    }

    /// By a supplementary group, as the kernel tells it of the process that connects.
    @Test func aSupplementaryGroupCounts() async throws {
        let folder = try TemporaryFolder()
        try #require(chmod(folder.path, 0o755) == 0)
        let setpriv = try #require(Programs.find("setpriv"))
        let asNobody = ["--reuid=65534", "--regid=65534"]
        guard try await run(setpriv, asNobody + ["--clear-groups", Programs.supctl, "--version"]).code == 0 else {
            try Test.cancel("supctl is built where user 65534 cannot run it")
        }
        let access = "[supervisor.access]\noperate = [\"@54321\"]\n"
        try await withDaemon(access + TOML.child("web", ["wait"]), folder: folder) { daemon in
            for (groups, code) in [("--groups=1,2,54321", 0), ("--groups=1,2", 5)] {
                let output = try await run(
                    setpriv, asNobody + [groups, Programs.supctl, "restart", "web"],
                    environment: ["SUPD_SOCKET": daemon.socket])
                #expect(output.code == Int32(code), "\(output)")
            }
        }
    }

    /// Each kind of refusal is said once, however often it comes about.
    @Test func refusedConnectionsFillNoLog() async throws {
        let folder = try TemporaryFolder()
        try #require(chmod(folder.path, 0o755) == 0)
        try await withDaemon(TOML.child("web", ["wait"]), folder: folder) { daemon in
            var held: [Connection] = []
            for _ in 0..<16 { held.append(try Connection(to: daemon.socket, uid: Self.nobody, gid: Self.nobody)) }
            for _ in 0..<50 {
                // One too many, then one makes room, and is taken.
                let refused = try Connection(to: daemon.socket, uid: Self.nobody, gid: Self.nobody)
                #expect(String(decoding: try await refused.rest(), as: UTF8.self).contains("the limit for one user"))
                held.removeFirst()
                try await daemon.takesConnections(15)
                held.append(try Connection(to: daemon.socket, uid: Self.nobody, gid: Self.nobody))
            }
            #expect(daemon.log.all.count { $0.contains("was refused: uid 65534 has 16 connections") } == 1)
        }
    }

    @Test func theDaemonsOwnUserIsNotLockedOutByOthers() async throws {
        let own: UInt32 = 65_533
        let setpriv = try #require(Programs.find("setpriv"))
        let asOwn = [setpriv, "--reuid=\(own)", "--regid=\(own)", "--clear-groups"]
        guard try await run(setpriv, Array(asOwn.dropFirst()) + [Programs.supd, "--version"]).code == 0 else {
            try Test.cancel("supd is built where user \(own) cannot run it")
        }
        let folder = try TemporaryFolder()
        try #require(chmod(folder.path, 0o755) == 0 && chown(folder.path, own, own) == 0)
        try await withDaemon(TOML.child("web", ["wait"]), folder: folder, launcher: asOwn, untilReady: false) {
            daemon in
            try await daemon.serves()
            var held: [Connection] = []
            for user in 0..<5 {
                for _ in 0..<16 {
                    let uid = UInt32(60_000 + user)
                    held.append(try Connection(to: daemon.socket, uid: uid, gid: uid))
                }
            }
            let mine = try Connection(to: daemon.socket, uid: own, gid: own)
            let status = try await mine.call("supervisor.status")
            #expect(status.connections == 57, "56 of others, and this one")
            let denied = try await held[0].exchange("supervisor.ping")
            #expect(denied.error.message.string?.contains("only root and uid 65533") == true, "\(denied.text)")
        }
    }
}

extension Daemon {
    /// Waits until it has no more than so many connections, beside the one that asks.
    fileprivate func takesConnections(_ count: Int) async throws {
        let connection = try connect()
        let deadline = Deadline.usual
        while try await connection.call("supervisor.status").connections.int ?? 0 > count + 1 {
            if deadline.hasPassed { throw Failure("there are still more than \(count) connections") }
        }
    }
}
