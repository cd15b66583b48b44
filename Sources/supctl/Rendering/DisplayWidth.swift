import SupdProtocol

/// How text from outside is put into a cell of a terminal.
enum DisplayText {
    /// `text` in one line, control characters escaped.
    static func safe(_ text: String) -> String { QuotedText.escape(text) }

    /// How many cells `text` takes: wide East Asian characters and emoji two, combining marks none.
    static func width(of text: String) -> Int {
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.utf8.count }
        return text.unicodeScalars.reduce(0) { $0 + width(of: $1) }
    }

    /// `text` cut to `width` cells, its end replaced by `…` where it is longer.
    static func cut(_ text: String, to width: Int) -> String {
        guard self.width(of: text) > width else { return text }
        guard width > 0 else { return "" }
        var left = width - 1
        var shown = ""
        for character in text {
            let cells = character.unicodeScalars.reduce(0) { $0 + self.width(of: $1) }
            guard cells <= left else { break }
            left -= cells
            shown.append(character)
        }
        return shown + "…"
    }

    /// `text` in lines of at most `width` cells, broken at blanks, and inside a word only where that is longer than a line. Blanks
    /// that follow each other stay, but for those at a break.
    static func wrapped(_ text: String, to width: Int) -> [String] {
        let width = max(1, width)
        if text.utf8.first != UInt8(ascii: " "), self.width(of: text) <= width { return text.isEmpty ? [] : [text] }
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ", omittingEmptySubsequences: false).map(String.init) {
            let longer = line.isEmpty ? word : line + " " + word
            if self.width(of: longer) <= width {
                line = longer
                continue
            }
            if !line.isEmpty { lines.append(line) }
            line = ""
            for character in word {
                if self.width(of: line + String(character)) > width, !line.isEmpty {
                    lines.append(line)
                    line = ""
                }
                line.append(character)
            }
        }
        return line.isEmpty ? lines : lines + [line]
    }

    /// The same, but never without a line, and with the blanks that it begins with before each; those after the first are set in by
    /// `hanging` more.
    static func folded(_ text: String, to width: Int, hanging: Int = 0) -> [String] {
        guard self.width(of: text) > width else { return [text] }
        let own = min(text.prefix { $0 == " " }.count, width / 2)
        let lines = wrapped(String(text.drop { $0 == " " }), to: width - own - hanging)
        guard !lines.isEmpty else { return [""] }
        return lines.enumerated().map { number, line in
            String(repeating: " ", count: own + (number == 0 ? 0 : hanging)) + line
        }
    }

    private static func width(of scalar: Unicode.Scalar) -> Int {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: break
        }
        // What is shown as an emoji by itself is wide (Unicode Technical Standard 51); the letters of flags are so in pairs.
        if scalar.properties.isEmojiPresentation { return (0x1F1E6...0x1F1FF).contains(scalar.value) ? 1 : 2 }
        switch scalar.value {
        // The blocks that Unicode Standard Annex 11 has as wide or full-width, and of emoji those that are mostly shown so.
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF,
            0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1FAFF,
            0x20000...0x3FFFD:
            return 2
        default:
            return 1
        }
    }
}
