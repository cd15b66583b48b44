import Glibc

/// The byte that ends a line.
let newline = UInt8(ascii: "\n")

extension UnsafeRawBufferPointer {
    /// The bytes at `range`, as a buffer that begins at zero.
    func part(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: self[range])
    }

    /// Where the first newline at or after `start` is.
    func firstNewline(from start: Int = 0) -> Int? { first(newline, from: start) }

    /// Where the first such byte at or after `start` is.
    func first(_ byte: UInt8, from start: Int = 0) -> Int? {
        guard start < count, let base = baseAddress else { return nil }
        guard let found = memchr(base + start, Int32(byte), count - start) else { return nil }
        return UnsafeRawPointer(found) - base
    }

    /// Where the last newline before `end` and not before `start` is.
    ///
    /// Eight bytes at a time: memrchr(3) is a GNU extension that Swift's view of the C library does not have.
    func lastNewline(from start: Int = 0, before end: Int) -> Int? {
        var position = end
        while position - start >= 8 {
            let word = loadUnaligned(fromByteOffset: position - 8, as: UInt64.self) ^ 0x0A0A_0A0A_0A0A_0A0A
            // Not zero where one of the eight bytes is (Hacker's Delight, 6-1).
            if (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080 != 0 { break }
            position -= 8
        }
        while position > start {
            if self[position - 1] == newline { return position - 1 }
            position -= 1
        }
        return nil
    }

    /// Whether there is a carriage return anywhere.
    var hasCarriageReturn: Bool { first(UInt8(ascii: "\r")) != nil }

    /// How many lines these bytes are; a last one without a newline counts.
    var lineCount: Int {
        var lines = 0
        var position = 0
        while position < count {
            lines += 1
            position = (firstNewline(from: position) ?? count) + 1
        }
        return lines
    }
}
