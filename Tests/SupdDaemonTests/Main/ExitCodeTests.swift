import Foundation
import Testing

/// supd(8) has every exit status of the daemon's, and no other.
@Suite struct ExitCodeTests {
    private func text(of file: String) throws -> String {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../..")
        return try String(contentsOf: root.appendingPathComponent(file), encoding: .utf8)
    }

    @Test func theManualHasThemAll() throws {
        let source = try text(of: "Sources/SupdDaemon/Drain/ShutdownRecord.swift")
        let codes = source.matches(of: /static let \w+: Int32 = (\d+)/).map { String($0.1) }
        #expect(codes.count > 7)
        let chapter = try #require(try text(of: "docs/supd.md").firstMatch(of: /\n## Exit status\n([^#]+)/))
        let cells = chapter.1.matches(of: /\n\| ([\d, ]+) \|/).flatMap { $0.1.components(separatedBy: ", ") }
        // 1 is one of those that stand for a service, 126 and 127 are a shell's.
        #expect(Set(cells) == Set(codes).subtracting(["1"]).union(["126", "127"]))
        #expect(cells.count == Set(cells).count)
    }
}
