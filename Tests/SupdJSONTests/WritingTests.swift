import SupdJSON
import TestChance
import Testing

@Suite struct WritingTests {
    private func written(_ write: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter()
        write(&writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test func commasAndColonsComeByThemselves() {
        let text = written { writer in
            writer.beginObject()
            writer.key("a")
            writer.integer(1)
            writer.key("b")
            writer.beginArray()
            writer.bool(true)
            writer.null()
            writer.beginObject()
            writer.endObject()
            writer.beginArray()
            writer.endArray()
            writer.string("x")
            writer.endArray()
            writer.key("c")
            writer.number(0.5)
            writer.key("d")
            writer.raw(Array("[1,\n2]".utf8))
            writer.key("e")
            writer.value(["f": [nil, false]])
            writer.endObject()
        }
        #expect(text == #"{"a":1,"b":[true,null,{},[],"x"],"c":0.5,"d":[1, 2],"e":{"f":[null,false]}}"#)
    }

    @Test func integersAreWrittenToTheirLastDigit() throws {
        let values: [Int64] = [0, 7, -1, 10, 1_234_567_890, .max, .min]
        for value in values { #expect(written { $0.integer(value) } == String(value)) }
    }

    @Test func aNumberReadsBackAsTheSameOne() throws {
        var random = SeededRandom.announced()
        let odd: [Double] = [
            0, -0.0, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 0.1, 1e21, 1e22, 123_456_789_012_345_680, 1 / 3,
        ]
        for value in odd + (0..<20_000).map({ _ in Double(bitPattern: random.next()) }) where value.isFinite {
            let text = written { $0.number(value) }
            #expect(
                try JSONValue(parsing: text, limits: .document).numberValue?.bitPattern == value.bitPattern, "\(text)")
        }
    }

    @Test func whatJSONHasNoNumberForIsNull() {
        for value in [Double.nan, .infinity, -.infinity] { #expect(written { $0.number(value) } == "null") }
    }

    @Test func whatDrivesATerminalIsEscapedWhereverItStands() throws {
        for value in UInt32(0)...0xFFFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let json = written { $0.string("a\(scalar)b") }
            #expect(try JSONValue(parsing: json, limits: .document).stringValue == "a\(scalar)b", "\(value)")
            // Those of `isUnsafeInALine`, whose test is in SupdProtocolTests.
            let isEscaped: Bool
            switch value {
            case 0..<0x20, 0x22, 0x5C, 0x7F..<0xA0, 0x061C, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF:
                isEscaped = true
            default: isEscaped = false
            }
            #expect(json.hasPrefix("\"a\\") == isEscaped, "\(value)")
        }
    }

    @Test func everyControlCharacterIsEscapedAndReadsBack() throws {
        let text = String(String.UnicodeScalarView((0...0x80).compactMap(Unicode.Scalar.init))) + "é€😀\u{2028}"
        let json = written { $0.string(text) }
        #expect(json.utf8.allSatisfy { $0 >= 0x20 })
        #expect(json.hasPrefix(#""\u0000\u0001\u0002"#))
        #expect(json.contains(#"\u0008\t\n\u000b\u000c\r\u000e\u000f\u0010"#))
        #expect(json.contains(##"\u001f !\"#"##))
        #expect(json.contains(#"[\\]"#))
        #expect(try JSONValue(parsing: json, limits: .document) == .string(text))
    }

    @Test func linesFollowEachOtherInOneBuffer() {
        let text = written { writer in
            writer.value([1])
            writer.endLine()
            writer.value([2, "a\nb"])
            writer.endLine()
        }
        #expect(text == "[1]\n[2,\"a\\nb\"]\n")
    }

    @Test func anEmptiedWriterBeginsANewTextInTheSameBuffer() {
        var writer = JSONWriter(reservingCapacity: 4096)
        writer.value([1, 2])
        let capacity = writer.bytes.capacity
        writer.removeAll()
        #expect(writer.bytes.isEmpty)
        writer.value([3])
        #expect(writer.bytes == Array("[3]".utf8))
        #expect(writer.bytes.capacity == capacity)
    }

    @Test func aTreeReadsBackAsTheSameOne() throws {
        var random = SeededRandom.announced()
        for _ in 0..<2_000 {
            let value = randomValue(depth: 5, using: &random)
            #expect(try JSONValue(parsing: value.description, limits: .document) == value)
        }
    }
}
