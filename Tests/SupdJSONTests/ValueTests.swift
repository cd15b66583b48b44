import SupdJSON
import Testing

@Suite struct ValueTests {
    @Test func anAccessorAnswersOnlyForItsKind() {
        let values: [JSONValue] = [nil, true, 7, 7.5, "x", [1], ["a": 1]]
        #expect(values.map(\.isNull) == [true, false, false, false, false, false, false])
        #expect(values.map(\.boolValue) == [nil, true, nil, nil, nil, nil, nil])
        #expect(values.map(\.integerValue) == [nil, nil, 7, nil, nil, nil, nil])
        #expect(values.map(\.numberValue) == [nil, nil, 7, 7.5, nil, nil, nil])
        #expect(values.map(\.stringValue) == [nil, nil, nil, nil, "x", nil, nil])
        #expect(values.map(\.arrayValue) == [nil, nil, nil, nil, nil, [1], nil])
        #expect(values.map { $0.objectValue?.count } == [nil, nil, nil, nil, nil, nil, 1])
        #expect(
            values.map(\.kindName) == [
                "null", "a boolean", "a number", "a number", "a string", "an array", "an object",
            ])
    }

    @Test func aWholeNumberIsAnIntegerHoweverItIsWritten() {
        #expect(JSONValue.number(30).integerValue == 30)
        #expect(JSONValue.number(-9_007_199_254_740_991).integerValue == -9_007_199_254_740_991)
        #expect(JSONValue.number(.nan).integerValue == nil)
        #expect(JSONValue.number(.infinity).integerValue == nil)
    }

    /// 2^53 is what 2^53 + 1 is read as, too, where it is written with a fraction.
    @Test func aDoubleIsNoIntegerThatItCannotTellFromAnother() throws {
        for text in [
            "9007199254740993.0", "9007199254740992.0", "-9007199254740992.0", "1e18", "-9223372036854775808.0",
        ] {
            #expect(try JSONValue(parsing: text, limits: .document).integerValue == nil, "\(text)")
        }
        #expect(try JSONValue(parsing: "9007199254740993", limits: .document).integerValue == 9_007_199_254_740_993)
    }

    @Test func aMemberIsReplacedInPlaceAppendedOrRemoved() {
        var object = JSONObject()
        #expect(object.isEmpty)
        object["a"] = 1
        object["b"] = 2
        object["a"] = 3
        object["absent"] = nil
        #expect(object.members == [.init(key: "a", value: 3), .init(key: "b", value: 2)])
        object["a"] = nil as JSONValue?
        #expect(object.members == [.init(key: "b", value: 2)])
    }
}
