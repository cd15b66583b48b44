import Glibc
import Testing

/// What a client at its limit gets, while another one is answered.
@Suite(.daemons)
struct ClientLimitsTests {
    /// `count` pings of a client that keeps to the rules, and the longest that one took.
    private func slowestPing(_ connection: Connection, count: Int = 50) async throws -> Duration {
        var slowest: Duration = .zero
        for _ in 0..<count {
            let before = ContinuousClock.now
            _ = try await connection.call("supervisor.ping")
            slowest = max(slowest, before.duration(to: .now))
        }
        return slowest
    }

    private static let never = TOML.child(
        "never", ["wait"], #"ready = { type = "exec", command = "/bin/false", period = "10s" }"#,
        #"timeout_start = "infinity""#)

    @Test func whatIsOver32RequestsInFlightWaitsForItsTurn() async throws {
        try await withDaemon(Self.never, untilReady: false) { daemon in
            try await daemon.serves()
            let (other, hasty) = (try daemon.connect(), try daemon.connect())
            let params = #""params":{"services":["never"],"wait":true,"timeout":3}"#
            let waiting = (1...40).map { #"{"id":\#($0),"method":"service.start",\#(params)}"# + "\n" }
            try await hasty.send(waiting.joined() + #"{"id":41,"method":"supervisor.ping"}"# + "\n")
            #expect(try await slowestPing(other) < .seconds(1).atLoad)
            // The ping is taken up only once no more than 31 of the others are waiting.
            var before = 0
            while try await hasty.reply(within: 60).id != 41 { before += 1 }
            #expect(before >= 9, "\(before)")
            for _ in before..<40 { #expect(try await hasty.reply(within: 60).error.data.kind == "timed-out") }
        }
    }

    @Test func whoStallsIsClosedAtItsDeadline() async throws {
        try await withDaemon(TOML.child("web", ["wait"])) { daemon in
            let (other, half, deaf) = (try daemon.connect(), try daemon.connect(), try daemon.connect())
            try await half.send(#"{"id":1,"method":"#)
            let request = #"{"id":1,"method":"service.status"}"# + "\n"
            // As much as it takes until nothing more is read of it.
            _ = try? await deaf.send(Array(String(repeating: request, count: 40_000).utf8), within: 1)
            #expect(try await slowestPing(other) < .seconds(1).atLoad)
            #expect(try await half.rest(within: 60).isEmpty)
            let deadline = Deadline.usual
            while try await other.call("supervisor.status").connections != 1, !deadline.hasPassed {}
            #expect(!deadline.hasPassed, "a client that does not read is still connected")
            #expect(try await slowestPing(other) < .seconds(1).atLoad)
        }
    }

    @Test(.enabled(if: Programs.isRoot, "connects as other users"))
    func strangersCannotKeepOutRoot() async throws {
        let folder = try TemporaryFolder()
        try #require(chmod(folder.path, 0o755) == 0)
        let access = "[supervisor.access]\nobserve = \"*\"\n"
        try await withDaemon(access + TOML.child("web", ["wait"]), folder: folder) { daemon in
            var held: [Connection] = []
            for user in 0..<5 {
                for _ in 0..<16 {
                    let uid = UInt32(60_000 + user)
                    held.append(try Connection(to: daemon.socket, uid: uid, gid: uid))
                }
            }
            let root = try daemon.connect()
            #expect(try await root.call("supervisor.status").connections == 57, "56 of others, and this one")
            // Those that are in are served, and hold up nobody however much they ask.
            for stranger in held.prefix(56) {
                try await stranger.send(String(repeating: #"{"id":1,"method":"service.status"}"# + "\n", count: 20))
            }
            #expect(try await slowestPing(root) < .seconds(1).atLoad)
            for stranger in held.prefix(56) {
                for _ in 0..<20 { #expect(try await stranger.reply().result.services.array.count == 1) }
            }
            let last = String(decoding: try await held[79].rest(), as: UTF8.self)
            #expect(last.contains("the rest is kept for root"), "\(last)")
            #expect(try await daemon.supctl("ping").code == 0)
        }
    }

    /// What root has left open does not keep out root's next order, however it is stuck.
    @Test(.enabled(if: Programs.isRoot, "is about root"))
    func connectionsOfRootThatAreStuckGiveWay() async throws {
        try await withDaemon(Self.never + TOML.child("web", ["wait"]), untilReady: false) { daemon in
            try await daemon.serves()
            func connections(_ count: Int, _ first: String?) async throws -> [Connection] {
                var made: [Connection] = []
                for _ in 0..<count {
                    let connection = try daemon.connect()
                    if let first { try await connection.send(first) }
                    made.append(connection)
                }
                return made
            }
            let idle = try await connections(16, nil)
            let waiting = try await connections(
                16, #"{"id":1,"method":"service.start","params":{"services":["never"],"wait":true}}"# + "\n")
            let deaf = try await connections(16, #"{"id":1,"method":"events.subscribe"}"# + "\n")
            let following = try await connections(
                16, #"{"id":1,"method":"logs.follow","params":{"services":["web"]}}"# + "\n")
            for follower in following { #expect(try await follower.reply().error.isNull) }
            // Who has just come is to be heard, so for a moment nobody gives way.
            let deadline = Deadline.usual
            while try await daemon.supctl("ping").code != 0, !deadline.hasPassed {}
            for _ in 0..<40 {
                let output = try await daemon.supctl("restart", "--no-wait", "web")
                #expect(output.code == 0, "\(output)")
            }
            // Those that ask for nothing go first, and are told why.
            var more: [Connection] = []
            for gone in idle {
                more.append(try daemon.connect())
                _ = try await more.last?.call("supervisor.ping")
                let last = try await gone.reply()
                #expect(last.id.isNull && last.error.data.kind == "busy", "\(last.text)")
                #expect(last.error.message.string?.contains("for a new one of your user") == true, "\(last.text)")
                #expect(try await gone.line() == nil)
            }
            let status = try await daemon.connect().call("supervisor.status")
            #expect((status.connections.int ?? 0) <= 64, "\(status.text)")
            #expect(daemon.log.all.filter { $0.contains("for a new one of pid") }.count == 1)
            _ = (waiting, deaf, more)
        }
    }
}
