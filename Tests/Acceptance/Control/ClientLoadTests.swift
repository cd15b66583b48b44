import CAcceptance
import Glibc
import Testing

@Suite(.daemons)
struct ClientLoadTests {
    @Test func aSlowClientHurtsNobodyElse() async throws {
        try await withDaemon(TOML.child("web", ["wait"])) { daemon in
            let (other, slow) = (try daemon.connect(), try daemon.connect())
            let answers = try await PoliteClient.beside(daemon) {
                for byte in Array((#"{"id":1,"method":"supervisor.ping"}"# + "\n").utf8) {
                    try await slow.send([byte])
                    _ = try await other.call("supervisor.ping")
                }
                #expect(try await slow.reply().result.state == "RUNNING")
            }
            answers.expectLatency()
        }
    }

    @Test(.enabled(if: acceptance_raise_descriptor_limit() >= 3000, "needs 3,000 descriptors"))
    func twoThousandConnectsLeaveRoomForOthers() async throws {
        try await withDaemon(TOML.child("web", ["wait"])) { daemon in
            let early = try daemon.connect()
            _ = try await early.call("supervisor.ping")
            var held: [Connection] = []
            try await PoliteClient.beside(daemon) {
                for _ in 0..<2000 { held.append(try daemon.connect()) }
            }.expectLatency()
            // Over its limit a client is told so, or just closed.
            let last = String(decoding: try await held[1999].rest(), as: UTF8.self)
            #expect(last.isEmpty || last.contains("busy"), "\(last)")
            let status = try await early.call("supervisor.status")
            #expect(try #require(status.connections.int) <= 64)
            held.removeAll()
            // The daemon notices each end in its own time: a new one gets in once there is room.
            let deadline = Deadline.usual
            var state: JSONValue = .null
            while state != "RUNNING", !deadline.hasPassed {
                _ = try await early.call("supervisor.ping")
                state = (try? await daemon.connect().call("supervisor.ping").state) ?? .null
            }
            #expect(state == "RUNNING")
        }
    }

    @Test func clientsThatVanishLeaveNothing() async throws {
        try await withDaemon(TOML.child("web", ["wait"])) { daemon in
            // Before the others: as many as there may be at once may not be noticed yet when the last has gone.
            let early = try daemon.connect()
            _ = try await early.call("supervisor.ping")
            for _ in 0..<300 {
                let connection = try daemon.connect()
                try await connection.send(#"{"id":1,"method":"service.status"}"# + "\n")
            }
            let deadline = Deadline.usual
            var count = 0
            repeat {
                count = try #require(try await early.call("supervisor.status").connections.int)
            } while count > 1 && !deadline.hasPassed
            #expect(count == 1)
        }
    }

    /// Each waits for an order that never comes true, and is closed at once: nobody is locked out by the dead.
    @Test func clientsThatWaitedAndVanishLeaveRoom() async throws {
        try await withDaemon(TOML.child("web", ["wait"], Self.neverReady), untilReady: false) { daemon in
            try await daemon.serves()
            let wait = #"{"id":1,"method":"service.start","params":{"services":["web"],"wait":true}}"# + "\n"
            let early = try daemon.connect()
            _ = try await early.call("supervisor.ping")
            var waiting: [Connection] = []
            for index in 0..<63 {
                let connection = try daemon.connect()
                // Some have more requests in flight than are read.
                try await connection.send(index.isMultiple(of: 2) ? wait : String(repeating: wait, count: 40))
                waiting.append(connection)
            }
            var count = 0
            let full = Deadline.usual
            repeat {
                count = try await early.call("supervisor.status").connections.int ?? 0
            } while count < 64 && !full.hasPassed
            #expect(count == 64)
            waiting.removeAll()
            let deadline = Deadline.usual
            repeat {
                count = try await early.call("supervisor.status").connections.int ?? 0
            } while count > 1 && !deadline.hasPassed
            #expect(count == 1)
            #expect(try await daemon.supctl("ping").code == 0)
        }
    }

    private static let neverReady =
        #"ready = { type = "exec", command = "/bin/false", period = "10s" }"# + "\n" + #"timeout_start = "infinity""#

    /// As `socat` does at the end of its input.
    @Test func whoHalfClosesWhileItsRequestWaitsIsAnswered() async throws {
        let folder = try TemporaryFolder()
        let configuration = TOML.child("web", ["into", folder.path("up"), "ignore-term"], #"timeout_stop = "1s""#)
        try await withDaemon(configuration, folder: folder) { daemon in
            _ = try await folder.text(of: "up") { $0.hasSuffix("\n") }
            let connection = try daemon.connect()
            try await connection.send(
                #"{"id":1,"method":"service.stop","params":{"services":["web"],"wait":true}}"# + "\n")
            await connection.finishWriting()
            #expect(try await connection.reply().result.services.array.first?.state == "STOPPED")
            #expect(try await connection.rest().isEmpty)
        }
    }

    private static func many(_ count: Int, _ key: String = "enabled = false") -> String {
        (0..<count).map { TOML.child("s\($0)", ["wait"], key + "\n" + #"log = { sink = "none" }"#) }.joined()
    }

    @Test(arguments: [
        #"{"method":"service.status"}"#, #"{"id":1,"method":"service.status"}"#, #"{"id":1,"method":"tasks.list"}"#,
        #"{"id":1,"method":"service.reset_failed","params":{"services":["*"]}}"#,
        #"{"id":1,"method":"service.stop","params":{"services":["*"]}}"#,
        #"{"id":1,"method":"service.stop","params":{"services":["s12","*[[[[*","x"]}}"#,
    ])
    func requestsOverManyServicesHoldUpNobody(request: String) async throws {
        try await withDaemon(Self.many(3_000)) { daemon in
            let (other, busy) = (try daemon.connect(), try daemon.connect())
            let answers = try await PoliteClient.beside(daemon) {
                try await busy.send(String(repeating: request + "\n", count: 500))
                for _ in 0..<50 { _ = try await other.call("supervisor.ping") }
            }
            answers.expectLatency()
            answers.expectGrowth(below: 8_000_000)
        }
    }

    private static let tenThousand = (0..<10).map {
        TOML.child("s\($0)", ["wait"], "instances = 1000", "enabled = false", #"log = { sink = "none" }"#)
    }.joined()

    /// Few names may mean many, too.
    @Test(arguments: [
        ("service.status", (0..<1000).map { "s\($0 % 10)" }), ("service.stop", Array(repeating: "s0", count: 1000)),
        ("service.status", ["zs12@5"]), ("service.why", ["*"]), ("service.tree", ["*"]), ("service.definition", ["*"]),
        ("service.dependencies", ["*"]), ("service.timing", ["*"]), ("logs.read", ["*"]), ("logs.follow", ["s*"]),
        ("events.subscribe", ["state:stopped"]), ("logs.reopen", ["*"]),
    ])
    func requestsOverManyInstancesHoldUpNobody(method: String, services: [String]) async throws {
        try await withDaemon(Self.tenThousand) { daemon in
            let (other, busy) = (try daemon.connect(), try daemon.connect())
            let params: JSONValue = ["services": .array(services.map(JSONValue.string))]
            let request = #"{"id":1,"method":"\#(method)","params":\#(params.text)}"# + "\n"
            let answers = try await PoliteClient.beside(daemon) {
                _ = try? await busy.send(Array(String(repeating: request, count: 50).utf8), within: 1)
                for _ in 0..<50 { _ = try await other.call("supervisor.ping") }
            }
            answers.expectLatency()
        }
    }

    @Test func aLongListIsReadWhole() async throws {
        try await withDaemon(Self.many(3_000)) { daemon in
            let list = try await daemon.connect().call("service.status")
            #expect(list.services.array.compactMap(\.name.string) == (0..<3_000).map { "s\($0)" })
            #expect(try await daemon.supctl("status").code == 0)
        }
    }

    @Test func ordersOverManyServicesHoldUpNobody() async throws {
        try await withDaemon(Self.many(150)) { daemon in
            for verb in ["start", "restart", "stop"] {
                try await PoliteClient.beside(daemon) { try await daemon.order(verb, "*") }.expectLatency()
            }
            #expect(try await daemon.connect().call("supervisor.status").services.STOPPED == 150)
        }
    }

    @Test func aStopThatIsWaitedForDoesNotHoldUpOthers() async throws {
        let folder = try TemporaryFolder()
        let configuration = TOML.child("web", ["into", folder.path("up"), "ignore-term"], #"timeout_stop = "1s""#)
        try await withDaemon(configuration, folder: folder) { daemon in
            _ = try await folder.text(of: "up") { $0.hasSuffix("\n") }
            try await PoliteClient.beside(daemon) { try await daemon.order("stop", "web") }.expectLatency()
            #expect(try await daemon.service("web").state == "STOPPED")
        }
    }

    @Test func aWaitThatIsTooShortSaysSoAndTheOrderStands() async throws {
        let folder = try TemporaryFolder()
        let configuration = TOML.child("web", ["into", folder.path("up"), "ignore-term"], #"timeout_stop = "1s""#)
        try await withDaemon(configuration, folder: folder) { daemon in
            _ = try await folder.text(of: "up") { $0.hasSuffix("\n") }
            let reply = try await daemon.connect().exchange(
                "service.stop", ["services": ["web"], "wait": true, "timeout": 0.1])
            let kind = reply.error.isNull ? reply.result.services.array.first?.error.data.kind : reply.error.data.kind
            #expect(kind == "timed-out", "\(reply.text)")
            try await daemon.service("web", becomes: "STOPPED")
        }
    }

    /// Fault 3, with descriptors coming and going all the time.
    @Test func withoutDescriptorsEachClientIsAnsweredOrToldWhyNot() async throws {
        let services = (1...20).map { number in
            TOML.child(
                "fast\(number)", ["exit", "1"], #"restart = "always""#, "start_limit_burst = 0",
                #"backoff = { policy = "constant", delay = "5ms", jitter = "none" }"#)
                + TOML.child("slow\(number)", ["wait"])
        }
        let limit = ["/bin/sh", "-c", #"ulimit -n 60; exec "$@""#, "sh"]
        try await withDaemon(services.joined(), launcher: limit, untilReady: false) { daemon in
            _ = try await daemon.log.first(by: .usual) { $0.contains("is starting 40 instances") }
            var held: [Connection] = []
            for _ in 0..<30 { held.append(try daemon.connect()) }
            var refused = 0
            for number in 0..<60 {
                let output = try await daemon.supctl("ping")
                guard output.code != 0 else {
                    // On a machine that is busy the starts may leave some to spare at each of these moments.
                    if refused == 0, number > 30 { held.append(try daemon.connect()) }
                    continue
                }
                refused += 1
                #expect(output.code == 1)
                #expect(output.error.contains("supd takes no more connections: it has no file descriptor left"))
            }
            #expect(refused > 0)
            #expect(daemon.log.all.contains { $0.contains("was refused: it has no file descriptor left: EMFILE") })
            #expect(!daemon.log.all.contains { $0.contains("connections cannot be accepted") })
            held = []
        }
    }
}
