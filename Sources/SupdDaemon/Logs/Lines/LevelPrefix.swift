import SupdPlugin

/// The level that a line begins with: `<N>`, one digit 0 to 7 (sd-daemon(3), SyslogLevelPrefix= of systemd.exec(5)). Anything else
/// is part of the line.
enum LevelPrefix {
    /// How many bytes it is.
    static let length = 3
    private static let opening = UInt8(ascii: "<")

    /// The level that `line` begins with; nil where it begins with none.
    static func level(of line: UnsafeRawBufferPointer) -> SyslogLevel? {
        guard line.count >= length, line[0] == opening, line[2] == UInt8(ascii: ">") else { return nil }
        return switch line[1] {
        case UInt8(ascii: "0"): .emergency
        case UInt8(ascii: "1"): .alert
        case UInt8(ascii: "2"): .critical
        case UInt8(ascii: "3"): .error
        case UInt8(ascii: "4"): .warning
        case UInt8(ascii: "5"): .notice
        case UInt8(ascii: "6"): .info
        case UInt8(ascii: "7"): .debug
        default: nil
        }
    }

    /// Whether any of `lines` begins with one.
    static func isIn(_ lines: UnsafeRawBufferPointer) -> Bool {
        var position = 0
        while let found = lines.first(opening, from: position) {
            let beginsLine = found == 0 || lines[found - 1] == newline
            if beginsLine, level(of: lines.part(found..<lines.count)) != nil { return true }
            position = found + 1
        }
        return false
    }
}

extension SyslogLevel {
    /// The number as the journal's field PRIORITY wants it.
    var digit: String { String(number) }

    /// What a text says before a line of this level; nothing for what any line is.
    var mark: String { self == .info ? "" : rawValue + ": " }
}
