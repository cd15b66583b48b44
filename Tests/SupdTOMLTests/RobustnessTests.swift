import SupdTOML
import TestChance
import Testing

@Suite struct RobustnessTests {
    private let sample = #"""
        include = ["services.d/*.toml"] # é
        [supervisor.drain]
        timeout = "60s"
        "quoted \u00e9\n" = 0x1F
        [service.web]
        exec_start = [
          "/usr/bin/web", 'C:\x', # comment
          "--port", "8080",
        ]
        backoff = { policy = "exponential", factor = 2.0e+1, jitter.kind = true }
        text = """
          one \
          two "" é"""
        raw = '''
        x'''
        at = 1979-05-27 07:32:00.5-07:00
        on = [1979-05-27, 07:32:00, -inf, 1_000]
        [[probe]]
        [[probe]]
        kind.a.b = "tcp"

        """#

    private func check(_ bytes: [UInt8]) {
        let (table, errors) = TOML.parseAll(bytes)
        let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
        for error in errors {
            guard lines.indices.contains(error.position.line - 1) else {
                Issue.record("\(error) is behind the end of \(String(decoding: bytes, as: UTF8.self))")
                continue
            }
            #expect((1...lines[error.position.line - 1].count + 1).contains(error.position.column), "\(error)")
            #expect(error.message.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F })
        }
        #expect(errors == errors.sorted { $0.position < $1.position })
        #expect(errors.count <= TOML.maximumErrors)
        checkPlaces(table, lines: lines.count)
    }

    private func checkPlaces(_ table: TOMLTable, lines: Int) {
        for entry in table.entries {
            #expect((1...lines).contains(entry.key.position.line))
            #expect((1...lines).contains(entry.value.position.line))
            if case .table(let inner) = entry.value.value { checkPlaces(inner, lines: lines) }
        }
    }

    @Test func theSampleIsRight() {
        #expect(TOML.parseAll(sample).errors == [])
    }

    @Test func aTextCutAnywhereIsReadOrRefusedAtAPlaceInIt() {
        let bytes = Array(sample.utf8)
        for end in 0...bytes.count { check(Array(bytes[..<end])) }
        let crlf = Array(sample.replacing("\n", with: "\r\n").utf8)
        for end in 0...crlf.count { check(Array(crlf[..<end])) }
    }

    @Test func aTextChangedAnywhereIsReadOrRefusedAtAPlaceInIt() {
        var random = SeededRandom.announced()
        let telling = Array("\"'\\{}[]=,.#-+_ \t\r\n0129eExobTZ:".utf8) + [0x00, 0x7F, 0x80, 0xC3, 0xED, 0xF4, 0xFF]
        for _ in 0..<4_000 {
            var bytes = Array(sample.utf8)
            for _ in 0..<Int.random(in: 1...5, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                let end = min(place + Int.random(in: 0..<40, using: &random), bytes.count)
                switch Int.random(in: 0..<6, using: &random) {
                case 0: bytes[place] = telling[Int.random(in: 0..<telling.count, using: &random)]
                case 1: bytes.insert(telling[Int.random(in: 0..<telling.count, using: &random)], at: place)
                case 2: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
                case 3: bytes.removeSubrange(place..<end)
                case 4: bytes.insert(contentsOf: bytes[place..<end], at: place)
                default: bytes.insert(contentsOf: [UInt8](repeating: bytes[place], count: 3), at: place)
                }
                if bytes.isEmpty { bytes = [0x0A] }
            }
            check(bytes)
        }
    }

    @Test func aTextOfTellingBytesOnlyIsReadOrRefusedAtAPlaceInIt() {
        var random = SeededRandom.announced()
        let words = [
            "a", "[", "]", "{", "}", "=", ",", "\"", "'", "\"\"\"", "'''", "\\", "\n", "\r\n", ".", "#", " ", "1", "-",
        ]
        for _ in 0..<10_000 {
            let text = (0..<Int.random(in: 0..<40, using: &random)).map { _ in
                words[Int.random(in: 0..<words.count, using: &random)]
            }
            check(Array(text.joined().utf8))
        }
    }
}
