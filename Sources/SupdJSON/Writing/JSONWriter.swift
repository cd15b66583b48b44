internal import Glibc

/// Appends compact JSON to a buffer that can be used again: nothing is allocated but the buffer's own growth.
///
/// Commas and colons come by themselves. No newline is ever written except by ``endLine()``, so that one line is one
/// message. The caller balances what it begins and ends, and writes a key before each value of an object.
public struct JSONWriter: Sendable {
    /// What was written, up to `count`, and behind it room for more. An array that is made longer piece by piece asks with each of them whether
    /// it may be, and takes three times as long.
    var room: [UInt8] = []
    /// How many bytes were written so far.
    package internal(set) var count = 0
    /// Whether the next key or value has another one before it.
    private var needsComma = false

    /// An empty writer with room for so many bytes.
    public init(reservingCapacity capacity: Int = 0) {
        if capacity > 0 { makeRoom(for: capacity) }
    }

    /// What was written so far: a copy.
    public var bytes: [UInt8] { Array(room[..<count]) }

    /// Gives `body` what was written so far, in its place.
    package func withBytes(_ body: (UnsafeRawBufferPointer) -> Void) {
        room.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
    }

    /// Begins an empty text again; with the buffer kept, writing as much again allocates nothing.
    public mutating func removeAll(keepingCapacity: Bool = true) {
        count = 0
        if !keepingCapacity { room = [] }
        needsComma = false
    }

    /// Takes bytes from the front that were passed on; what is begun goes on. A large buffer is given back with all that was in it.
    public mutating func removeFirst(_ taken: Int) {
        if taken >= count {
            if room.count > 4096 { room = [] }
            count = 0
        } else if taken > 0 {
            room.withUnsafeMutableBytes { room in
                guard let base = room.baseAddress else { return }
                memmove(base, base + taken, count - taken)
            }
            count -= taken
        }
    }

    /// Adds whole messages of another writer.
    public mutating func append(_ other: JSONWriter) { append(other.room[..<other.count]) }

    /// Adds what another writer has begun; what is not ended there is to be ended here.
    package mutating func append(begun other: JSONWriter) {
        separate()
        append(other)
        needsComma = other.needsComma
    }

    /// Ends a message with a newline; the next value begins a new one in the same buffer.
    public mutating func endLine() {
        append(0x0A)
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
        append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// The same of a key that is plain ASCII and has nothing to be escaped, at a fraction of the cost.
    package mutating func key(known word: StaticString) {
        let length = word.utf8CodeUnitCount
        let comma = needsComma ? 1 : 0
        append(atMost: length + 4) { piece in
            piece[0] = UInt8(ascii: ",")
            let key = piece + comma
            key[0] = UInt8(ascii: "\"")
            memcpy(key + 1, word.utf8Start, length)
            key[length + 1] = UInt8(ascii: "\"")
            key[length + 2] = UInt8(ascii: ":")
            return length + 3 + comma
        }
        needsComma = false
    }

    /// Text just as it is to stand there: the beginning of a message up to a value, or its end with the newline.
    package mutating func verbatim(_ text: StaticString) {
        append(text)
        needsComma = false
    }

    /// The same with a number between two such texts.
    package mutating func verbatim(_ before: StaticString, _ number: Int64, _ behind: StaticString) {
        let (first, last) = (before.utf8CodeUnitCount, behind.utf8CodeUnitCount)
        append(atMost: first + Self.longestInteger + last) { piece in
            memcpy(piece, before.utf8Start, first)
            let end = first + Self.write(number, to: piece + first)
            memcpy(piece + end, behind.utf8Start, last)
            return end + last
        }
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
        append(atMost: Self.longestInteger) { Self.write(value, to: $0) }
    }

    /// A whole number.
    public mutating func integer(_ value: Int) {
        integer(Int64(value))
    }

    /// A number in the fewest digits that read back as the same one; NaN and infinity, which JSON has not, as `null`.
    public mutating func number(_ value: Double) {
        guard value.isFinite else { return null() }
        separate()
        append(value.description.utf8)
    }

    /// `true` or `false`.
    public mutating func bool(_ value: Bool) {
        separate()
        append(value ? "true" : "false")
    }

    /// `null`.
    public mutating func null() {
        separate()
        append("null")
    }

    /// A value that is JSON already. It is not checked, but newlines, which valid JSON has only as white space, become
    /// blanks.
    public mutating func raw(_ json: some Sequence<UInt8>) {
        separate()
        for byte in json { append(byte == 0x0A || byte == 0x0D ? 0x20 : byte) }
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
        bytes.withUnsafeBytes { append($0) }
    }

    private mutating func separate() {
        if needsComma { append(UInt8(ascii: ",")) }
        needsComma = true
    }

    private mutating func begin(_ bracket: UInt8) {
        separate()
        append(bracket)
        needsComma = false
    }

    private mutating func end(_ bracket: UInt8) {
        append(bracket)
        needsComma = true
    }
}
