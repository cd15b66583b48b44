import SupdJSON
import SupdPlugin

/// Somebody has ordered something. What comes of it are events of their own.
public struct OrderEvent: Hashable, Sendable {
    /// `start`, `stop`, `restart`, `reload`, `scale`, `signal`, `reset-failed`, `reopen-logs`.
    public var order: String
    /// The instances that it is for: the first `ProtocolLimits.servicesNamed` of them.
    public var services: [String]
    /// How many it is for in all.
    public var count: Int
    /// Who has ordered it.
    public var cause: EventCause
    /// What else it says: the signal, or how many instances there are to be.
    public var detail: String?

    /// An order by `cause`.
    public init(order: String, services: [String], count: Int, cause: EventCause, detail: String? = nil) {
        self.order = order
        self.services = services
        self.count = count
        self.cause = cause
        self.detail = detail
    }

    func encodeMembers(into writer: inout JSONWriter) {
        writer.member("order", order)
        writer.member("services", services)
        writer.member("count", count)
        writer.member("cause", cause)
        writer.member("detail", detail)
    }

    init(_ reader: WireReader) throws(WireError) {
        order = try reader.string("order")
        services = try reader.strings("services")
        count = try reader.integer("count")
        cause = try reader.nested("cause")
        detail = try reader.optionalString("detail")
    }
}

/// The configuration was read anew by order.
public struct ApplyEvent: Hashable, Sendable {
    /// Whether the daemon goes by it.
    public var applied: Bool
    /// What it changes in a sentence, or why it was refused.
    public var text: String
    /// Who has ordered it.
    public var cause: EventCause

    /// A configuration that `cause` wants.
    public init(applied: Bool, text: String, cause: EventCause) {
        self.applied = applied
        self.text = text
        self.cause = cause
    }

    func encodeMembers(into writer: inout JSONWriter) {
        writer.member("applied", applied)
        writer.member("text", text)
        writer.member("cause", cause)
    }

    init(_ reader: WireReader) throws(WireError) {
        applied = try reader.bool("applied")
        text = try reader.string("text")
        cause = try reader.nested("cause")
    }
}

/// How far a drain is.
public struct DrainEvent: Hashable, Sendable {
    /// What has happened to it.
    public enum Step: String, Hashable, Sendable, CaseIterable {
        /// It has begun; the text says why.
        case began
        /// It is in the phase that the text names.
        case phase
        /// It is over; the text is its report in a sentence.
        case ended
        /// It was undone: what is enabled is started again; the text says by whom.
        case resumed
    }

    /// What has happened to it.
    public var step: WireWord<Step>
    /// See `Step`.
    public var text: String

    /// `step`, with its text.
    public init(step: Step, text: String) {
        self.step = .known(step)
        self.text = text
    }

    func encodeMembers(into writer: inout JSONWriter) {
        writer.member("step", step.rawValue)
        writer.member("text", text)
    }

    init(_ reader: WireReader) throws(WireError) {
        step = try reader.word("step")
        text = try reader.string("text")
    }
}

/// Something of a plugin that concerns whoever runs the daemon.
public struct PluginEvent: Hashable, Sendable {
    /// The plugin.
    public var plugin: String
    /// What, in a sentence.
    public var text: String

    /// `text` about `plugin`.
    public init(plugin: String, text: String) {
        self.plugin = plugin
        self.text = text
    }

    func encodeMembers(into writer: inout JSONWriter) {
        writer.member("plugin", plugin)
        writer.member("text", text)
    }

    init(_ reader: WireReader) throws(WireError) {
        plugin = try reader.string("plugin")
        text = try reader.string("text")
    }
}
