import SupdHost
import SupdPlugin
import TestChance
import Testing

@testable import SupdDaemon

@Suite struct LogTextTests {
    @Test(arguments: [
        ("plain text, tab\there", "plain text, tab\there"),
        ("forged\n2026-01-01 root logged in", "forged\\x0a2026-01-01 root logged in"),
        ("\u{1B}[2J\u{7F}\0\r", "\\x1b[2J\\x7f\\x00\\x0d"),
        ("ä€😀", "ä€😀"),
        ("a\u{85}b\u{9B}31m", "a\\xc2\\x85b\\xc2\\x9b31m"),
        (
            "a\u{202E}b\u{2066}c\u{200E}\u{61C}\u{FEFF}\u{FF0C}",
            "a\\xe2\\x80\\xaeb\\xe2\\x81\\xa6c\\xe2\\x80\\x8e\\xd8\\x9c\\xef\\xbb\\xbf\u{FF0C}"
        ),
        ("a\u{2028}b\u{2029}c\u{2030}", "a\\xe2\\x80\\xa8b\\xe2\\x80\\xa9c\u{2030}"),
    ])
    func controlCharactersAreWrittenOut(text: String, safe: String) {
        var bytes: [UInt8] = []
        SafeText.append(text, to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == safe)
    }

    @Test func anyBytesBecomeWellFormedTextWithoutControlCharacters() {
        var random = SeededRandom.announced()
        for _ in 0..<2000 {
            let input = (0..<Int.random(in: 0...30, using: &random)).map { _ in
                [UInt8(0xC2), 0x80, 0xE2, 0xA8, 0xED, 0xF4, 0x90, 0x41, 0x1B].randomElement(using: &random)
                    ?? UInt8.random(in: 0...255, using: &random)
            }
            var safe: [UInt8] = []
            input.withUnsafeBytes { SafeText.append($0, to: &safe) }
            #expect(String(validating: safe, as: UTF8.self) != nil, "\(input)")
            #expect(
                String(decoding: safe, as: UTF8.self).unicodeScalars.allSatisfy {
                    $0.properties.generalCategory != .control || $0 == "\t"
                }, "\(input)")
        }
    }

    @Test func invalidSequencesBecomeReplacementCharacters() {
        let cases: [([UInt8], String)] = [
            ([0x61, 0xFF, 0x62], "a\u{FFFD}b"),
            ([0xE2, 0x82], "\u{FFFD}\u{FFFD}"),
            ([0xC0, 0x80], "\u{FFFD}\u{FFFD}"),
            ([0xED, 0xA0, 0x80], "\u{FFFD}\u{FFFD}\u{FFFD}"),
            ([0xF4, 0x90, 0x80, 0x80], "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}"),
        ]
        for (input, text) in cases {
            var safe: [UInt8] = []
            input.withUnsafeBytes { SafeText.append($0, to: &safe) }
            #expect(String(decoding: safe, as: UTF8.self) == text)
        }
    }

    @Test(arguments: [("<3>bad", SyslogLevel.error), ("<0>", .emergency), ("<7>x", .debug)])
    func aLevelIsOneDigit(line: String, level: SyslogLevel) {
        #expect(Array(line.utf8).withUnsafeBytes { LevelPrefix.level(of: $0) } == level)
        #expect(Array("<8>\n<\n\(line)".utf8).withUnsafeBytes { LevelPrefix.isIn($0) })
    }

    @Test func theNumbersOfLevelsAreTheirPlaces() {
        #expect(SyslogLevel.allCases.map(\.number) == Array(0...7))
    }

    @Test(arguments: ["<8>x", "<a>x", "<3", "<30>x", "x<3>", "<>", "", "<3 >"])
    func anythingElseIsPartOfTheLine(line: String) {
        #expect(Array(line.utf8).withUnsafeBytes { LevelPrefix.level(of: $0) } == nil)
        #expect(!Array("x \(line)\n \(line)".utf8).withUnsafeBytes { LevelPrefix.isIn($0) })
    }
}
