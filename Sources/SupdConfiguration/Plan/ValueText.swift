import SupdPlugin
import SupdTOML

/// Spells values of TOML: one way for each, whatever way it was written in.
struct ValueText {
    /// What was spelled so far.
    private(set) var bytes: [UInt8] = []

    /// Adds text as it is.
    mutating func add(_ text: String) {
        var text = text
        text.withUTF8 { bytes.append(contentsOf: $0) }
    }

    /// Takes away what is behind the first `count` bytes.
    mutating func cut(to count: Int) { bytes.removeLast(max(bytes.count - count, 0)) }

    /// Adds a key, in quotation marks where TOML wants them.
    mutating func addKey(_ key: String) {
        if !key.isEmpty, key.utf8.allSatisfy({ VariableName.isPart($0) || $0 == UInt8(ascii: "-") }) {
            add(key)
        } else {
            addString(key)
        }
    }

    /// Adds a value.
    mutating func add(_ value: TOMLValue, as spelling: ValueSpelling) {
        guard spelling.isList else { return add(value, as: spelling.item) }
        if case .array(let items) = value {
            addList(items.map(\.value), as: spelling.item)
        } else {
            addList([value], as: spelling.item)
        }
    }

    private mutating func addList(_ values: [TOMLValue], as item: ValueSpelling.Item) {
        add("[")
        for (index, value) in values.enumerated() {
            if index > 0 { add(", ") }
            add(value, as: item)
        }
        add("]")
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
                addList(words.map(TOMLValue.string), as: .plain)
            } else {
                addString(text)
            }
        case (.size, _): addSize(value)
        case (.members(let spellings, let alone), .table(let table)): addTable(table, spellings, alone: alone)
        case (.members, .array(let items)): addList(items.map(\.value), as: item)
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
        case .boolean(let isTrue): add(isTrue ? "true" : "false")
        case .offsetDateTime(let text), .localDateTime(let text), .localDate(let text), .localTime(let text): add(text)
        case .array(let items): addList(items.map(\.value), as: .plain)
        case .table(let table): addTable(table)
        }
    }

    private mutating func addTable(
        _ table: TOMLTable, _ spellings: [String: ValueSpelling] = [:], alone: String? = nil
    ) {
        var members: [(key: String, value: ValueText)] = []
        for entry in table.entries {
            let spelling = spellings[entry.key.name]
            var value = ValueText()
            value.add(entry.value.value, as: spelling ?? ValueSpelling())
            if let standard = spelling?.standard, value.bytes.elementsEqual(standard.utf8) { continue }
            members.append((entry.key.name, value))
        }
        if members.count == 1, members[0].key == alone {
            bytes += members[0].value.bytes
            return
        }
        add(members.isEmpty ? "{" : "{ ")
        members.sort { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        for (index, member) in members.enumerated() {
            if index > 0 { add(", ") }
            addKey(member.key)
            add(" = ")
            bytes += member.value.bytes
        }
        add(members.isEmpty ? "}" : " }")
    }

    /// A basic string of TOML, in which nothing can break a line or drive a terminal.
    mutating func addString(_ text: String) {
        add("\"")
        defer { add("\"") }
        guard !text.utf8.allSatisfy(Self.isPlain) else { return add(text) }
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": add("\\\"")
            case "\\": add("\\\\")
            case "\n": add("\\n")
            case "\t": add("\\t")
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
