import SupdProtocol
import Testing

extension HostileClient {
    /// Who asks for more than there may be asked for is refused, and the connection goes on.
    static let refused: [HostileClient] = [
        refusal(
            "nests too deeply", over: "how deep a request may nest", "parse-error",
            request("supervisor.ping", nested(ProtocolLimits.requestDepth))),
        refusal(
            "has a long id", over: "the longest id, in bytes", "invalid-request",
            request("supervisor.ping", id: "\"\(text(ProtocolLimits.requestIDBytes + 1))\"")),
        refusal(
            "names thousands", over: "entries of `services`", "invalid-params",
            request("service.stop", #"{"services":[\#(names(ProtocolLimits.selectors + 1))]}"#)),
        refusal(
            "names something long", over: "the longest of them, in bytes", "invalid-params",
            request("service.stop", #"{"services":["\#(text(ProtocolLimits.selectorBytes + 1))"]}"#)),
        refusal(
            "wants to wait for days", over: "the longest `timeout`, in seconds", "invalid-params",
            request("service.stop", #"{"services":["web"],"wait":true,"timeout":86401}"#)),
        refusal(
            "wants many lines", over: "the most `lines` of `logs.read`", "invalid-params",
            request("logs.read", #"{"services":["web"],"lines":1001}"#)),
        refusal(
            "wants many lines and more", over: "the most `lines` of `logs.follow`", "invalid-params",
            request("logs.follow", #"{"services":["web"],"lines":1001}"#)),
        refusal(
            "wants many instances", over: "the most `instances` of `service.scale`", "invalid-params",
            request("service.scale", #"{"service":"web","instances":1001}"#)),
        refusal(
            "expects a long token", over: "the longest `expect`, in bytes", "invalid-params",
            request("config.reload", #"{"expect":"\#(text(ProtocolLimits.planTokenBytes + 1))"}"#)),
    ]

    private static func refusal(
        _ description: String, over limit: String, _ kind: JSONValue, _ request: String
    ) -> HostileClient {
        HostileClient(description, over: limit) { daemon in
            let connection = try daemon.connect()
            try await insist(connection, request, times: 300) { $0.error.data.kind == kind }
            #expect(try await connection.call("supervisor.ping").state == "RUNNING")
            #expect(try await daemon.service("web").state == "RUNNING")
        }
    }

    private static func text(_ bytes: Int) -> String { String(repeating: "x", count: bytes) }

    private static func names(_ count: Int) -> String {
        Array(repeating: #""web""#, count: count).joined(separator: ",")
    }

    private static func nested(_ depth: Int) -> String {
        #"{"x":\#(String(repeating: "[", count: depth - 1))\#(String(repeating: "]", count: depth - 1))}"#
    }

    /// Those whose requests are large, or many, or take long.
    static let ofRequests: [HostileClient] = [
        HostileClient("sends lines that do not end", over: "the longest request, in bytes without its newline") {
            daemon in
            for number in 0..<40 {
                let connection = try daemon.connect()
                let excess = number.isMultiple(of: 2) ? 1 : 1_000_000
                // It may be closed before all of it is written.
                try? await connection.send([UInt8](repeating: 0x78, count: ProtocolLimits.requestBytes + excess))
                let answer = String(decoding: try await connection.rest(), as: UTF8.self)
                let reply = try JSONValue(parsing: answer)
                #expect(reply.id.isNull && reply.error.data.kind == "invalid-request", "\(answer)")
                #expect(reply.error.message == "a request is longer than 65536 bytes", "\(answer)")
            }
        },
        HostileClient(
            "waits for more than may wait", over: "requests of one connection that are not answered yet",
            target: .configured(never)
        ) { daemon in
            let hasty = try daemon.connect()
            let order = request("service.start", #"{"services":["never"],"wait":true,"timeout":3}"#)
            try await hasty.send(String(repeating: order, count: 40) + request("supervisor.ping", id: "2"))
            // The ping is taken up only once no more than 31 of the others wait.
            var before = 0
            while true {
                let reply = try await hasty.reply()
                if reply.id == 2 { break }
                #expect(reply.error.data.kind == "timed-out", "\(reply.text)")
                before += 1
            }
            #expect(before > 40 - ProtocolLimits.requestsInFlight, "\(before)")
            for _ in before..<40 { #expect(try await hasty.reply().error.data.kind == "timed-out") }
        },
        HostileClient(
            "waits for everything again and again", over: "instances that the orders of one connection may wait for",
            target: .configured(
                never
                    + (1...4).map {
                        TOML.child(
                            "many\($0)", ["wait"], "instances = 1000", "enabled = false", #"requires = ["never"]"#,
                            #"after = ["never"]"#, #"log = { sink = "none" }"#)
                    }.joined())
        ) { daemon in
            let order = request("service.start", #"{"services":["many*"],"wait":true}"#)
            for _ in 0..<3 {
                let connection = try daemon.connect()
                // 25 of 4,000 each are as many as may wait, which they do for ever.
                try await connection.send(String(repeating: order, count: 26))
                let refused = try await connection.reply()
                #expect(refused.error.data.kind == "busy", "\(refused.text.prefix(500))")
                #expect(refused.error.message.string?.contains("for over 100000 instances") == true)
            }
        },
        HostileClient(
            "has a plugin's method hang", over: "seconds for a plugin's method",
            target: Target(program: Programs.troubled)
        ) { daemon in
            let connection = try daemon.connect()
            let begin = ContinuousClock.now
            try await connection.send(
                String(repeating: request("plugin.trouble.hang"), count: ProtocolLimits.requestsInFlight))
            for _ in 0..<ProtocolLimits.requestsInFlight {
                let reply = try await connection.reply(within: 30 + Deadline.patience)
                #expect(reply.error.data.kind == "timed-out", "\(reply.text)")
            }
            #expect(begin.duration(to: .now) >= ProtocolLimits.pluginMethod)
        },
        HostileClient(
            "is denied by the thousand", over: "requests denied to one connection before it rests",
            "milliseconds that it waits then", target: Target(needsRoot: true)
        ) { daemon in
            let stranger = try Connection(to: daemon.socket, uid: 65_534, gid: 65_534)
            let begin = ContinuousClock.now
            // Who may do nothing and asks for nothing is not kept, either.
            let idle = try Connection(to: daemon.socket, uid: 65_534, gid: 65_534)
            async let sending: Void? = try? stranger.send(
                String(repeating: request("supervisor.ping"), count: 100_000))
            var denied = 0
            while let line = try await stranger.line() {
                let reply = try JSONValue(parsing: line)
                #expect(reply.error.data.kind == "not-permitted", "\(line)")
                denied += 1
            }
            _ = await sending
            let rests = begin.duration(to: .now) / ProtocolLimits.restAfterDenials
            #expect(denied > 0 && Double(denied) <= Double(ProtocolLimits.denialsBeforeRest) * (rests + 1), "\(denied)")
            #expect(daemon.log.all.count { $0.contains("denied supervisor.ping") } == 1)
            #expect(try await idle.rest().isEmpty)
        },
    ]

    /// One that is never up.
    static let never = TOML.child(
        "never", ["wait"], #"ready = { type = "exec", command = "/bin/false", period = "10s" }"#,
        #"timeout_start = "infinity""#, "enabled = false")
}
