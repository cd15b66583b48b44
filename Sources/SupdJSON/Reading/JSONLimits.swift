/// How much a reader takes before it refuses.
public struct JSONLimits: Hashable, Sendable {
    /// What is done with a key that an object has twice; RFC 8259 leaves it open.
    public enum DuplicateKeys: Hashable, Sendable {
        /// The last value counts, at the place of the first, as most readers do it.
        case keepLast
        /// The text is refused: two readers could take it for two different things.
        case refuse
    }

    /// Bytes of the whole text, white space included.
    public let maximumBytes: Int
    /// Arrays and objects inside each other: `[]` has depth 1. Never over ``greatestDepth``.
    public let maximumDepth: Int
    /// Elements of arrays and members of objects, together and in the whole text; nil where only the bytes limit them.
    public let maximumMembers: Int?
    /// What is done with a key that an object has twice.
    public let duplicateKeys: DuplicateKeys

    /// No text may be deeper, whatever was asked for: reading, comparing and freeing a value take stack for each level.
    public static let greatestDepth = 512

    /// Limits; a depth outside 0…``greatestDepth`` is moved to the nearer end.
    public init(
        maximumBytes: Int, maximumDepth: Int, maximumMembers: Int? = nil, duplicateKeys: DuplicateKeys = .refuse
    ) {
        self.maximumBytes = maximumBytes
        self.maximumDepth = min(max(maximumDepth, 0), Self.greatestDepth)
        self.maximumMembers = maximumMembers
        self.duplicateKeys = duplicateKeys
    }

    /// For a document from a trusted hand: 16 MiB, 512 levels, of a key given twice the last value.
    public static let document = JSONLimits(
        maximumBytes: 16 << 20, maximumDepth: greatestDepth, duplicateKeys: .keepLast)
}
