public import SupdJSON
import SupdPlugin

/// The reply of `supervisor.version`.
public struct VersionInfo: Hashable, Sendable {
    /// The version of this package.
    public static let current = PluginInterface.release

    /// The daemon's version.
    public var version: String
    /// The protocol's version.
    public var protocolVersion: Int
    /// The methods it has, by name.
    public var methods: [String]

    /// What this package's own daemon answers, unless told otherwise.
    public init(
        version: String = current, protocolVersion: Int = ProtocolLimits.version,
        methods: [String] = Method.allCases.map(\.rawValue)
    ) {
        self.version = version
        self.protocolVersion = protocolVersion
        self.methods = methods
    }
}

extension VersionInfo: WireValue {
    /// Writes the object.
    public func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("version", version)
        writer.member("protocol", protocolVersion)
        writer.member("methods", methods)
        writer.endObject()
    }

    /// Reads the object.
    public init(from value: JSONValue) throws(WireError) {
        let reader = try WireReader(value)
        version = try reader.string("version")
        protocolVersion = try reader.integer("protocol")
        methods = try reader.strings("methods")
    }
}
