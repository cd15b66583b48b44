/// The name of a service as its configuration table gives it: `web` in `[service.web]`.
///
/// Letters, digits and `_ . : -`, not starting with `-` or `.`, at most 64 characters. `@` is kept for
/// instances, and `tag:` and `state:` at the beginning for selectors. So a name is safe in a line of a log, a file name and a glob, and
/// always selects what has it.
public struct ServiceName: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The longest name accepted, in bytes.
    public static let maximumLength = 64

    /// What a selector begins with that goes by something else than names.
    package static let reservedPrefixes = ["tag:", "state:"]

    /// The name itself.
    public let rawValue: String

    /// The name, or nil where `rawValue` breaks the rule above.
    public init?(_ rawValue: String) {
        guard Self.isWord(rawValue), !Self.isReserved(rawValue) else { return nil }
        self.rawValue = rawValue
    }

    /// Whether a text has the characters and the length of a name.
    package static func isWord(_ text: String) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= maximumLength else { return false }
        return first != UInt8(ascii: "-") && first != UInt8(ascii: ".") && text.utf8.allSatisfy(isAllowed)
    }

    /// Whether a text begins as a selector that is no name.
    package static func isReserved(_ text: String) -> Bool {
        reservedPrefixes.contains { text.hasPrefix($0) }
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: ":"),
            UInt8(ascii: "-"):
            true
        default: false
        }
    }

    /// The name itself.
    public var description: String { rawValue }

    /// Byte order of the names.
    public static func < (lhs: ServiceName, rhs: ServiceName) -> Bool { lhs.rawValue < rhs.rawValue }
}

/// One supervised instance: `web` where a service has one, `web@1` … `web@N` where it has several.
public struct InstanceName: Hashable, Sendable, CustomStringConvertible {
    /// The service this is an instance of.
    public let service: ServiceName
    /// 1…N where the service has several instances, nil where it has one.
    public let index: Int?

    /// The instance `index` of `service`.
    public init(service: ServiceName, index: Int?) {
        self.service = service
        self.index = index
    }

    /// `web` or `web@2`.
    public var description: String {
        guard let index else { return service.rawValue }
        return "\(service.rawValue)@\(index)"
    }
}
