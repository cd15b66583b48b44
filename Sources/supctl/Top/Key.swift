/// A key of a terminal.
enum Key: Equatable {
    case up, down, pageUp, pageDown, enter, escape, backspace
    case character(Character)

    /// The keys that bytes of a terminal are, as xterm and its kin send them; what is unknown is passed over. A lone escape is that key:
    /// what a terminal sends for another comes at once.
    static func all(in bytes: some Sequence<UInt8>) -> [Key] {
        var keys: [Key] = []
        var text = Substring(String(decoding: Array(bytes), as: UTF8.self))
        while let first = text.first {
            if let (sequence, key) = sequences.first(where: { text.unicodeScalars.starts(with: $0.0.unicodeScalars) }) {
                text.unicodeScalars.removeFirst(sequence.unicodeScalars.count)
                keys.append(key)
            } else if first == "\u{1B}" {
                keys += text.count == 1 ? [.escape] : []
                text = skipped(text)
            } else {
                text.removeFirst()
                switch first {
                case "\r", "\n", "\r\n": keys.append(.enter)
                case "\u{7F}", "\u{8}": keys.append(.backspace)
                case let other where other.unicodeScalars.allSatisfy { $0.value >= 0x20 }:
                    keys.append(.character(other))
                default: break
                }
            }
        }
        return keys
    }

    private static let sequences: [(String, Key)] = [
        ("\u{1B}[A", .up), ("\u{1B}OA", .up), ("\u{1B}[B", .down), ("\u{1B}OB", .down), ("\u{1B}[5~", .pageUp),
        ("\u{1B}[6~", .pageDown),
    ]

    /// Behind an escape sequence that means nothing here: it ends with its first letter or `~`.
    private static func skipped(_ text: Substring) -> Substring {
        let rest = text.dropFirst()
        guard let first = rest.first, first == "[" || first == "O" else { return rest.dropFirst() }
        let behind = rest.dropFirst()
        guard let end = behind.firstIndex(where: { $0.isLetter || $0 == "~" }) else { return "" }
        return behind[behind.index(after: end)...]
    }
}
