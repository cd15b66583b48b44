import SupdPlugin
import SupdJSON

/// Members of an object in one line each.
extension JSONWriter {
    mutating func member(_ key: StaticString, _ text: String) {
        self.key(known: key)
        string(text)
    }

    mutating func member(_ key: StaticString, _ text: String?) {
        self.key(known: key)
        if let text { string(text) } else { null() }
    }

    mutating func member(_ key: StaticString, _ flag: Bool?) {
        self.key(known: key)
        if let flag { bool(flag) } else { null() }
    }

    mutating func member(_ key: StaticString, _ value: some FixedWidthInteger) {
        self.key(known: key)
        integer(Int64(clamping: value))
    }

    mutating func member(_ key: StaticString, _ value: (some FixedWidthInteger)?) {
        self.key(known: key)
        if let value { integer(Int64(clamping: value)) } else { null() }
    }

    mutating func member(_ key: StaticString, _ duration: Duration?) {
        self.key(known: key)
        if let duration { number(WireDuration.seconds(of: duration)) } else { null() }
    }

    mutating func member(_ key: StaticString, _ time: WallTime?) {
        self.key(known: key)
        if let time { string(time.description) } else { null() }
    }

    mutating func member(_ key: StaticString, _ value: (some WireValue)?) {
        self.key(known: key)
        if let value { value.encode(into: &self) } else { null() }
    }

    mutating func member(_ key: StaticString, _ texts: [String]) {
        self.key(known: key)
        beginArray()
        for text in texts { string(text) }
        endArray()
    }

    mutating func member(_ key: StaticString, _ values: [some WireValue]?) {
        self.key(known: key)
        guard let values else { return null() }
        beginArray()
        for value in values { value.encode(into: &self) }
        endArray()
    }
}
