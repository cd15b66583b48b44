import Manuals
import Testing

@testable import SupdConfiguration

/// docs/configuration.md has in its tables each key that is taken and no other, and says of each when a change takes effect.
@Suite struct ManualTests {
    /// The keys of each chapter's tables; of a service they are spread over several chapters.
    private static let keys: [(chapters: [String], keys: [String])] = [
        (["Top level"], names(RootKey.self)),
        (["[supervisor]"], names(SupervisorKey.self)),
        (["[supervisor.drain]"], names(DrainKey.self)),
        (["[supervisor.access]"], names(AccessKey.self)),
        (["Hooks"], names(HookKey.self)),
        (ofService, names(ServiceKey.self)),
        (["log"], names(LogKey.self)),
        (["ready and health"], names(ProbeKey.self)),
        (["More commands"], names(CommandKey.self)),
        (["Resources"], names(ResourceKey.self)),
        (["Sockets"], names(SocketKey.self)),
    ]
    private static let ofService = [
        "What it is", "What it needs", "What it runs with", "When it ends", "How it is stopped",
        "What it says of itself",
    ]

    private static func names<Key: CaseIterable & RawRepresentable<String>>(_: Key.Type) -> [String] {
        Key.allCases.map(\.rawValue)
    }

    private let chapters: [Manual.Chapter]

    init() throws { chapters = try Manual("docs/configuration.md").chapters }

    private func tables(_ head: String, in headings: [String]) -> [Manual.Table] {
        chapters.filter { headings.contains($0.heading) }.flatMap(\.tables).filter { $0.head[0] == head }
    }

    @Test func theTablesHaveTheKeysAndNoOther() {
        for (headings, keys) in Self.keys {
            let head = headings == ["[supervisor.access]"] ? "class" : "key"
            let shown = tables(head, in: headings).flatMap(\.rows).map { Manual.plain($0[0]) }
            #expect(shown.sorted() == keys.sorted(), "docs/configuration.md, \(headings)")
        }
        let known = Set(Self.keys.flatMap(\.chapters))
        let others = chapters.filter { chapter in chapter.tables.contains { $0.head[0] == "key" } }.map(\.heading)
        #expect(
            Set(others).subtracting(known) == [], "docs/configuration.md has tables of keys that are held to nothing")
    }

    /// What `ready` does not take has no standard value there.
    @Test func theKeysOfReadyAreThoseThatItTakes() throws {
        let table = try #require(tables("key", in: ["ready and health"]).first)
        let ofReadiness = try #require(table.column("ready")).filter { !$0.value.isEmpty }.keys
        #expect(Set(ofReadiness) == Set(ProbeKey.ofReadiness.map(\.rawValue)))
        #expect(try #require(table.column("health")).values.allSatisfy { !$0.isEmpty })
        let signals = try #require(tables("type", in: ["ready and health"]).first).rows
        let shown = signals.map { [$0[0].filter { $0 != "`" && $0 != "\"" }] + Manual.spans($0[1]) }
        #expect(shown == ReadyReader.Kind.allCases.map { [$0.rawValue] + [$0.key].compactMap(\.self) })
    }

    /// What has no table of its own stands in a sentence.
    @Test func theKeysWithoutATableAreThere() throws {
        let ofService = tables("key", in: Self.ofService).compactMap { $0.column("") }
        let step = try #require(ofService.compactMap { $0["stop_steps"] }.first)
        #expect(Manual.spans(step).sorted() == Self.names(StopStepKey.self).sorted())
        let limits = try #require(chapters.first { $0.heading == "Limits" }?.passage("`as`"))
        #expect(Manual.spans(limits).sorted() == Self.names(ResourceName.self).sorted())
        let root = try #require(chapters.compactMap { $0.passage("Its top level has") }.first)
        #expect(Manual.spans(String(root.prefix { $0 != "." })).sorted() == Self.names(RootKey.self).sorted())
    }

    // MARK: When a change takes effect

    private func changes(_ headings: [String]) -> [String: String] {
        tables("key", in: headings).compactMap { $0.column("change") }
            .reduce(into: [:]) { $0.merge($1) { "\($0) and \($1)" } }
    }

    private func words(_ effect: KeyEffect) -> String {
        switch effect {
        case .atOnce: "at once"
        case .nextStart: "restart"
        case .daemonRestart: "restart of supd"
        }
    }

    @Test func theManualSaysWhatTheTableSays() {
        func expected<Key: TableKey>(_ effect: (Key) -> KeyEffect) -> [String: String] {
            Dictionary(uniqueKeysWithValues: Key.allCases.map { ($0.rawValue, words(effect($0))) })
        }
        #expect(changes(Self.ofService) == expected(\ServiceKey.effect))
        #expect(changes(["[supervisor]"]) == expected(\SupervisorKey.effect))
        #expect(changes(["[supervisor.drain]"]) == expected(\DrainKey.effect))
        var log = expected(\LogKey.effect)
        log["sink"] = "at once; to or from `journal-direct`, `inherit` and `none` restart"
        #expect(changes(["log"]) == log)
        #expect(changes(["Resources"]) == expected { (_: ResourceKey) in ServiceKey.resources.effect })
    }
}
