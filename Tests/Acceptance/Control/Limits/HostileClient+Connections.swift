import SupdProtocol
import Testing

extension HostileClient {
    private static let anybody: @Sendable (TemporaryFolder) -> String = { _ in
        "[supervisor.access]\nobserve = \"*\"\n" + TOML.child("web", ["wait"])
    }

    /// Those that take connections, or keep them without use.
    static let ofConnections: [HostileClient] = [
        HostileClient(
            "is five users who take all connections",
            over: "connections at once, unless `[supervisor] connections` says otherwise",
            "of one user other than root", "of all, those that only root can have",
            target: Target(configuration: anybody, needsRoot: true)
        ) { daemon in
            var held: [Connection] = []
            for uid in UInt32(60_000)..<60_003 {
                let all = try strangers(ProtocolLimits.connectionsPerUser + 1, of: uid, daemon)
                try await expectRefusal(all.last, "uid \(uid) has 16 connections, which is the limit for one user")
                held += all
            }
            // With that of the polite one these are all that they may have.
            held += try strangers(7, of: 60_003, daemon)
            for uid in UInt32(60_003)..<60_005 {
                for stranger in try strangers(100, of: uid, daemon) {
                    try await expectRefusal(stranger, "the rest is kept for root and supd's own user")
                }
            }
            // Those that are in ask as much as they can; who is root has the rest, and is answered.
            for stranger in held {
                try? await stranger.send(String(repeating: request("service.status"), count: 200))
            }
            var roots: [Connection] = []
            for _ in 0..<8 {
                roots.append(try daemon.connect())
                #expect(try await roots.last?.call("supervisor.ping").state == "RUNNING")
            }
        },
        HostileClient(
            "is five users who take what is the daemon's own user's",
            over: "of all, those that only root and supd's own user can have beside",
            target: Target(configuration: anybody, user: 65_533, needsRoot: true)
        ) { daemon in
            var held: [Connection] = []
            for uid in UInt32(60_000)..<60_005 { held += try strangers(16, of: uid, daemon) }
            try await expectRefusal(held.last, "the rest is kept for root and supd's own user")
            var own: [Connection] = []
            for _ in 0..<ProtocolLimits.connectionsKeptForOwnUser {
                own += try strangers(1, of: 65_533, daemon)
                _ = try await own.last?.call("supervisor.ping")
            }
            // 55 of others, the polite one's, which is root's, and these.
            #expect(try await own[0].call("supervisor.status").connections == 60)
        },
        HostileClient(
            "is root, and stuck in every way",
            over: "seconds of silence after which one of root, or of supd's own user, gives way to a new one of the "
                + "same user",
            target: Target(configuration: { _ in never + TOML.child("web", ["wait"]) }, needsRoot: true)
        ) { daemon in
            func connections(_ count: Int, _ first: String?) async throws -> [Connection] {
                var made: [Connection] = []
                for _ in 0..<count {
                    let connection = try daemon.connect()
                    if let first { try await connection.send(first) }
                    made.append(connection)
                }
                return made
            }
            // Those that came before and have left are gone by then: there are the polite one's and this.
            let first = try daemon.connect()
            let settled = Deadline.usual
            while try await first.call("supervisor.status").connections != 2, !settled.hasPassed {}
            let idle = try await [first] + connections(20, nil)
            let waiting = try await connections(
                14, request("service.start", #"{"services":["never"],"wait":true}"#))
            let deaf = try await connections(14, request("events.subscribe"))
            let following = try await connections(14, request("logs.follow", #"{"services":["web"]}"#))
            for follower in following { #expect(try await follower.reply().error.isNull) }
            // Who has just come is to be heard, so for a moment nobody gives way.
            let deadline = Deadline.usual
            while try await daemon.supctl("ping").code != 0, !deadline.hasPassed {}
            for _ in 0..<10 {
                let output = try await daemon.supctl("restart", "--no-wait", "web")
                #expect(output.code == 0, "\(output)")
            }
            // Those that ask for nothing go first, and are told why.
            var more: [Connection] = []
            for gone in idle.prefix(14) {
                more.append(try daemon.connect())
                _ = try await more.last?.call("supervisor.ping")
                let last = try await gone.reply()
                #expect(last.id.isNull && last.error.data.kind == "busy", "\(last.text)")
                #expect(last.error.message.string?.contains("for a new one of your user") == true, "\(last.text)")
                #expect(try await gone.line() == nil)
            }
            #expect(daemon.log.all.count { $0.contains("for a new one of pid") } == 1)
            _ = (waiting, deaf, more)
        },
        HostileClient(
            "does not read, or sends half a request", over: "bytes that wait to be read by a client",
            "seconds in which a client must read something of what waits, and finish a request that it began"
        ) { daemon in
            let (other, half, deaf) = (try daemon.connect(), try daemon.connect(), try daemon.connect())
            try await half.send(#"{"id":1,"method":"#)
            // As much as it takes until nothing more is read of it.
            await #expect(throws: (any Error).self) {
                try await deaf.send(Array(String(repeating: request("service.status"), count: 40_000).utf8), within: 1)
            }
            #expect(try await half.rest().isEmpty)
            let deadline = Deadline.usual
            while try await other.call("supervisor.status").connections != 2, !deadline.hasPassed {}
            #expect(!deadline.hasPassed, "a client that does not read is still connected")
        },
    ]

    /// That it was told so, and closed.
    private static func expectRefusal(_ connection: Connection?, _ why: String) async throws {
        let connection = try #require(connection)
        let reply = try await connection.reply()
        #expect(reply.id.isNull && reply.error.data.kind == "busy", "\(reply.text)")
        #expect(reply.error.message.string?.hasSuffix(why) == true, "\(reply.text)")
        #expect(try await connection.line() == nil)
    }
}
