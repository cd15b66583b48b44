/// A word of a reply: one of those that `Known` has, or one that only a later daemon has, as that has said it.
///
/// A client passes over what it does not know (docs/protocol.md): it shows such a word as it came, and takes it for none of those that mean
/// something to it.
public enum WireWord<Known>: Hashable, Sendable
where Known: RawRepresentable & Hashable & Sendable, Known.RawValue == String {
    /// One that this version has.
    case known(Known)
    /// One that it does not have. Out of line: the daemon, which has none of these, keeps events with words in them by the thousand.
    indirect case other(String)

    /// The word that is written `rawValue`.
    @inlinable public init(rawValue: String) {
        if let known = Known(rawValue: rawValue) { self = .known(known) } else { self = .other(rawValue) }
    }

    /// As it is written.
    @inlinable public var rawValue: String {
        switch self {
        case .known(let word): word.rawValue
        case .other(let word): word
        }
    }

    /// Which one it is; nil for one that this version does not have.
    @inlinable public var known: Known? {
        guard case .known(let word) = self else { return nil }
        return word
    }
}
