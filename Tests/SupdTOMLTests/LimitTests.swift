import SupdTOML
import Testing

@Suite struct LimitTests {
    private func messages(_ text: String) -> [String] {
        TOML.parseAll(text).errors.map(\.description)
    }

    @Test func theGreatestDepthIsReadAndOneMoreIsNot() {
        let depth = TOML.maximumDepth
        let tooDeep = "nested deeper than \(depth) levels"
        func repeated(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }
        #expect(messages("a = " + repeated("[", depth) + repeated("]", depth)) == [])
        #expect(
            messages("a = " + repeated("[", depth + 1) + repeated("]", depth + 1)) == ["1:\(depth + 5): \(tooDeep)"])
        #expect(messages("a = " + repeated("{a = ", depth) + "1" + repeated("}", depth)) == [])
        #expect(messages("a = " + repeated("{a = ", depth + 1) + "1" + repeated("}", depth + 1)).count == 1)
        #expect(messages(repeated("a.", depth) + "a = 1") == [])
        #expect(messages(repeated("a.", depth + 1) + "a = 1") == ["1:\(2 * depth + 1): \(tooDeep)"])
        #expect(messages("[" + repeated("a.", depth - 1) + "a]") == [])
        #expect(messages("[" + repeated("a.", depth) + "a]") == ["1:\(2 * depth + 2): \(tooDeep)"])
        #expect(messages("[" + repeated("a.", depth - 2) + "a]\nb.c = 1") == [])
        #expect(messages("[" + repeated("a.", depth - 2) + "a]\nb.c.d = 1") == ["2:3: \(tooDeep)"])
        #expect(messages("[[" + repeated("a.", depth - 2) + "a]]") == [])
        #expect(messages("[[" + repeated("a.", depth - 1) + "a]]") == ["1:\(2 * depth + 1): \(tooDeep)"])
    }

    @Test func depthsOfHeaderDottedKeyAndValueAddUp() {
        let half = TOML.maximumDepth / 2
        let path = String(repeating: "a.", count: half - 1) + "a"
        let fits = "[\(path)]\n" + "b." + String(repeating: "b.", count: half - 3) + "b = [{}]"
        #expect(messages(fits) == [])
        #expect(messages(fits.replacing("[{}]", with: "[{c.d = 1}]")).count == 1)
        #expect(messages(fits.replacing("[{}]", with: "[[[]]]")).count == 1)
    }

    @Test func aNestOfAHundredThousandIsRefusedAndNotFollowed() {
        for bracket in ["[", "{a=", "{a.b=[", "[{a="] {
            #expect(messages("a = " + String(repeating: bracket, count: 100_000)).count == 1)
        }
        #expect(messages("[" + String(repeating: "a.", count: 100_000) + "a]").count == 1)
    }

    @Test func aDocumentOfTheGreatestSizeIsReadAndOneByteMoreIsNot() {
        let comment = [UInt8](repeating: UInt8(ascii: "#"), count: TOML.maximumBytes)
        #expect(TOML.parseAll(comment).errors == [])
        let (table, errors) = TOML.parseAll(comment + [0x0A])
        #expect(
            errors.map(\.description) == ["1:1: \(TOML.maximumBytes + 1) bytes, expected at most \(TOML.maximumBytes)"])
        #expect(!table.isComplete)
    }

    @Test func readingStopsWithTheLastErrorThatIsTaken() {
        let lines = String(repeating: "?\n", count: 1000)
        #expect(TOML.parseAll(lines).errors.map(\.position.line) == Array(1...TOML.maximumErrors))
        let elements = "a = [" + String(repeating: "\"\\q\",", count: 1000) + "]"
        #expect(TOML.parseAll(elements).errors.count == TOML.maximumErrors)
    }

    @Test func manyKeysAndTablesAreAllFound() throws {
        let count = 20_000
        let text = (0..<count).map { "[service.s\($0)]\nx = \($0)\n" }.joined()
        guard case .table(let services) = try TOML.parse(text)["service"]?.value.value else {
            Issue.record("no table")
            return
        }
        #expect(services.entries.count == count)
        #expect(services["s19999"]?.key.position.line == 2 * count - 1)
        #expect(
            messages(text + "[service.s77]") == [
                "\(2 * count + 1):10: the table 'service.s77' is already defined at line 155"
            ])
    }
}
