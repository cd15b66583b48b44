import SupdJSON
import SupdPlugin
import Testing

@Suite struct UnsafeTextTests {
    /// SupdJSON knows nothing of SupdPlugin, and has the list once more.
    @Test func whatIsUnsafeInALineIsEscapedInJSON() {
        for value in UInt32(0)...0x10FFFF {
            guard let scalar = Unicode.Scalar(value), value != 0x22, value != 0x5C else { continue }
            var writer = JSONWriter()
            writer.string(String(scalar))
            #expect(
                (writer.bytes.dropFirst().first == UInt8(ascii: "\\")) == scalar.isUnsafeInALine,
                "U+\(String(value, radix: 16))")
        }
    }
}
