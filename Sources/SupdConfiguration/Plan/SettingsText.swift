import SupdTOML

/// What a table was told, key by key, in one spelling: `log.file = "/var/log/web"`, a line each, in the byte order of the keys.
///
/// Two of them are the same where the configuration says the same, whatever its order, comments, blanks and files, and wherever it says
/// it. What was made of the keys cannot be compared: a restart policy is a plugin's. One buffer of some 150 bytes for an ordinary
/// service; a value takes up to `longestValue` of it.
package struct SettingsText: Hashable, Sendable {
    /// The lines, each with its newline.
    package private(set) var bytes: [UInt8] = []

    /// Bytes of a value that are kept; a longer one is cut there and goes on with a hash of all of it.
    package static let longestValue = 4096
    /// What a value begins with that is kept only as a hash, as no value of TOML does.
    static let hiddenMark = "#"

    /// That of a table that says nothing.
    package init() {}

    /// One key with its value.
    struct Entry {
        /// The path in the table: `log.file`.
        let key: ArraySlice<UInt8>
        /// The value, or its mark and hash.
        let value: ArraySlice<UInt8>
    }

    /// All keys that are set.
    var entries: [Entry] { Self.entries(of: bytes[...]) }

    /// The keys of this and of another one that are not all the same: the lines at the beginning and at the end that both have are
    /// left out, which most often are all but one.
    func differingEntries(from other: SettingsText) -> (own: [Entry], other: [Entry]) {
        let newline = UInt8(ascii: "\n")
        let shorter = min(bytes.count, other.bytes.count)
        var common = 0
        while common < shorter, bytes[common] == other.bytes[common] { common += 1 }
        let start = bytes[..<common].lastIndex(of: newline).map { $0 + 1 } ?? 0
        let (own, others) = (bytes[start...], other.bytes[start...])
        var tail = 0
        while tail < min(own.count, others.count), own[own.endIndex - tail - 1] == others[others.endIndex - tail - 1] {
            tail += 1
        }
        // Behind the first newline of what is common both are at the beginning of a line.
        let skipped = own.suffix(tail).firstIndex(of: newline).map { own.endIndex - $0 - 1 } ?? 0
        return (Self.entries(of: own.dropLast(skipped)), Self.entries(of: others.dropLast(skipped)))
    }

    private static func entries(of lines: ArraySlice<UInt8>) -> [Entry] {
        lines.split(separator: UInt8(ascii: "\n")).map { line in
            let equals = separator(in: line)
            return Entry(
                key: line[..<equals], value: line[equals...].dropFirst(betweenKeyAndValue.utf8.count))
        }
    }

    /// The same in memory that was taken for it just now.
    func compacted() -> SettingsText {
        var copy = self
        copy.bytes = bytes.map { $0 }
        return copy
    }

    private static let betweenKeyAndValue = " = "

    /// Where the key of a line ends. One in quotation marks may have blanks in it.
    private static func separator(in line: ArraySlice<UInt8>) -> Int {
        var isQuoted = false
        var isEscaped = false
        for (index, byte) in zip(line.indices, line) {
            switch byte {
            case _ where isEscaped: isEscaped = false
            case UInt8(ascii: "\\"): isEscaped = isQuoted
            case UInt8(ascii: "\""): isQuoted.toggle()
            case UInt8(ascii: " ") where !isQuoted: return index
            default: break
            }
        }
        return line.endIndex
    }
}

extension SettingsText {
    /// Puts the lines of a text together.
    struct Builder {
        private var settings: [(path: String, setting: Setting, spelling: ValueSpelling)] = []

        /// Adds a key of the table itself, or of the table `parent` in it. One that is set once more counts for nothing.
        mutating func add(_ setting: Setting, in parent: String? = nil, as spelling: ValueSpelling) {
            guard !setting.isRepetition else { return }
            var key = ValueText()
            key.addKey(setting.key)
            let name = String(decoding: key.bytes, as: UTF8.self)
            settings.append((parent.map { "\($0).\(name)" } ?? name, setting, spelling))
        }

        /// The text of what was added.
        func text() -> SettingsText {
            var result = ValueText()
            for (path, setting, spelling) in settings.sorted(by: {
                $0.path.utf8.lexicographicallyPrecedes($1.path.utf8)
            }) {
                let line = result.bytes.count
                result.add(path)
                result.add(SettingsText.betweenKeyAndValue)
                let start = result.bytes.count
                result.add(setting.value.node.value, as: spelling)
                let value = result.bytes[start...]
                if value.elementsEqual("[]".utf8) || spelling.standard.map({ value.elementsEqual($0.utf8) }) ?? false {
                    result.cut(to: line)
                    continue
                }
                if value.count > SettingsText.longestValue { shorten(&result, from: start) }
                result.add("\n")
            }
            var text = SettingsText()
            text.bytes = result.bytes
            return text
        }

        /// Cuts a value that begins at `start`, between two characters.
        private func shorten(_ text: inout ValueText, from start: Int) {
            var hash = StableHash()
            hash.add(text.bytes[start...])
            var end = start + SettingsText.longestValue
            while text.bytes[end] & 0xC0 == 0x80 { end -= 1 }
            text.cut(to: end)
            text.add("… \(SettingsText.hiddenMark)\(hash.text)")
        }
    }
}
