/// A walk through an object of which members are expected: where each of them is, without one being made. It has none of them twice, and
/// none of the others, which are passed over. Of a value that is no object there are none, and it is passed over, too.
package struct JSONMembers {
    /// Those that were expected and are there, each by the bit of its place among the expected.
    package private(set) var found: UInt32 = 0
    /// Whether there are others, or it is no object.
    package private(set) var hasOthers = false
    /// Their keys.
    private var others: MemberCollector?
    private var hasBegun = false

    /// A walk that has not begun.
    package init() {}

    /// Comes to the value of the next member whose key is one of `expected`, 32 at most, and answers which. It is to be read before the next
    /// call. Nil at the end of the object, which the reader has left then.
    package mutating func next(
        of expected: JSONWordList, _ reader: inout JSONReader
    ) throws(JSONParseError) -> Int? {
        guard hasBegun || reader.peek() == UInt8(ascii: "{") else {
            hasOthers = true
            try reader.skipValue()
            return nil
        }
        while let key = try reader.nextKey(isFirst: !hasBegun) {
            hasBegun = true
            guard let place = key.place(in: expected) else {
                hasOthers = true
                if others == nil { others = MemberCollector(duplicateKeys: .refuse) }
                guard others?.index(for: key.text) != nil else { throw reader.isThereTwice(key) }
                try reader.skipValue()
                continue
            }
            let bit: UInt32 = 1 &<< UInt32(truncatingIfNeeded: place)
            guard found & bit == 0 else { throw reader.isThereTwice(key) }
            found |= bit
            return place
        }
        return nil
    }
}
