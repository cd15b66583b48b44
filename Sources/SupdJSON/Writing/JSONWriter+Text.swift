internal import Glibc

extension JSONWriter {
    /// In bytes, that of the smallest with its sign.
    static let longestInteger = 20

    /// Writes a number to the beginning of `room`. Answers how long it is.
    static func write(_ number: Int64, to room: UnsafeMutablePointer<UInt8>) -> Int {
        var rest = number.magnitude
        var count = 0
        repeat {
            room[count] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
            count += 1
        } while rest > 0
        if number < 0 {
            room[count] = UInt8(ascii: "-")
            count += 1
        }
        // Its end comes first.
        var (low, high) = (0, count - 1)
        while low < high {
            (room[low], room[high]) = (room[high], room[low])
            (low, high) = (low + 1, high - 1)
        }
        return count
    }

    mutating func appendQuoted(_ text: String) {
        // Strings of Swift itself are contiguous; only a bridged one takes the second way.
        let isDone: Void? = text.utf8.withContiguousStorageIfAvailable { appendQuoted($0) }
        if isDone == nil { ContiguousArray(text.utf8).withUnsafeBufferPointer { appendQuoted($0) } }
    }

    /// RFC 8259, section 7: quote, backslash and U+0000 to U+001F must be escaped, and all else may. What drives a terminal or changes
    /// what is read there (`unsafeSequence`) is, so that a text may be shown as it is.
    private mutating func appendQuoted(_ text: UnsafeBufferPointer<UInt8>) {
        append(UInt8(ascii: "\""))
        var clean = 0
        var position = 0
        while position < text.count {
            let byte = text[position]
            if byte >= 0x20, byte < 0x7F, byte != 0x22, byte != 0x5C {
                position += 1
                continue
            }
            var length = 1
            var value = UInt32(byte)
            if byte >= 0x7F {
                guard let sequence = Self.unsafeSequence(text, at: position) else {
                    position += 1
                    continue
                }
                (value, length) = sequence
            }
            append(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(text)[clean..<position]))
            position += length
            clean = position
            appendEscape(value)
        }
        let rest = text.count - clean
        append(atMost: rest + 1) {
            if rest > 0 { memcpy($0, text.baseAddress! + clean, rest) }
            $0[rest] = UInt8(ascii: "\"")
            return rest + 1
        }
    }

    private mutating func appendEscape(_ value: UInt32) {
        append(UInt8(ascii: "\\"))
        switch value {
        case 0x0A: append(UInt8(ascii: "n"))
        case 0x0D: append(UInt8(ascii: "r"))
        case 0x09: append(UInt8(ascii: "t"))
        case 0x22, 0x5C: append(UInt8(value))
        default:
            append(UInt8(ascii: "u"))
            for shift in stride(from: UInt32(12), through: 0, by: -4) {
                let digit = UInt8(value >> shift & 15)
                append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            }
        }
    }

    /// DEL, a C1 control, a line or paragraph separator, a bidirectional mark or a byte order mark: what begins at `position`,
    /// and how many bytes it is. Nil for all else. None is beyond U+FFFF.
    private static func unsafeSequence(
        _ text: UnsafeBufferPointer<UInt8>, at position: Int
    ) -> (value: UInt32, length: Int)? {
        func byte(_ offset: Int) -> UInt8 { position + offset < text.count ? text[position + offset] : 0 }
        switch (byte(0), byte(1), byte(2)) {
        case (0x7F, _, _): return (0x7F, 1)
        case (0xC2, 0x80...0x9F, _): return (UInt32(byte(1)), 2)
        case (0xD8, 0x9C, _): return (0x061C, 2)
        case (0xE2, 0x80, 0x8E...0x8F), (0xE2, 0x80, 0xA8...0xAE): return (0x2000 | UInt32(byte(2) & 0x3F), 3)
        case (0xE2, 0x81, 0xA6...0xA9): return (0x2040 | UInt32(byte(2) & 0x3F), 3)
        case (0xEF, 0xBB, 0xBF): return (0xFEFF, 3)
        default: return nil
        }
    }
}
