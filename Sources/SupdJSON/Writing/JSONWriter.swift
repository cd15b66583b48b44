/// Appends compact JSON to a buffer that can be used again: nothing is allocated but the buffer's own growth.
///
/// Commas and colons come by themselves. No newline is ever written except by ``endLine()``, so that one line is one
/// message. The caller balances what it begins and ends, and writes a key before each value of an object.
public struct JSONWriter: Sendable {
    /// What was written so far.
    public private(set) var bytes: [UInt8] = []
    /// Whether the next key or value has another one before it.
    private var needsComma = false

    /// An empty writer with room for so many bytes.
    public init(reservingCapacity capacity: Int = 0) {
        bytes.reserveCapacity(max(0, capacity))
    }

    /// Begins an empty text again; with the buffer kept, writing as much again allocates nothing.
    public mutating func removeAll(keepingCapacity: Bool = true) {
        bytes.removeAll(keepingCapacity: keepingCapacity)
        needsComma = false
    }

    /// Takes bytes from the front that were passed on; what is begun goes on. A large buffer is given back with all that was in it.
    public mutating func removeFirst(_ count: Int) {
        if count >= bytes.count {
            bytes.removeAll(keepingCapacity: bytes.count <= 4096)
        } else {
            bytes.removeFirst(max(0, count))
        }
    }

    /// Adds whole messages of another writer.
    public mutating func append(_ other: JSONWriter) { bytes += other.bytes }

    /// Adds what another writer has begun; what is not ended there is to be ended here.
    package mutating func append(begun other: JSONWriter) {
        separate()
        bytes += other.bytes
        needsComma = other.needsComma
    }

    /// Ends a message with a newline; the next value begins a new one in the same buffer.
    public mutating func endLine() {
        bytes.append(0x0A)
        needsComma = false
    }

    /// `{`
    public mutating func beginObject() { begin(UInt8(ascii: "{")) }

    /// `}`
    public mutating func endObject() { end(UInt8(ascii: "}")) }

    /// `[`
    public mutating func beginArray() { begin(UInt8(ascii: "[")) }

    /// `]`
    public mutating func endArray() { end(UInt8(ascii: "]")) }

    /// A key of an object; its value must be written next.
    public mutating func key(_ key: String) {
        separate()
        appendQuoted(key)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// The same of a key that is plain ASCII and has nothing to be escaped, at a fraction of the cost.
    package mutating func key(known key: StaticString) {
        let count = key.utf8CodeUnitCount
        // In one piece: each growth of the buffer is asked whether it may be.
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: count + 4) { piece in
            var length = 0
            func add(_ byte: UInt8) {
                piece[length] = byte
                length += 1
            }
            if needsComma { add(UInt8(ascii: ",")) }
            add(UInt8(ascii: "\""))
            UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(piece)[length...])
                .copyMemory(from: UnsafeRawBufferPointer(start: key.utf8Start, count: count))
            length += count
            add(UInt8(ascii: "\""))
            add(UInt8(ascii: ":"))
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: piece[..<length]))
        }
        needsComma = false
    }

    /// Text just as it is to stand there: the beginning of a message up to a value, or its end with the newline.
    package mutating func verbatim(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
        needsComma = false
    }

    /// A string.
    public mutating func string(_ text: String) {
        separate()
        appendQuoted(text)
    }

    /// A whole number.
    public mutating func integer(_ value: Int64) {
        separate()
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        appendDigits(value.magnitude)
    }

    /// A whole number.
    public mutating func integer(_ value: Int) {
        integer(Int64(value))
    }

    /// A number in the fewest digits that read back as the same one; NaN and infinity, which JSON has not, as `null`.
    public mutating func number(_ value: Double) {
        guard value.isFinite else { return null() }
        separate()
        bytes.append(contentsOf: value.description.utf8)
    }

    /// `true` or `false`.
    public mutating func bool(_ value: Bool) {
        separate()
        bytes.append(contentsOf: (value ? "true" : "false").utf8)
    }

    /// `null`.
    public mutating func null() {
        separate()
        bytes.append(contentsOf: "null".utf8)
    }

    /// A value that is JSON already. It is not checked, but newlines, which valid JSON has only as white space, become
    /// blanks.
    public mutating func raw(_ json: some Sequence<UInt8>) {
        separate()
        for byte in json { bytes.append(byte == 0x0A || byte == 0x0D ? 0x20 : byte) }
    }

    /// Any value, with all that is in it.
    public mutating func value(_ value: JSONValue) {
        switch value {
        case .null: null()
        case .bool(let flag): bool(flag)
        case .integer(let value): integer(value)
        case .number(let value): number(value)
        case .string(let text): string(text)
        case .array(let elements):
            beginArray()
            for element in elements { self.value(element) }
            endArray()
        case .object(let object):
            beginObject()
            for member in object.members {
                key(member.key)
                self.value(member.value)
            }
            endObject()
        }
    }

    /// A value that a writer has written before.
    package mutating func value(written bytes: [UInt8]) {
        separate()
        self.bytes += bytes
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    private mutating func begin(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        needsComma = false
    }

    private mutating func end(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }
}

extension JSONWriter {
    private mutating func appendDigits(_ magnitude: UInt64) {
        let start = bytes.count
        var rest = magnitude
        repeat {
            bytes.append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        bytes[start...].reverse()
    }

    private mutating func appendQuoted(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        // Strings of Swift itself are contiguous; only a bridged one takes the second way.
        let isDone: Void? = text.utf8.withContiguousStorageIfAvailable { appendEscaped($0) }
        if isDone == nil { ContiguousArray(text.utf8).withUnsafeBufferPointer { appendEscaped($0) } }
        bytes.append(UInt8(ascii: "\""))
    }

    /// RFC 8259, section 7: quote, backslash and U+0000 to U+001F must be escaped, and all else may. What drives a terminal or changes
    /// what is read there (`unsafeSequence`) is, so that a text may be shown as it is.
    private mutating func appendEscaped(_ text: UnsafeBufferPointer<UInt8>) {
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
            bytes.append(contentsOf: text[clean..<position])
            position += length
            clean = position
            appendEscape(value)
        }
        bytes.append(contentsOf: text[clean...])
    }

    private mutating func appendEscape(_ value: UInt32) {
        bytes.append(UInt8(ascii: "\\"))
        switch value {
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0x22, 0x5C: bytes.append(UInt8(value))
        default:
            bytes.append(UInt8(ascii: "u"))
            for shift in stride(from: UInt32(12), through: 0, by: -4) {
                let digit = UInt8(value >> shift & 15)
                bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
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
