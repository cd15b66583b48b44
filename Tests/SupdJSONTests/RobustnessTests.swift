import SupdJSON
import TestChance
import Testing

@Suite struct RobustnessTests {
    private let sample = #"""
        {"jsonrpc":"2.0","id":17,"méthod":"service.restart","params":{"services":["web@*","\u20AC\n😀"],"wait":true,
        "timeout":30.25e+1,"nothing":null,"no":false,"deep":[[[{"a":-9223372036854775808}]]]}}
        """#

    @Test func aTextCutAnywhereIsRefused() throws {
        let bytes = Array(sample.utf8)
        _ = try JSONValue(parsing: bytes, limits: .document)
        for end in 0..<bytes.count {
            #expect(throws: JSONParseError.self, "cut at \(end)") {
                try JSONValue(parsing: bytes[..<end], limits: .document)
            }
        }
    }

    @Test func anErrorLiesInTheTextAndAValueReadsBack() throws {
        var random = SeededRandom.announced()
        let telling = Array("\"\\{}[],:-+.eE0123456789tfnu \u{7F}".utf8) + [0x00, 0x0A, 0x80, 0xC3, 0xED, 0xF4, 0xFF]
        let limits = JSONLimits(maximumBytes: 4096, maximumDepth: 16, maximumMembers: 64, duplicateKeys: .refuse)
        var taken = 0
        for _ in 0..<20_000 {
            var bytes = Array(sample.utf8)
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[place] = telling[Int.random(in: 0..<telling.count, using: &random)]
                case 1: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
                case 2: bytes.remove(at: place)
                default: bytes.insert(contentsOf: bytes[place..<min(place + 20, bytes.count)], at: place)
                }
            }
            do throws(JSONParseError) {
                let value = try JSONValue(parsing: bytes, limits: limits)
                #expect(try JSONValue(parsing: value.description, limits: .document) == value)
                taken += 1
            } catch {
                #expect((0...bytes.count).contains(error.offset))
                #expect(error.description.utf8.allSatisfy { $0 >= 0x20 })
            }
        }
        #expect(taken > 100)
    }
}
