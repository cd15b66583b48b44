import Foundation
import SupdProtocol
import Testing

extension HostileClient {
    /// Those that would have the daemon remember, or tell, ever more.
    static let ofMemory: [HostileClient] = [
        HostileClient(
            "wants all lines of a service that writes much", over: "bytes of lines in one answer",
            target: Target(configuration: { folder in
                TOML.service(
                    "web", ["/bin/sh", "-c", "seq -f '%%01000.0f' 1 1000; exec sleep 1000"],
                    "log = { sink = \"file\", file = \(TOML.quoted(folder.path("web.log"))), memory = \"2MiB\" }")
            })
        ) { daemon in
            _ = try await daemon.folder.text(of: "web.log") { $0.utf8.count == 1_001_000 }
            let connection = try daemon.connect()
            let all = request("logs.read", #"{"services":["web"],"lines":1000}"#)
            try await insist(connection, all, times: 20) { reply in
                let log = reply.result.services.array.first
                let bytes = log?.lines.array.compactMap(\.["text"].string?.utf8.count).reduce(0, +) ?? 0
                return log?.shortage == "reply" && (200_000...ProtocolLimits.logBytes).contains(bytes)
            }
        },
        HostileClient(
            "wants the trees of many processes", over: "processes of one instance in an answer to `service.tree`",
            "processes of all instances in it",
            target: .configured(["a", "b", "c"].map { TOML.child($0, ["orphans", "520"]) }.joined())
        ) { daemon in
            for name in ["a", "b", "c"] { _ = try await daemon.lines(of: name) { !$0.isEmpty } }
            let trees = request("service.tree", #"{"services":["a","b","c"]}"#)
            try await insist(try daemon.connect(), trees, times: 20) { reply in
                let services = reply.result.services.array
                let shown = services.map { $0.processes.isNull ? 0 : $0.processes.array.count }
                return shown.max() == ProtocolLimits.processesShown
                    && shown.reduce(0, +) == ProtocolLimits.processesTold
                    && zip(shown, services).allSatisfy { $0 + ($1.more.int ?? 0) == 521 }
            }
        },
        HostileClient("has a configuration of faults read", over: "faults in one error") { daemon in
            let wrong = (1...300).map { "wrong\($0) = 1\n" }.joined()
            try daemon.folder.write("supd.toml", TOML.child("web", ["wait"], wrong))
            try await insist(try daemon.connect(), request("config.plan"), times: 20) { reply in
                reply.error.data.kind == "invalid-configuration" && reply.error.data.more == 200
                    && reply.error.data.faults.array.count == ProtocolLimits.faultsNamed
            }
        },
        HostileClient(
            "gives orders to many", over: "services in one event of an order", target: .configured(many(40))
        ) { daemon in
            let subscriber = try daemon.connect()
            _ = try await subscriber.call("events.subscribe", ["kinds": ["order"]])
            let hostile = try daemon.connect()
            try await hostile.send(String(repeating: resetOfAll, count: 300))
            for _ in 0..<300 {
                let event = try await subscriber.reply().params
                #expect(event.count == 40 && event.services.array.count == ProtocolLimits.servicesNamed)
            }
        },
        HostileClient(
            "gives orders to one", over: "changes of one instance that are remembered",
            "lines of each instance in it", "events that are remembered",
            target: .configured(TOML.service("web", ["/bin/sh", "-c", "seq 1 100; exec sleep 1000"]))
        ) { daemon in
            let hostile = try daemon.connect()
            _ = try await daemon.lines(of: "web") { $0.count == 20 }
            let orders = 2 * ProtocolLimits.rememberedEvents
            try await hostile.send(String(repeating: resetOfAll, count: orders))
            let why = request("service.why", #"{"services":["web"]}"#)
            try await insist(hostile, why, times: 50) { reply in
                let told = reply.result.services.array.first ?? .null
                return told.history.array.count == ProtocolLimits.rememberedChanges
                    && (told.forgotten.int ?? 0) >= orders - ProtocolLimits.rememberedChanges
                    && told.log.lines.array.map(\.["text"]) == (91...100).map { .string("\($0)") }
            }
            let (gap, events) = try await remembered(daemon)
            #expect(events <= ProtocolLimits.rememberedEvents && gap + events >= orders, "\(gap) and \(events)")
            #expect(events > ProtocolLimits.rememberedEvents / 2)
        },
        HostileClient(
            "asks why all is as it is", over: "changes in one answer to `service.why`", target: .configured(many(100))
        ) { daemon in
            let hostile = try daemon.connect()
            try await hostile.send(String(repeating: resetOfAll, count: ProtocolLimits.rememberedChanges))
            // One after the other: who looks at a megabyte of them for long is one that does not read.
            for _ in 0..<3 {
                let services = try await hostile.call("service.why", ["services": ["*"]]).services.array
                let told = services.map(\.history.array.count).reduce(0, +)
                let forgotten = services.compactMap(\.forgotten.int).reduce(0, +)
                #expect(services.count == 100 && (1...ProtocolLimits.changesTold).contains(told), "\(told)")
                #expect(told + forgotten >= 100 * ProtocolLimits.rememberedChanges, "\(told) and \(forgotten)")
            }
        },
        HostileClient(
            "gives orders to thousands",
            over: "instances that the remembered orders are for, beside those that they name",
            target: .configured(many(3_000))
        ) { daemon in
            let hostile = try daemon.connect()
            try await hostile.send(String(repeating: resetOfAll, count: 40))
            _ = try await hostile.call("supervisor.ping")
            let (gap, events) = try await remembered(daemon)
            #expect(gap > 0 && events <= ProtocolLimits.rememberedInstances / 2_984, "\(gap) and \(events)")
        },
    ]

    private static let resetOfAll = notification("service.reset_failed", #"{"services":["*"]}"#)

    private static func many(_ count: Int) -> String {
        (0..<count).map { TOML.child("s\($0)", ["wait"], "enabled = false", #"log = { sink = "none" }"#) }.joined()
    }

    /// How many of all events are not remembered, and how many are.
    private static func remembered(_ daemon: Daemon) async throws -> (gap: Int, events: Int) {
        let subscriber = try daemon.connect()
        _ = try await subscriber.call("events.subscribe", ["since": 0])
        var (gap, events) = (0, 0)
        while true {
            let event = try await subscriber.reply().params
            if event.caught_up == true { return (gap, events) }
            if let missing = event.gap.int { gap += missing } else { events += 1 }
        }
    }
}

extension Daemon {
    /// The last lines of an instance, once they fit.
    fileprivate func lines(of name: String, where fits: ([JSONValue]) -> Bool) async throws -> [JSONValue] {
        let connection = try connect()
        let deadline = Deadline.usual
        while true {
            let log = try await connection.call("logs.read", ["services": [.string(name)]]).services.array.first
            let lines = log?.lines.array ?? []
            if fits(lines) { return lines }
            if deadline.hasPassed { throw Failure("\(name) has written \(lines)") }
        }
    }
}
