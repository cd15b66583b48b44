import SupdJSON
import Testing

@Suite struct LimitTests {
    private func nested(_ depth: Int) -> String {
        String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }

    @Test func aTextOfTheLimitIsReadAndOneByteMoreIsNot() throws {
        let limits = JSONLimits(maximumBytes: 6, maximumDepth: 4)
        #expect(try JSONValue(parsing: "[1, 2]", limits: limits) == [1, 2])
        #expect(throws: JSONParseError(offset: 6, reason: .tooLong(limit: 6))) {
            try JSONValue(parsing: "[1, 2] ", limits: limits)
        }
    }

    @Test func theDepthOfTheLimitIsReadAndOneMoreIsNot() throws {
        let limits = JSONLimits(maximumBytes: 1 << 20, maximumDepth: 16)
        _ = try JSONValue(parsing: nested(16), limits: limits)
        #expect(throws: JSONParseError(offset: 16, reason: .tooDeep(limit: 16))) {
            try JSONValue(parsing: nested(17), limits: limits)
        }
        #expect(throws: JSONParseError(offset: 5 * 16, reason: .tooDeep(limit: 16))) {
            try JSONValue(parsing: String(repeating: #"{"a":"#, count: 17), limits: limits)
        }
    }

    @Test func siblingsDoNotCountAsDepth() throws {
        let limits = JSONLimits(maximumBytes: 1 << 20, maximumDepth: 2)
        let value = try JSONValue(parsing: "[[],[],{},{}]", limits: limits)
        #expect(value.arrayValue?.count == 4)
    }

    @Test func noDepthThatIsAskedForExceedsTheGreatest() {
        let limits = JSONLimits(maximumBytes: 1 << 20, maximumDepth: .max)
        #expect(limits.maximumDepth == JSONLimits.greatestDepth)
        #expect(throws: JSONParseError(offset: 512, reason: .tooDeep(limit: 512))) {
            try JSONValue(parsing: String(repeating: "[", count: 100_000), limits: limits)
        }
        #expect(JSONLimits(maximumBytes: 1, maximumDepth: -1).maximumDepth == 0)
    }

    @Test func elementsAndMembersOfTheWholeTextAreCounted() throws {
        let limits = JSONLimits(maximumBytes: 1 << 20, maximumDepth: 16, maximumMembers: 4)
        _ = try JSONValue(parsing: #"[1,{"a":[2]}]"#, limits: limits)
        #expect(throws: JSONParseError(offset: 11, reason: .tooManyMembers(limit: 4))) {
            try JSONValue(parsing: #"[1,{"a":[2,3]}]"#, limits: limits)
        }
    }

    @Test func aKeyGivenTwiceIsRefusedAtItsSecondPlace() {
        let limits = JSONLimits(maximumBytes: 1 << 20, maximumDepth: 16, duplicateKeys: .refuse)
        #expect(throws: JSONParseError(offset: 7, reason: .duplicateKey("a"))) {
            try JSONValue(parsing: #"{"a":1,"\u0061":2}"#, limits: limits)
        }
    }

    @Test func aKeyGivenTwiceKeepsItsPlaceAndTakesTheLastValue() throws {
        let value = try JSONValue(parsing: #"{"a":1,"b":2,"a":3}"#, limits: .document)
        #expect(value == ["a": 3, "b": 2])
    }

    @Test func keysThatOnlyLookTheSameAreTwo() throws {
        let limits = JSONLimits(maximumBytes: 1 << 20, maximumDepth: 16, duplicateKeys: .refuse)
        let object = try JSONValue(parsing: #"{"\u00e9":1,"e\u0301":2}"#, limits: limits).objectValue
        #expect(object?["\u{E9}"] == 1)
        #expect(object?["e\u{301}"] == 2)
    }

    @Test(arguments: [10, 16, 17, 18, 40, 100_000])
    func aDuplicateIsFoundAmongManyKeys(count: Int) throws {
        let members = (0..<count).map { "\"key \($0)\":\($0)" }
        let refuse = JSONLimits(maximumBytes: 16 << 20, maximumDepth: 1, duplicateKeys: .refuse)
        let text = "{" + members.joined(separator: ",") + "}"
        let object = try #require(try JSONValue(parsing: text, limits: refuse).objectValue)
        #expect(object.count == count)
        for index in [0, count / 2, count - 1] {
            #expect(object["key \(index)"] == .integer(Int64(index)))
            let twice = "{" + (members + ["\"key \(index)\":-1"]).joined(separator: ",") + "}"
            #expect(throws: JSONParseError(offset: text.utf8.count, reason: .duplicateKey("key \(index)"))) {
                try JSONValue(parsing: twice, limits: refuse)
            }
            let last = try #require(try JSONValue(parsing: twice, limits: .document).objectValue)
            #expect(last.count == count)
            #expect(last.members[index] == .init(key: "key \(index)", value: -1))
        }
    }

    @Test func aLongKeyIsCutInTheMessageAndForgesNoLine() {
        let limits = JSONLimits(maximumBytes: 1 << 20, maximumDepth: 16, duplicateKeys: .refuse)
        let key = "a\\n" + String(repeating: "x", count: 1000)
        do throws(JSONParseError) {
            _ = try JSONValue(parsing: "{\"\(key)\":1,\"\(key)\":2}", limits: limits)
            Issue.record("not refused")
        } catch {
            let shown = "\"a\\n" + String(repeating: "x", count: 62) + "\"…"
            #expect(error.description == "byte 1009: the key \(shown) is there twice")
        }
    }
}
