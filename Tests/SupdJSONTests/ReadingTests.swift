import SupdJSON
import TestChance
import Testing

@Suite struct ReadingTests {
    private func read(_ text: String) throws -> JSONValue {
        try JSONValue(parsing: text, limits: .document)
    }

    private func reason(_ text: String) -> JSONParseError.Reason? {
        failure(text)?.reason
    }

    private func failure(_ text: String) -> JSONParseError? {
        do throws(JSONParseError) {
            _ = try JSONValue(parsing: text, limits: .document)
            return nil
        } catch {
            return error
        }
    }

    @Test func aDocumentKeepsItsKindsAndItsOrder() throws {
        let value = try read(#" {"b": [1, -2.5, true, null], "a": {"c": "d"}, "": false} "#)
        #expect(value == ["b": [1, -2.5, true, nil], "a": ["c": "d"], "": false])
        #expect(value.objectValue.map { Array($0.keys) } == ["b", "a", ""])
    }

    @Test func wholeNumbersOf64BitsAreIntegers() throws {
        #expect(try read("9223372036854775807") == .integer(.max))
        #expect(try read("-9223372036854775808") == .integer(.min))
        #expect(try read("0") == .integer(0))
    }

    @Test func largerWholeNumbersAreFloatingPoint() throws {
        #expect(try read("9223372036854775808") == .number(9_223_372_036_854_775_808))
        #expect(try read("-9223372036854775809") == .number(-9_223_372_036_854_775_808))
        #expect(try read("18446744073709551616") == .number(18_446_744_073_709_551_616))
        #expect(try read("1" + String(repeating: "0", count: 300)) == .number(1e300))
    }

    @Test func minusZeroKeepsItsSign() throws {
        #expect(try read("-0").numberValue?.sign == .minus)
        #expect(try read("-0.0").numberValue?.sign == .minus)
    }

    @Test func aNumberBeyondAllIsRefusedAndOneNextToNothingIsZero() throws {
        for text in ["1e999", "-1e999", "1e99999999999999999999", "1" + String(repeating: "0", count: 400)] {
            #expect(reason(text) == .numberOutOfRange, "\(text)")
        }
        #expect(try read("1e-999") == .number(0))
        #expect(try read("0e99999999999999999999") == .number(0))
        #expect(try read("1e-99999999999999999999") == .number(0))
    }

    @Test func numbersAreRoundedAsTheStandardLibraryRounds() throws {
        var random = SeededRandom.announced()
        for _ in 0..<20_000 {
            let digits = random.next() >> UInt64.random(in: 0..<63, using: &random)
            let fraction = random.next() >> UInt64.random(in: 0..<63, using: &random)
            let text = "\(digits).\(fraction)e\(Int.random(in: -40...40, using: &random))"
            #expect(try read(text) == .number(try #require(Double(text))), "\(text)")
        }
    }

    @Test func escapesBecomeTheirCharacters() throws {
        #expect(try read(#""\"\\\/\b\f\n\r\t\u0041\u00e9\u20AC\ud83d\ude00""#) == "\"\\/\u{8}\u{C}\n\r\tAé€😀")
        #expect(try read(#""é\u0000é""#) == "é\0é")
    }

    @Test func halfASurrogatePairIsRefusedAtItsBackslash() {
        #expect(failure(#"["\ud800"]"#) == JSONParseError(offset: 2, reason: .loneSurrogate(0xD800)))
        #expect(failure(#""ab\ud800\u0041""#) == JSONParseError(offset: 3, reason: .loneSurrogate(0xD800)))
        #expect(failure(#""\udc00\ud800""#) == JSONParseError(offset: 1, reason: .loneSurrogate(0xDC00)))
        #expect(failure(#""\ud800\n""#) == JSONParseError(offset: 1, reason: .loneSurrogate(0xD800)))
    }

    @Test func whatIsNotUTF8IsRefusedAtItsFirstByte() {
        let wrong: [[UInt8]] = [
            [0x80], [0xC0, 0x80], [0xC3], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xFF],
        ]
        for sequence in wrong {
            for (head, offset) in [([UInt8(0x22), 0x61], 2), ([0x22, 0x5C, 0x6E, 0xC3, 0xA9], 5)] {
                let bytes = head + sequence + [0x22]
                #expect(throws: JSONParseError(offset: offset, reason: .invalidUTF8)) {
                    try JSONValue(parsing: bytes, limits: .document)
                }
            }
        }
    }

    @Test func anErrorNamesWhatIsThereAndWhatWasExpected() {
        let cases = [
            ("", "byte 0: the text ends, expected a value"),
            ("[1,]", "byte 3: ']', expected a value"),
            ("[1 2]", "byte 3: '2', expected ',' or ']'"),
            ("{a:1}", "byte 1: 'a', expected a key in double quotes or '}'"),
            (#"{"a":1,}"#, "byte 7: '}', expected a key in double quotes"),
            (#"{"a" 1}"#, "byte 5: '1', expected ':'"),
            (#"{"a":1 "b""#, "byte 7: '\"', expected ',' or '}'"),
            ("tru", "byte 3: the text ends, expected true, false or null"),
            ("nUll", "byte 1: 'U', expected true, false or null"),
            ("1 1", "byte 2: '1', expected the end of the text"),
            ("01", "byte 1: '1', expected no digit after a zero at the beginning of a number"),
            ("1.", "byte 2: the text ends, expected a digit"),
            ("-", "byte 1: the text ends, expected a digit"),
            ("\"a\nb\"", "byte 2: byte 0x0A in a string, must be written as an escape"),
            (#""\x""#, "byte 2: 'x', expected one of \"\\/bfnrtu after a backslash"),
            (#""\u00G0""#, "byte 5: 'G', expected a hexadecimal digit"),
            (#""abc"#, "byte 4: the text ends, expected the closing '\"' of a string"),
            (#""\udead""#, "byte 1: half of a surrogate pair, \\uDEAD"),
            ("1e400", "byte 0: a number out of range"),
            ("\u{FEFF}1", "byte 0: byte 0xEF, expected a value"),
        ]
        for (text, message) in cases { #expect(failure(text)?.description == message) }
    }

    @Test func aSliceAndAPlainCollectionReadAsAnArrayDoes() throws {
        let bytes = Array("xx[1,2]".utf8)
        #expect(try JSONValue(parsing: bytes[2...], limits: .document) == [1, 2])
        #expect(try JSONValue(parsing: bytes[2...].lazy.map { $0 }, limits: .document) == [1, 2])
    }
}
