public import SupdJSON
import SupdPlugin

/// Who or what has brought something about.
public enum EventCause: Hashable, Sendable {
    /// Nobody.
    case none
    /// The start of the daemon.
    case boot
    /// Somebody at the control socket; `command` is what the program called itself, nil where that is not known.
    case order(uid: UInt32, pid: Int32, command: String? = nil)
    /// Somebody there who wanted a failure forgotten.
    case reset(uid: UInt32, pid: Int32, command: String? = nil)
    /// Another service; nil for one that who is told may not see.
    case dependency(String?)
    /// A plugin.
    case plugin(String)
    /// A changed configuration.
    case configuration
    /// A signal to the daemon, by name.
    case signal(String)
    /// The shutdown.
    case drain

    private enum Kind: String, CaseIterable {
        case none, boot, order, reset, dependency, plugin, configuration, signal, drain
    }

    private var kind: Kind {
        switch self {
        case .none: .none
        case .boot: .boot
        case .order: .order
        case .reset: .reset
        case .dependency: .dependency
        case .plugin: .plugin
        case .configuration: .configuration
        case .signal: .signal
        case .drain: .drain
        }
    }
}

extension EventCause: WireValue {
    /// Writes `{"kind":"order","uid":…,"pid":…,"command":…}`, or `service`, `plugin` or `signal` beside its kind.
    public func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("kind", kind.rawValue)
        switch self {
        case .order(let uid, let pid, let command), .reset(let uid, let pid, let command):
            writer.member("uid", uid)
            writer.member("pid", pid)
            if let command { writer.member("command", command) }
        case .dependency(let name):
            if let name { writer.member("service", name) }
        case .plugin(let name): writer.member("plugin", name)
        case .signal(let name): writer.member("signal", name)
        case .none, .boot, .configuration, .drain: break
        }
        writer.endObject()
    }

    /// Reads it.
    public init(from value: JSONValue) throws(WireError) {
        let reader = try WireReader(value)
        switch try reader.word("kind", as: Kind.self) {
        case .none: self = .none
        case .boot: self = .boot
        case .order:
            self = .order(
                uid: try reader.integer("uid"), pid: try reader.integer("pid"),
                command: try reader.optionalString("command"))
        case .reset:
            self = .reset(
                uid: try reader.integer("uid"), pid: try reader.integer("pid"),
                command: try reader.optionalString("command"))
        case .dependency: self = .dependency(try reader.optionalString("service"))
        case .plugin: self = .plugin(try reader.string("plugin"))
        case .configuration: self = .configuration
        case .signal: self = .signal(try reader.string("signal"))
        case .drain: self = .drain
        }
    }
}
