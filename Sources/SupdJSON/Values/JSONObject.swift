internal import Glibc

/// The members of a JSON object in the order of the text, each key once.
///
/// Keys are the same only if their code points are (RFC 8259, section 8.3), which is stricter than Swift's own
/// equality of strings. A lookup walks the members: objects here are small, and most are read once.
public struct JSONObject: Hashable, Sendable {
    /// One `"key": value`.
    public struct Member: Hashable, Sendable {
        /// The key.
        public var key: String
        /// Its value.
        public var value: JSONValue

        /// A member.
        public init(key: String, value: JSONValue) {
            self.key = key
            self.value = value
        }
    }

    /// The members in their order; no key is there twice.
    public private(set) var members: [Member]

    /// An empty object.
    public init() {
        members = []
    }

    /// An object of members whose keys are known to differ.
    init(distinct members: [Member]) {
        self.members = members
    }

    /// The keys in their order.
    public var keys: some RandomAccessCollection<String> {
        members.lazy.map(\.key)
    }

    /// How many members there are.
    public var count: Int { members.count }

    /// Whether there are none.
    public var isEmpty: Bool { members.isEmpty }

    /// The value of a key, nil where the key is absent.
    ///
    /// Setting it replaces the value in place or appends a member; setting nil removes the member.
    public subscript(key: String) -> JSONValue? {
        get {
            guard let index = members.place(of: key) else { return nil }
            return members[index].value
        }
        set {
            switch (members.place(of: key), newValue) {
            case (let index?, let value?): members[index].value = value
            case (let index?, nil): members.remove(at: index)
            case (nil, let value?): members.append(Member(key: key, value: value))
            case (nil, nil): break
            }
        }
    }
}

extension [JSONObject.Member] {
    /// Where the member of a key is; nil where there is none.
    func place(of key: String) -> Int? {
        // Most keys differ in length, which is seen without a call.
        let length = key.utf8.count
        for place in indices where self[place].key.utf8.count == length && self[place].key.isExactly(key) {
            return place
        }
        return nil
    }
}

extension String {
    /// Whether both have the same code points. `==` alone takes canonically equivalent texts for the same.
    func isExactly(_ other: String) -> Bool {
        guard utf8.count == other.utf8.count else { return false }
        // Short ones are their own bytes, and copies of a long one the same place.
        let isSame = withUnsafeBytes(of: self) { one in
            withUnsafeBytes(of: other) { memcmp(one.baseAddress!, $0.baseAddress!, MemoryLayout<String>.size) == 0 }
        }
        if isSame { return true }
        var (one, two) = (self, other)
        return one.withUTF8 { one in
            two.withUTF8 { two in
                guard let one = one.baseAddress, let other = two.baseAddress else { return true }
                return memcmp(one, other, two.count) == 0
            }
        }
    }
}

/// A string as a key of a set: the same only if the code points are.
struct ExactKey: Hashable {
    let text: String

    static func == (one: ExactKey, other: ExactKey) -> Bool {
        one.text.isExactly(other.text)
    }

    func hash(into hasher: inout Hasher) {
        // Canonically equivalent strings have one hash, and so have equal ones.
        hasher.combine(text)
    }
}
