/// The name of a service as its configuration table gives it: `web` in `[service.web]`.
///
/// Letters, digits and `_ . : -`, not starting with `-` or `.`, at most 64 characters. `@` is kept for
/// instances. So a name is safe in a line of a log, a file name and a glob.
public struct ServiceName: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The longest name accepted, in bytes.
    public static let maximumLength = 64

    /// The name itself.
    public let rawValue: String

    /// The name, or nil where `rawValue` breaks the rule above.
    public init?(_ rawValue: String) {
        guard !rawValue.isEmpty, rawValue.utf8.count <= Self.maximumLength else { return nil }
        guard !rawValue.hasPrefix("-"), !rawValue.hasPrefix(".") else { return nil }
        guard rawValue.utf8.allSatisfy(Self.isAllowed) else { return nil }
        self.rawValue = rawValue
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
