import SupdJSON
import SupdProtocol
import TestChance
import Testing

@Suite struct HostileRequestTests {
    private static let pieces = [
        "\"", "\\", "{", "}", "[", "]", ":", ",", "null", "true", "-", "1e999", "18446744073709551616", "\\ud800", "\0",
        "\u{FEFF}", "\"id\"", "\"params\"", "\"services\"", "\"timeout\"", " ",
    ].map { Array($0.utf8) }

    private static func mutated(_ line: [UInt8], _ chance: inout SeededRandom) -> [UInt8] {
        var line = line
        for _ in 0...chance.below(3) {
            let place = chance.below(max(1, line.count))
            switch chance.below(4) {
            case 0: if place < line.count { line.remove(at: place) }
            case 1: if place < line.count { line[place] = UInt8(chance.below(256)) }
            case 2: line.insert(contentsOf: pieces[chance.below(pieces.count)], at: min(place, line.count))
            default: line.removeLast(line.count - place)
            }
        }
        return line
    }

    /// Whatever a line is, it is a request or a refusal, and a refusal can be written as one line that a client reads.
    @Test(arguments: RequestEncodingTests.calls) func brokenRequestsAreAnsweredLikeAnyOther(_ call: Request.Call) throws
    {
        var writer = JSONWriter()
        Request(id: .string("a\u{1F600}"), call: call).encode(into: &writer)
        let valid = Array(writer.bytes.dropLast())
        var chance = SeededRandom(seed: 1)
        for number in 0..<2000 {
            let line = Self.mutated(valid, &chance)
            switch Request.decode(line) {
            case .success(let request):
                writer.removeAll()
                request.encode(into: &writer)
                #expect(Request.decode(writer.bytes.dropLast()).value == request, "line \(number)")
            case .failure(let rejected):
                writer.removeAll()
                Reply.write(error: rejected.error, to: rejected.id, into: &writer)
                let text = writer.bytes.dropLast()
                #expect(!text.contains { $0 < 0x20 }, "line \(number)")
                let reply = try Reply.decode(text)
                #expect(reply.id == rejected.id, "line \(number)")
                #expect(reply.outcome == .failure(rejected.error), "line \(number)")
            }
        }
    }
}
