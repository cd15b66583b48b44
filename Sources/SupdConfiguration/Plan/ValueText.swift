import SupdPlugin
import SupdTOML

/// Spells values of TOML: one way for each, whatever way it was written in.
struct ValueText {
    /// What was spelled so far.
    private(set) var bytes: [UInt8] = []

    /// Nothing yet, with room for so many bytes.
    init(reservingCapacity capacity: Int = 0) { bytes.reserveCapacity(capacity) }

    /// Adds text as it is.
    mutating func add(_ text: String) {
        var text = text
        text.withUTF8 { bytes.append(contentsOf: $0) }
    }

    /// Adds some characters of the language's own.
    mutating func add(known text: StaticString) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    /// Adds text as it is where each of its bytes is so. Whether it was.
    private mutating func add(_ text: String, whereEach isPlain: (UInt8) -> Bool) -> Bool {
        var text = text
        return text.withUTF8 { text in
            guard text.allSatisfy(isPlain) else { return false }
            bytes.append(contentsOf: text)
            return true
        }
    }

    /// Whether what was added behind the first `count` bytes is `text`.
    func hasAdded(_ text: String, behind count: Int) -> Bool {
        bytes.count - count == text.utf8.count && bytes[count...].elementsEqual(text.utf8)
    }

    /// Takes away what is behind the first `count` bytes.
    mutating func cut(to count: Int) { bytes.removeLast(max(bytes.count - count, 0)) }

    /// Adds a key, in quotation marks where TOML wants them.
    mutating func addKey(_ key: String) {
        if key.isEmpty || !add(key, whereEach: { VariableName.isPart($0) || $0 == UInt8(ascii: "-") }) {
            addString(key)
        }
    }

    /// Adds a value.
    mutating func add(_ value: TOMLValue, as spelling: ValueSpelling) {
        guard spelling.isList else { return add(value, as: spelling.item) }
        if case .array(let items) = value {
            addList(items.lazy.map(\.value), as: spelling.item)
        } else {
            addList(CollectionOfOne(value), as: spelling.item)
        }
    }

    private mutating func addList(_ values: some Sequence<TOMLValue>, as item: ValueSpelling.Item) {
        add(known: "[")
        for (index, value) in values.enumerated() {
            if index > 0 { add(known: ", ") }
            add(value, as: item)
        }
        add(known: "]")
    }

    private mutating func add(_ value: TOMLValue, as item: ValueSpelling.Item) {
        switch (item, value) {
        case (.hidden, _): addHidden(value)
        case (.duration, _): addDuration(value, orNone: false)
        case (.timeLimit, _): addDuration(value, orNone: true)
        case (.signal, .string(let name)): addString(Signal(name: name)?.description ?? name)
        case (.octal, .string(let text)): addString(FileMode.mask(text).map(octal) ?? text)
        case (.octal, .integer(let mode)): addString(UInt16(exactly: mode).map(octal) ?? "\(mode)")
        case (.account, .integer(let id)): addString("\(id)")
        case (.words, .string(let text)):
            if let words = try? ShellWords.split(text) {
                addList(words.lazy.map(TOMLValue.string), as: .plain)
            } else {
                addString(text)
            }
        case (.size, _): addSize(value)
        case (.members(let spellings, let alone), .table(let table)): addTable(table, spellings, alone: alone)
        case (.members, .array(let items)): addList(items.lazy.map(\.value), as: item)
        case (.named(let key), .table(let table)):
            if table.entries.count == 1, let name = table[key] {
                add(name.value.value)
            } else {
                add(value)
            }
        case (.plain, _), (.signal, _), (.octal, _), (.account, _), (.words, _), (.named, _), (.members, _): add(value)
        }
    }

    private mutating func addHidden(_ value: TOMLValue) {
        var plain = ValueText()
        plain.add(value)
        var hash = StableHash()
        hash.add(plain.bytes)
        add("\(SettingsText.hiddenMark)\(hash.shortText)")
    }

    /// A duration as people are told it, as long as that says all of it.
    private mutating func addDuration(_ value: TOMLValue, orNone: Bool) {
        let duration: Duration? =
            switch value {
            case .string(let text): try? Duration(text: text)
            case .integer(let seconds): try? Duration(seconds: seconds)
            case .float(let seconds): try? Duration(seconds: seconds)
            default: nil
            }
        guard let duration else { return add(value) }
        if orNone, duration == .zero { return add("\"infinity\"") }
        if let same = try? Duration(text: duration.text), same == duration {
            addString(duration.text)
        } else {
            add(value)
        }
    }

    /// A size in the largest unit that it is a multiple of.
    private mutating func addSize(_ value: TOMLValue) {
        let bytes: UInt64? =
            switch value {
            case .string(let text): try? ByteSize.parse(text)
            case .integer(let number): UInt64(exactly: number)
            default: nil
            }
        guard let bytes else { return add(value) }
        let units: [(name: String, shift: UInt64)] = [("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10)]
        guard bytes > 0, let unit = units.first(where: { bytes.isMultiple(of: 1 << $0.shift) }) else {
            return add("\(bytes)")
        }
        addString("\(bytes >> unit.shift)\(unit.name)")
    }

    private func octal(_ mode: UInt16) -> String {
        let digits = String(mode, radix: 8)
        return String(repeating: "0", count: max(4 - digits.utf8.count, 0)) + digits
    }

    private mutating func add(_ value: TOMLValue) {
        switch value {
        case .string(let text): addString(text)
        case .integer(let number): add("\(number)")
        case .float(let number): add("\(number)")
        case .boolean(let isTrue): add(known: isTrue ? "true" : "false")
        case .offsetDateTime(let text), .localDateTime(let text), .localDate(let text), .localTime(let text): add(text)
        case .array(let items): addList(items.lazy.map(\.value), as: .plain)
        case .table(let table): addTable(table)
        }
    }

    private mutating func addTable(
        _ table: TOMLTable, _ spellings: [String: ValueSpelling] = [:], alone: String? = nil
    ) {
        let start = bytes.count
        var members = 0
        var loneValue: Int?
        var entries = table.entries
        if entries.count > 1 { entries.sort { $0.key.name.utf8.lexicographicallyPrecedes($1.key.name.utf8) } }
        for entry in entries {
            let name = entry.key.name
            let spelling = spellings[name]
            let member = bytes.count
            add(known: members == 0 ? "{ " : ", ")
            addKey(name)
            add(known: " = ")
            let value = bytes.count
            add(entry.value.value, as: spelling ?? ValueSpelling())
            if let standard = spelling?.standard, hasAdded(standard, behind: value) {
                cut(to: member)
                continue
            }
            members += 1
            loneValue = members == 1 && name == alone ? value : nil
        }
        if let loneValue {
            bytes.removeSubrange(start..<loneValue)
        } else {
            add(known: members == 0 ? "{}" : " }")
        }
    }

    /// A basic string of TOML, in which nothing can break a line or drive a terminal.
    mutating func addString(_ text: String) {
        add(known: "\"")
        defer { add(known: "\"") }
        guard !add(text, whereEach: Self.isPlain) else { return }
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": add(known: "\\\"")
            case "\\": add(known: "\\\\")
            case "\n": add(known: "\\n")
            case "\t": add(known: "\\t")
            case _ where scalar.isUnsafeInALine:
                let digits = String(scalar.value, radix: 16)
                add("\\u" + String(repeating: "0", count: max(4 - digits.utf8.count, 0)) + digits)
            default: bytes += scalar.utf8
            }
        }
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        (0x20..<0x7F).contains(byte) && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }
}
