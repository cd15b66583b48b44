/// A shell pattern as glob(7) has it: `*`, `?`, `[a-c]`, `[!a-c]`. Names have no `/` and no leading dot,
/// so none is special. An unclosed bracket stands for itself.
///
/// Matching takes time of at most pattern × text, whatever the pattern: it comes from outside.
package struct Glob: Hashable, Sendable {
    private let pattern: [UInt8]
    /// For each place, where the next `]` is; over the end where there is none.
    private let closings: [Int]

    /// The pattern `text`.
    package init(_ text: some StringProtocol) {
        let pattern = Array(text.utf8)
        var closings = [Int](repeating: pattern.count, count: pattern.count + 1)
        for place in pattern.indices.reversed() {
            closings[place] = pattern[place] == UInt8(ascii: "]") ? place : closings[place + 1]
        }
        self.pattern = pattern
        self.closings = closings
    }

    /// Whether `text` has a character that makes it a pattern.
    package static func isPattern(_ text: String) -> Bool {
        text.utf8.contains { $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "[") }
    }

    /// Whether the whole of `text` fits.
    package func matches(_ text: some StringProtocol) -> Bool {
        if let matched = text.utf8.withContiguousStorageIfAvailable({ matches($0) }) { return matched }
        return Array(text.utf8).withUnsafeBufferPointer { matches($0) }
    }

    /// The same for bytes that need be no text.
    package func matches(_ text: ArraySlice<UInt8>) -> Bool { text.withUnsafeBufferPointer { matches($0) } }

    /// Of several stars only the last need be tried again: what an earlier one could take, the later one can.
    private func matches(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        var position = 0
        var index = 0
        var star: (position: Int, index: Int)?
        while index < text.count {
            if position < pattern.count, pattern[position] == UInt8(ascii: "*") {
                position += 1
                star = (position, index)
                continue
            }
            if let next = step(position, text[index]) {
                position = next
                index += 1
                continue
            }
            guard let last = star else { return false }
            position = last.position
            index = last.index + 1
            star = (position, index)
        }
        while position < pattern.count, pattern[position] == UInt8(ascii: "*") { position += 1 }
        return position == pattern.count
    }

    /// The position after the element at `position` where that takes `byte`.
    private func step(_ position: Int, _ byte: UInt8) -> Int? {
        guard position < pattern.count else { return nil }
        switch pattern[position] {
        case UInt8(ascii: "?"):
            return position + 1
        case UInt8(ascii: "["):
            guard let end = bracketEnd(position) else { return byte == UInt8(ascii: "[") ? position + 1 : nil }
            return bracket(from: position + 1, to: end, takes: byte) ? end + 1 : nil
        case let literal:
            return literal == byte ? position + 1 : nil
        }
    }

    /// Where the bracket that opens at `start` closes; a `]` that comes first is one of its members.
    private func bracketEnd(_ start: Int) -> Int? {
        var index = start + 1
        if index < pattern.count, isNegation(pattern[index]) { index += 1 }
        index += 1
        guard index < pattern.count, closings[index] < pattern.count else { return nil }
        return closings[index]
    }

    private func bracket(from start: Int, to end: Int, takes byte: UInt8) -> Bool {
        var index = start
        let negated = isNegation(pattern[index])
        if negated { index += 1 }
        var found = false
        while index < end {
            let low = pattern[index]
            if index + 2 < end, pattern[index + 1] == UInt8(ascii: "-") {
                let high = pattern[index + 2]
                found = found || (low <= byte && byte <= high)
                index += 3
            } else {
                found = found || low == byte
                index += 1
            }
        }
        return found != negated
    }

    private func isNegation(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "!") || byte == UInt8(ascii: "^")
    }
}
