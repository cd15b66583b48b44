import SupdPlugin
import SupdJSON

/// Members of an object in one line each.
extension JSONWriter {
    mutating func member(_ key: String, _ text: String) {
        self.key(key)
        string(text)
    }

    mutating func member(_ key: String, _ text: String?) {
        self.key(key)
        if let text { string(text) } else { null() }
    }

    mutating func member(_ key: String, _ flag: Bool) {
        self.key(key)
        bool(flag)
    }

    mutating func member(_ key: String, _ value: some FixedWidthInteger) {
        self.key(key)
        integer(Int64(clamping: value))
    }

    mutating func member(_ key: String, _ value: (some FixedWidthInteger)?) {
        self.key(key)
        if let value { integer(Int64(clamping: value)) } else { null() }
    }

    mutating func member(_ key: String, _ duration: Duration?) {
        self.key(key)
        if let duration { number(WireDuration.seconds(of: duration)) } else { null() }
    }

    mutating func member(_ key: String, _ time: WallTime?) {
        self.key(key)
        if let time { string(time.description) } else { null() }
    }

    mutating func member(_ key: String, _ value: (some WireValue)?) {
        self.key(key)
        if let value { value.encode(into: &self) } else { null() }
    }

    mutating func member(_ key: String, _ texts: [String]) {
        self.key(key)
        beginArray()
        for text in texts { string(text) }
        endArray()
    }

    mutating func member(_ key: String, _ values: [some WireValue]) {
        self.key(key)
        beginArray()
        for value in values { value.encode(into: &self) }
        endArray()
    }
}
