import SupdTOML

/// What a table was told, key by key, in one spelling: `log.file = "/var/log/web"`, a line each, in the byte order of the keys.
///
/// Two of them are the same where the configuration says the same, whatever its order, comments, blanks and files, and wherever it says
/// it. What was made of the keys cannot be compared: a restart policy is a plugin's. Some 150 bytes for an ordinary
/// service; a value takes up to `longestValue` of them.
package struct SettingsText: Hashable, Sendable {
    /// The lines of keys that hardly two services say alike, each with its newline; of a table that is no service's all lines.
    package private(set) var own: [UInt8] = []
    /// The others: where many services have the same ones, these are kept once (`Configuration.compacted`).
    package var common: [UInt8] = []

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
    var entries: [Entry] { Self.entries(of: own[...]) + Self.entries(of: common[...]) }

    /// The keys of this and of another one that are not all the same, each in the order of the keys.
    func differingEntries(from other: SettingsText) -> [(own: [Entry], other: [Entry])] {
        [Self.differingEntries(own, other.own), Self.differingEntries(common, other.common)]
    }

    /// The lines at the beginning and at the end that both have are left out, which most often are all but one.
    private static func differingEntries(_ lines: [UInt8], _ others: [UInt8]) -> (own: [Entry], other: [Entry]) {
        guard lines != others else { return ([], []) }
        let newline = UInt8(ascii: "\n")
        let shorter = min(lines.count, others.count)
        var common = 0
        while common < shorter, lines[common] == others[common] { common += 1 }
        let start = lines[..<common].lastIndex(of: newline).map { $0 + 1 } ?? 0
        let (own, other) = (lines[start...], others[start...])
        var tail = 0
        while tail < min(own.count, other.count), own[own.endIndex - tail - 1] == other[other.endIndex - tail - 1] {
            tail += 1
        }
        // Behind the first newline of what is common both are at the beginning of a line.
        let skipped = own.suffix(tail).firstIndex(of: newline).map { own.endIndex - $0 - 1 } ?? 0
        return (entries(of: own.dropLast(skipped)), entries(of: other.dropLast(skipped)))
    }

    private static func entries(of lines: ArraySlice<UInt8>) -> [Entry] {
        lines.split(separator: UInt8(ascii: "\n")).map { line in
            let equals = separator(in: line)
            return Entry(
                key: line[..<equals], value: line[equals...].dropFirst(betweenKeyAndValue.utf8CodeUnitCount))
        }
    }

    /// The same in memory that was taken for it just now.
    func compacted() -> SettingsText {
        var copy = self
        copy.own = own.map { $0 }
        copy.common = common.map { $0 }
        return copy
    }

    private static let betweenKeyAndValue: StaticString = " = "

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
        /// The lines as they were added, each with its newline.
        private var lines = ValueText(reservingCapacity: 256)
        private var own: [Range<Int>] = []
        private var common: [Range<Int>] = []

        /// Adds a key of the table itself, or of the table `parent` in it. One that is set once more counts for nothing, and one
        /// that says what holds without it is not said.
        mutating func add(
            _ setting: Setting, in parent: String? = nil, as spelling: ValueSpelling, isCommon: Bool = false
        ) {
            guard !setting.isRepetition else { return }
            let line = lines.bytes.count
            if let parent {
                lines.add(parent)
                lines.add(known: ".")
            }
            lines.addKey(setting.key)
            lines.add(known: SettingsText.betweenKeyAndValue)
            let start = lines.bytes.count
            lines.add(setting.value.node.value, as: spelling)
            let isStandard = spelling.standard.map { lines.hasAdded($0, behind: start) } ?? false
            if isStandard || lines.hasAdded("[]", behind: start) {
                lines.cut(to: line)
                return
            }
            if lines.bytes.count - start > SettingsText.longestValue { shorten(from: start) }
            lines.add(known: "\n")
            let range = line..<lines.bytes.count
            if isCommon { common.append(range) } else { own.append(range) }
        }

        /// The text of what was added.
        func text() -> SettingsText {
            var text = SettingsText()
            text.own = sorted(own)
            text.common = sorted(common)
            return text
        }

        /// Lines in the byte order of their keys: a key is followed by a blank, which is lower than all that a longer one goes on with.
        private func sorted(_ ranges: [Range<Int>]) -> [UInt8] {
            let bytes = lines.bytes
            var result: [UInt8] = []
            result.reserveCapacity(ranges.reduce(0) { $0 + $1.count })
            var ranges = ranges
            if ranges.count > 1 { ranges.sort { bytes[$0].lexicographicallyPrecedes(bytes[$1]) } }
            for range in ranges { result += bytes[range] }
            return result
        }

        /// Cuts a value that begins at `start`, between two characters.
        private mutating func shorten(from start: Int) {
            var hash = StableHash()
            hash.add(lines.bytes[start...])
            var end = start + SettingsText.longestValue
            while lines.bytes[end] & 0xC0 == 0x80 { end -= 1 }
            lines.cut(to: end)
            lines.add("… \(SettingsText.hiddenMark)\(hash.text)")
        }
    }
}
