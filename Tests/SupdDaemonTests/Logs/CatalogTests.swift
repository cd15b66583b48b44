import Foundation
import Testing

@testable import SupdDaemon

/// contrib/systemd/supd.catalog and the kinds of messages.
@Suite struct CatalogTests {
    private static let root = URL(filePath: #filePath).appending(path: "../../../..").standardized

    private struct Entry {
        var id: String
        var headers: [String]
        var text: [Substring]
    }

    private func entries() throws -> [Entry] {
        let catalog = try String(
            contentsOf: Self.root.appending(path: "contrib/systemd/supd.catalog"), encoding: .utf8)
        var entries: [Entry] = []
        for line in catalog.split(separator: "\n", omittingEmptySubsequences: false) where !line.hasPrefix("#") {
            if line.hasPrefix("-- ") {
                entries.append(Entry(id: String(line.dropFirst(3)), headers: [], text: []))
            } else if let header = line.wholeMatch(of: /(Subject|Defined-By): \S.*/) {
                entries[entries.count - 1].headers.append(String(header.1))
            } else if !line.isEmpty {
                entries[entries.count - 1].text.append(line)
            }
        }
        return entries
    }

    @Test func theCatalogHasEveryKindOnceAndNoOther() throws {
        let ids = try entries().map(\.id)
        #expect(ids.sorted() == MessageKind.allCases.map(\.rawValue).sorted())
        // As sd-id128(3) has them: journalctl passes over what it cannot read.
        for id in ids { #expect(id.wholeMatch(of: /[0-9a-f]{32}/) != nil, "\(id)") }
    }

    @Test func everyEntryHasASubjectAndSaysSomething() throws {
        for entry in try entries() {
            #expect(entry.headers == ["Subject", "Defined-By"], "\(entry.id)")
            #expect(!entry.text.isEmpty, "\(entry.id)")
            #expect(entry.text.allSatisfy { $0.utf8.count <= 100 }, "\(entry.id)")
        }
    }

    @Test func everyKindIsTold() throws {
        let folder = Self.root.appending(path: "Sources/SupdDaemon")
        let files = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
        var told: Set<String> = []
        for case let file as URL in files where file.pathExtension == "swift" {
            let text = try String(contentsOf: file, encoding: .utf8)
            for found in text.matches(of: /kind: (?:[a-z.]+ \? )?\.(\w+)(?: : \.(\w+))?|MessageKind\.(\w+)/) {
                told.formUnion([found.1, found.2, found.3].compactMap { $0.map(String.init) })
            }
        }
        #expect(MessageKind.allCases.map { "\($0)" }.filter { !told.contains($0) } == [])
    }

    @Test func anEntryHasTheIDOfItsKind() {
        let bench = LogBench(hasJournal: true)
        bench.router.daemonLog.warning("bad", kind: .givenUp)
        bench.router.daemonLog.warning("odd")
        #expect(bench.host.entries.map { $0.fields["MESSAGE_ID"] } == [MessageKind.givenUp.rawValue, nil])
    }
}
