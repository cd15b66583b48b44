import Testing

@testable import SupdConfiguration

/// When a change of each key takes effect.
@Suite struct KeyEffectTests {
    @Test func everyKeyHasASample() {
        #expect(Set(Plan.samples.keys) == Set(ServiceKey.allCases))
        #expect(Set(Plan.logSamples.keys) == Set(LogKey.allCases))
    }

    @Test(arguments: ServiceKey.allCases.map(\.rawValue))
    func aChangedKeyDoesWhatTheTableSays(key: String) throws {
        let key = try #require(ServiceKey(rawValue: key))
        let sample = try #require(Plan.samples[key])
        let (without, with) = (Plan.web(), Plan.web([key.rawValue: sample]))
        let kind: ServiceChange.Kind =
            key == .instances ? .scaled : key.effect == .nextStart ? .restarted : .changed
        for change in [try Plan.change(without, with), try Plan.change(with, without)] {
            #expect(change.kind == kind)
            #expect(change.keys.map(\.effect) == [key.effect])
            #expect(change.keys.first?.key.hasPrefix(key.rawValue) == true && change.touches(key.rawValue))
        }
        let set = try #require(try Plan.change(without, with).keys.first)
        #expect((set.old == nil) == (key != .execStart) && set.new != nil)
    }

    @Test(arguments: LogKey.allCases.filter { $0 != .sink }.map(\.rawValue))
    func aChangedKeyOfTheLogDoesWhatTheTableSays(key: String) throws {
        let key = try #require(LogKey(rawValue: key))
        var keys = ["sink": "\"file\"", "file": "\"/var/log/a\""]
        func text() -> String {
            Plan.web(["log": "{ \(keys.map { "\($0.key) = \($0.value)" }.joined(separator: ", ")) }"])
        }
        let before = text()
        keys[key.rawValue] = Plan.logSamples[key]
        let change = try Plan.change(before, text())
        #expect(change.kind == (key == .stderr ? .restarted : .changed))
        #expect(change.keys.map(\.key) == ["log.\(key.rawValue)"] && change.keys.map(\.effect) == [key.effect])
        #expect(change.touches("log") && !change.touches("lo"))
    }

    @Test func aSinkWithoutAPipeIsForTheNextProcess() throws {
        func kind(_ old: String?, _ new: String?) throws -> ServiceChange.Kind {
            func text(_ sink: String?) -> String { Plan.web(sink.map { ["log": "{ sink = \($0) }"] } ?? [:]) }
            return try Plan.change(text(old), text(new)).kind
        }
        #expect(try kind(nil, "\"stderr\"") == .changed)
        #expect(try kind("\"journal\"", "\"pool\"") == .changed)
        #expect(try kind("\"pool\"", "{ type = \"pool\", facility = \"local0\" }") == .changed)
        for sink in ["\"inherit\"", "\"journal-direct\"", "\"none\""] {
            #expect(try kind(nil, sink) == .restarted && kind(sink, "\"pool\"") == .restarted)
        }
        #expect(try kind("\"none\"", "\"inherit\"") == .restarted)
    }

    @Test func everyKeyOfTheSupervisorDoesWhatTheTableSays() throws {
        let samples: [SupervisorKey: String] = [
            .socket: "\"none\"", .connections: "100", .controlGroups: "\"off\"", .exitWhen: "\"any-failed\"",
            .startParallelism: "3",
            .drain: "{ timeout = 100 }", .access: "{ operate = [\"@adm\"] }",
            .hooks: "[{ run = \"leave-pool\", at = \"after-services\", weight = 0.5 }]",
        ]
        for key in SupervisorKey.allCases {
            let sample = try #require(samples[key], "\(key)")
            let plan = try Plan.from("", to: "[supervisor]\n\(key.rawValue) = \(sample)\n")
            #expect(plan.supervisor.map(\.effect) == [key.effect] && plan.services.isEmpty && !plan.isEmpty)
            #expect((key.effect == .daemonRestart) == [.socket, .controlGroups].contains(key))
        }
        for key in DrainKey.allCases {
            let plan = try Plan.from("", to: "[supervisor.drain]\n\(key.rawValue) = \"4s\"\n")
            let change = KeyChange(key: "drain.\(key.rawValue)", old: nil, new: "\"4s\"", effect: key.effect)
            #expect(plan.supervisor == [change])
        }
    }
}
