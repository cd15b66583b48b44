import Glibc
import Testing

@Suite(.daemons)
struct ProtocolAbuseTests {
    /// What is sent, and the error's code and the id that must come back.
    struct Nonsense: Sendable, CustomTestStringConvertible {
        var name: String
        var bytes: [UInt8]
        var code: Int
        var identifier: JSONValue

        init(_ name: String, _ text: String, code: Int, identifier: JSONValue = .null) {
            self.name = name
            self.bytes = Array(text.utf8) + [UInt8(ascii: "\n")]
            self.code = code
            self.identifier = identifier
        }

        init(_ name: String, bytes: [UInt8], code: Int) {
            self.name = name
            self.bytes = bytes + [UInt8(ascii: "\n")]
            self.code = code
            self.identifier = .null
        }

        var testDescription: String { name }
    }

    static let nonsense: [Nonsense] = [
        Nonsense("no JSON", "status please", code: -32700),
        Nonsense("half a request", #"{"id":1,"method":"#, code: -32700),
        Nonsense("a batch", #"[{"id":1,"method":"supervisor.ping"}]"#, code: -32600),
        Nonsense("a number", "17", code: -32600),
        Nonsense("no method", #"{"id":2}"#, code: -32600, identifier: 2),
        Nonsense("a method that is no string", #"{"id":"x","method":5}"#, code: -32600, identifier: "x"),
        Nonsense("an id that is an object", #"{"id":{},"method":"supervisor.ping"}"#, code: -32600),
        Nonsense(
            "another version", #"{"jsonrpc":"1.0","id":3,"method":"supervisor.ping"}"#, code: -32600, identifier: 3),
        Nonsense("an unknown method", #"{"id":4,"method":"service.explode"}"#, code: -32601, identifier: 4),
        Nonsense(
            "params of a wrong type", #"{"id":5,"method":"service.stop","params":[1]}"#, code: -32602, identifier: 5),
        Nonsense(
            "an unknown param", #"{"id":6,"method":"service.stop","params":{"services":["web"],"hard":true}}"#,
            code: -32602, identifier: 6),
        Nonsense(
            "a missing param", #"{"id":7,"method":"service.stop","params":{}}"#, code: -32602, identifier: 7),
        Nonsense(
            "an impossible timeout",
            #"{"id":8,"method":"service.stop","params":{"services":["web"],"timeout":-1}}"#, code: -32602, identifier: 8
        ),
        Nonsense(
            "no such service", #"{"id":9,"method":"service.stop","params":{"services":["wbe"]}}"#, code: -32004,
            identifier: 9),
        Nonsense(
            "no such method, and null for an id", #"{"id":null,"method":"service.explode"}"#, code: -32601),
        Nonsense("an id that is true", #"{"id":true,"method":"supervisor.ping"}"#, code: -32600),
        Nonsense(
            "a signal's number",
            #"{"id":12,"method":"service.signal","params":{"services":["web"],"signal":"9"}}"#, code: -32602,
            identifier: 12),
        Nonsense(
            "a number for a signal",
            #"{"id":13,"method":"service.signal","params":{"services":["web"],"signal":9}}"#, code: -32602,
            identifier: 13),
        Nonsense(
            "a number that a double has another for",
            #"{"id":14,"method":"events.subscribe","params":{"since":9007199254740993.0}}"#, code: -32602,
            identifier: 14),
        Nonsense("a duplicate key", #"{"id":10,"id":11,"method":"supervisor.ping"}"#, code: -32700),
        Nonsense("a number without a value", #"{"id":1e999,"method":"supervisor.ping"}"#, code: -32700),
        Nonsense("a lone surrogate", #"{"id":"\ud800","method":"supervisor.ping"}"#, code: -32700),
        Nonsense(
            "invalid UTF-8", bytes: Array(#"{"id":1,"method":""#.utf8) + [0xC3, 0x28] + Array(#""}"#.utf8), code: -32700
        ),
        Nonsense(
            "a NUL", bytes: Array(#"{"id":1,"#.utf8) + [0] + Array(#""method":"supervisor.ping"}"#.utf8), code: -32700),
        Nonsense("nesting", String(repeating: "[", count: 50_000), code: -32700),
        Nonsense(
            "nesting in params",
            #"{"id":1,"method":"supervisor.ping","params":"# + String(repeating: "[", count: 40)
                + String(repeating: "]", count: 40) + "}", code: -32700),
    ]

    /// Who types a request into a pipe may forget its newline.
    @Test func atItsEndARequestNeedsNoNewline() async throws {
        try await withDaemon(TOML.child("web", ["wait"])) { daemon in
            let connection = try daemon.connect()
            try await connection.send(Array(#"{"id":1,"method":"supervisor.ping"}"#.utf8))
            await connection.finishWriting()
            let reply = try await connection.reply()
            #expect(reply.id == 1 && reply.result.state == "RUNNING", "\(reply.text)")
            let half = try daemon.connect()
            try await half.send(Array(#"{"id":2,"method":"service.st"#.utf8))
            await half.finishWriting()
            let error = try await half.reply()
            #expect(error.error.code.int == -32700, "\(error.text)")
        }
    }

    /// A client may compare what comes back byte by byte.
    @Test func anIDComesBackAsItCame() async throws {
        try await withDaemon(TOML.child("web", ["wait"])) { daemon in
            let connection = try daemon.connect()
            for id in [
                "0", "-0", "-0.0", "1.50", "1e3", "1E+3", "9223372036854775807", "9223372036854775808", "1e-400",
                #""é""#, "null",
            ] {
                try await connection.send(#"{"params":{"id":[7]}, "id" : \#(id) ,"method":"service.explode"}"# + "\n")
                let line = try await connection.line() ?? ""
                #expect(line.hasPrefix(#"{"jsonrpc":"2.0","id":\#(id),"error":"#), "\(line)")
            }
        }
    }

    /// Where a person types one, its number will do; what is sent is its name.
    @Test func aSignalHasANumberOnTheCommandLineOnly() async throws {
        try await withDaemon(TOML.child("web", ["wait"], #"restart = "no""#)) { daemon in
            let refused = try await daemon.connect().exchange(
                "service.signal", ["services": ["web"], "signal": "15"])
            #expect(refused.error.message == "no signal is named '15'", "\(refused.text)")
            #expect(refused.error.data.suggestion == "SIGTERM", "\(refused.text)")
            let sent = try await daemon.supctl("signal", "15", "web")
            #expect(sent.code == 0, "\(sent)")
            #expect(try await daemon.service("web", becomes: "EXITED").last_exit.signal == "SIGTERM")
            let none = try await daemon.supctl("signal", "65", "web")
            #expect(none.code == 2 && none.error.contains("no signal is named '65'"), "\(none)")
        }
    }

    @Test(arguments: nonsense)
    func nonsenseGetsAnErrorAndTheConnectionGoesOn(nonsense: Nonsense) async throws {
        try await withDaemon(TOML.child("web", ["wait"])) { daemon in
            let connection = try daemon.connect()
            try await connection.send(nonsense.bytes)
            let reply = try await connection.reply()
            #expect(reply.error.code.int == nonsense.code, "\(reply.text)")
            #expect(reply.id == nonsense.identifier, "\(reply.text)")
            #expect(reply.jsonrpc == "2.0")
            #expect(reply.error.message.string?.isEmpty == false)
            #expect(try await connection.call("supervisor.ping").state == "RUNNING")
            #expect(try await daemon.service("web").state == "RUNNING")
        }
    }

    @Test(arguments: [true, false])
    func aLineThatNeverEndsClosesItsConnectionAlone(endsAtLast: Bool) async throws {
        try await withDaemon(TOML.child("web", ["wait"])) { daemon in
            let other = try daemon.connect()
            let before = try #require(try await other.call("supervisor.status").memory.resident.double)
            let connection = try daemon.connect()
            // It may be closed before all of it is written.
            try? await connection.send([UInt8](repeating: UInt8(ascii: "x"), count: 1_000_000))
            if endsAtLast { try? await connection.send("\n") }
            let answer = String(decoding: try await connection.rest(), as: UTF8.self)
            #expect(answer.isEmpty || answer.contains("longer than 65536 bytes"), "\(answer)")
            let after = try #require(try await other.call("supervisor.status").memory.resident.double)
            #expect(after - before < 4_000_000)
        }
    }

    @Test func whatAClientNamesCannotForgeALine() async throws {
        try await withDaemon(TOML.child("web", ["wait"])) { daemon in
            let connection = try daemon.connect()
            let name = "web\n{\"id\":1}\u{1B}[31m"
            let reply = try await connection.exchange("service.stop", ["services": [.string(name)]])
            #expect(!reply.error.isNull)
            #expect(reply.error.message.string?.contains("\n") == false)
            #expect(reply.error.message.string?.contains("\u{1B}") == false)
            #expect(!daemon.log.all.contains { $0.contains("\u{1B}") })
        }
    }

    @Test func aHalfClosedClientStillGetsItsAnswer() async throws {
        try await withDaemon(TOML.child("web", ["wait"])) { daemon in
            let connection = try daemon.connect()
            try await connection.send(#"{"id":1,"method":"supervisor.ping"}"# + "\n")
            await connection.finishWriting()
            #expect(try await connection.reply().result.state == "RUNNING")
            #expect(try await connection.line() == nil)
        }
    }

    @Test func aPersonMayLeaveOutTheVersion() async throws {
        try await withDaemon(TOML.child("web", ["wait"])) { daemon in
            let connection = try daemon.connect()
            try await connection.send(#"{"id":"a","method":"supervisor.version"}"# + "\r\n\n\n")
            let reply = try await connection.reply()
            #expect(reply.id == "a")
            #expect(reply.jsonrpc == "2.0")
            let methods = reply.result.methods.array.compactMap { $0.string ?? $0.name.string }
            #expect(methods.contains("service.status"), "\(reply.text)")
        }
    }

    @Test func repliesToManyRequestsAtOnceAllCome() async throws {
        try await withDaemon(TOML.child("web", ["wait"])) { daemon in
            let connection = try daemon.connect()
            let count = 500
            async let sending: Void = connection.send(
                (1...count).map { #"{"id":\#($0),"method":"supervisor.ping"}"# + "\n" }.joined())
            var identifiers: Set<Int> = []
            for _ in 0..<count { identifiers.insert(try #require(try await connection.reply().id.int)) }
            try await sending
            #expect(identifiers == Set(1...count))
        }
    }

    /// Whoever takes descriptors from a socket's queue lets the last of them go, and may wait there for as long as its sender likes.
    @Test func descriptorsThatAreSentAlongAreTakenByNobodyAndHoldUpNobody() async throws {
        try await withDaemon(TOML.child("web", ["wait"])) { daemon in
            let output = try await run(Programs.testchild, ["lingering-client", daemon.socket, ""])
            let isTold = output.output.contains("file descriptors are sent along (SCM_RIGHTS); supd takes none")
            // From Linux 6.16 on the kernel refuses them.
            #expect(output.code == 0 && (isTold || output.output.hasPrefix("refused: ")), "\(output)")
            // One that is gone before the daemon looks has left them to whoever takes them.
            let request = #"{"id":1,"method":"supervisor.ping"}"# + "\n"
            for text in ["", request] {
                daemon.process.signal(SIGSTOP)
                let leaving = try await run(Programs.testchild, ["lingering-client", daemon.socket, text, "leave"])
                daemon.process.signal(SIGCONT)
                #expect(leaving.code == 0, "\(leaving)")
                #expect(try await daemon.connect().call("supervisor.ping", within: 20).state == "RUNNING")
            }
            #expect(try await daemon.terminate() == .exited(0))
        }
    }
}
