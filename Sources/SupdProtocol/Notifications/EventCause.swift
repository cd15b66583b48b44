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
    /// Something that this version has no word for, by its kind.
    case other(String)

    private enum Kind: String {
        case none, boot, order, reset, dependency, plugin, configuration, signal, drain
    }

    private var kind: WireWord<Kind> {
        switch self {
        case .none: .known(.none)
        case .boot: .known(.boot)
        case .order: .known(.order)
        case .reset: .known(.reset)
        case .dependency: .known(.dependency)
        case .plugin: .known(.plugin)
        case .configuration: .known(.configuration)
        case .signal: .known(.signal)
        case .drain: .known(.drain)
        case .other(let kind): .other(kind)
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
        case .none, .boot, .configuration, .drain, .other: break
        }
        writer.endObject()
    }

    /// Reads it.
    public init(from value: JSONValue) throws(WireError) {
        let reader = try WireReader(value)
        let kind: WireWord<Kind> = try reader.word("kind")
        switch kind.known {
        case nil: self = .other(kind.rawValue)
        case .some(.none): self = .none
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
