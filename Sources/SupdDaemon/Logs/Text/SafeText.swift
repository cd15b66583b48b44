import SupdPlugin

/// Makes any bytes fit to stand in one line of a text log, so that nobody can forge a line or drive a terminal.
///
/// Control characters and the others of `isUnsafeInALine`, but for the tab, become `\xNN`, one for each byte; bytes that
/// are not UTF-8 become U+FFFD; everything else stands as it is.
enum SafeText {
    /// Appends `text` made safe.
    static func append(_ text: UnsafeRawBufferPointer, to bytes: inout [UInt8]) {
        var position = 0
        var clean = 0
        while position < text.count {
            if text.count - position >= 8,
                isPrintable(text.loadUnaligned(fromByteOffset: position, as: UInt64.self))
            {
                position += 8
                continue
            }
            let byte = text[position]
            if byte >= 0x20 && byte < 0x7F || byte == 0x09 {
                position += 1
                continue
            }
            bytes.append(contentsOf: text[clean..<position])
            position += appendUnusual(text, at: position, to: &bytes)
            clean = position
        }
        bytes.append(contentsOf: text[clean...])
    }

    /// Appends `text` made safe.
    static func append(_ text: String, to bytes: inout [UInt8]) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0), to: &bytes) }
    }

    /// Whether each of eight bytes is from 0x20 to 0x7E: none has its high bit set, and none gets it by having 0x20 taken away
    /// or one added. (A borrow or a carry begins at a byte that fails by itself.)
    private static func isPrintable(_ bytes: UInt64) -> Bool {
        let below = bytes &- 0x2020_2020_2020_2020
        let above = bytes &+ 0x0101_0101_0101_0101
        return (bytes | below | above) & 0x8080_8080_8080_8080 == 0
    }

    /// Appends what stands for the control character or UTF-8 sequence at `position`; returns its length.
    private static func appendUnusual(
        _ text: UnsafeRawBufferPointer, at position: Int, to bytes: inout [UInt8]
    ) -> Int {
        if text[position] < 0x80 {
            appendHex(text[position], to: &bytes)
            return 1
        }
        guard let length = sequenceLength(text, at: position) else {
            bytes.append(contentsOf: [0xEF, 0xBF, 0xBD])
            return 1
        }
        let sequence = text.part(position..<position + length)
        if scalar(sequence).isUnsafeInALine {
            for byte in sequence { appendHex(byte, to: &bytes) }
        } else {
            bytes.append(contentsOf: sequence)
        }
        return length
    }

    /// The length of the well-formed sequence of two to four bytes at `position` (Unicode 15, table 3-7); nil where there
    /// is none.
    private static func sequenceLength(_ text: UnsafeRawBufferPointer, at position: Int) -> Int? {
        let lead = text[position]
        let length: Int
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch lead {
        case 0xC2...0xDF: length = 2
        case 0xE0...0xEF:
            length = 3
            if lead == 0xE0 { second = 0xA0...0xBF }
            if lead == 0xED { second = 0x80...0x9F }
        case 0xF0...0xF4:
            length = 4
            if lead == 0xF0 { second = 0x90...0xBF }
            if lead == 0xF4 { second = 0x80...0x8F }
        default: return nil
        }
        guard position + length <= text.count, second.contains(text[position + 1]) else { return nil }
        for index in position + 2..<position + length where text[index] & 0xC0 != 0x80 { return nil }
        return length
    }

    /// What a well-formed sequence of two to four bytes stands for.
    private static func scalar(_ sequence: UnsafeRawBufferPointer) -> Unicode.Scalar {
        let lead = UInt32(sequence[0]) & (0xFF >> (UInt32(sequence.count) + 1))
        let value = sequence.dropFirst().reduce(lead) { $0 << 6 | UInt32($1 & 0x3F) }
        return Unicode.Scalar(value) ?? "\u{FFFD}"
    }

    private static func appendHex(_ byte: UInt8, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(UInt8(ascii: "x"))
        bytes.append(digit(byte >> 4))
        bytes.append(digit(byte & 15))
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}
