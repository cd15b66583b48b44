package import SupdPlugin
import SupdTOML

/// What has to be known of values before somebody is told them who may not see everything.
package enum ToldValues {
    /// The services that the value of a service's key at `path` names, as TOML spells it, where the key says how services relate; nil where it is
    /// not known which, as not all of the value was kept.
    package static func services(namedBy path: String, _ value: String) -> [ServiceName]? {
        guard let key = ServiceKey(rawValue: path), ServiceKey.ofRelations.contains(key) else { return [] }
        guard let value = (try? TOML.parse("value = \(value)"))?["value"]?.value.value else { return nil }
        let names =
            switch value {
            case .array(let elements): elements.map(\.value)
            default: [value]
            }
        return names.compactMap { name in
            if case .string(let text) = name { ServiceName(text) } else { nil }
        }
    }

    /// Whether the value of a service's key at `path`, as TOML spells it, may be a secret.
    package static func isDelicate(_ path: String, _ value: String) -> Bool {
        switch ServiceKey(rawValue: path.split(separator: ".").first.map(String.init) ?? path) {
        case .environment, .hooks: true
        // Options of a plugin, which may be a token.
        case .ready, .health: value.hasPrefix("{") || value.hasPrefix("[")
        case .log: value.hasPrefix("{")
        default: false
        }
    }

    /// Whether the value of a key of `[supervisor]` may name any service: hooks have commands.
    package static func mayNameAny(ofSupervisor path: String) -> Bool { path == SupervisorKey.hooks.rawValue }
}
