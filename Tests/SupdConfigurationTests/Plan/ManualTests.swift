import Foundation
import Testing

@testable import SupdConfiguration

/// The manual says of every key when a change takes effect.
@Suite struct ManualTests {
    /// The words of the manual's column, by key, in the chapter that begins with `heading` up to `end`.
    private func column(from heading: String, to end: String) throws -> [String: String] {
        let manual = try String(
            contentsOf: URL(fileURLWithPath: #filePath).deletingLastPathComponent()
                .appendingPathComponent("../../../docs/configuration.md"), encoding: .utf8)
        let chapter = try #require(
            manual.components(separatedBy: "\n\(heading)\n").dropFirst().first?.components(separatedBy: "\n\(end)\n")
                .first)
        var column: Int?
        var words: [String: String] = [:]
        for line in chapter.components(separatedBy: "\n") {
            guard line.hasPrefix("|") else {
                column = nil
                continue
            }
            let cells = line.components(separatedBy: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            if cells[1] == "key" {
                column = cells.firstIndex(of: "change")
            } else if let column, cells[1].hasPrefix("`") {
                #expect(words.updateValue(cells[column], forKey: cells[1].filter { $0 != "`" }) == nil, "\(cells[1])")
            }
        }
        return words
    }

    private func words(_ effect: KeyEffect) -> String {
        switch effect {
        case .atOnce: "at once"
        case .nextStart: "restart"
        case .daemonRestart: "restart of supd"
        }
    }

    @Test func theManualSaysWhatTheTableSays() throws {
        func expected<Key: TableKey>(_ effect: (Key) -> KeyEffect) -> [String: String] {
            Dictionary(uniqueKeysWithValues: Key.allCases.map { ($0.rawValue, words(effect($0))) })
        }
        #expect(
            try column(from: "## `[service.NAME]` and `[defaults]`", to: "### `log`") == expected(\ServiceKey.effect))
        #expect(
            try column(from: "## `[supervisor]`", to: "### `[supervisor.drain]`") == expected(\SupervisorKey.effect))
        #expect(
            try column(from: "### `[supervisor.drain]`", to: "### `[supervisor.access]`") == expected(\DrainKey.effect))
        var log = expected(\LogKey.effect)
        log["sink"] = "at once; to or from `journal-direct`, `inherit` and `none` restart"
        #expect(try column(from: "### `log`", to: "### `ready` and `health`") == log)
        #expect(
            try column(from: "## Resources", to: "## Sockets")
                == expected { (_: ResourceKey) in ServiceKey.resources.effect })
    }
}
