import Foundation

/// A folder of files that say what has to be printed, whole, to be read where it changes.
///
/// With SUPD_UPDATE_GOLDEN=1 in the environment they are written anew, to be looked at before they are committed.
package struct GoldenFiles {
    private let folder: URL

    /// The folder `Golden` beside a test's own file.
    package init(beside file: String = #filePath) {
        folder = URL(fileURLWithPath: file).deletingLastPathComponent().appendingPathComponent("Golden")
    }

    /// The names that end with `ending`, without it, in their order.
    package func names(_ ending: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasSuffix(ending) }.map { String($0.dropLast(ending.count)) }.sorted()
    }

    /// What the file of that name has.
    package func text(_ name: String) throws -> String {
        try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
    }

    /// Where `text` is not what the file of that name has: the first line that is another one, and what to do. Nil where it is the same.
    package func difference(_ name: String, _ text: String) throws -> String? {
        let file = folder.appendingPathComponent(name)
        if ProcessInfo.processInfo.environment["SUPD_UPDATE_GOLDEN"] == "1" {
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        let golden = (try? self.text(name)) ?? ""
        guard text != golden else { return nil }
        let (lines, expected) = (Self.lines(text), Self.lines(golden))
        let place = zip(lines, expected).prefix { $0 == $1 }.count
        let found = place < lines.count ? lines[place] : "its end"
        let wanted = place < expected.count ? expected[place] : "its end"
        return """
            \(file.path):\(place + 1)
            expected: \(wanted)
            found:    \(found)
            If that is meant: SUPD_UPDATE_GOLDEN=1 swift test --filter Golden, and read the difference.
            """
    }

    private static func lines(_ text: String) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }
}
