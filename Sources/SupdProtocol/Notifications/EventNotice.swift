public import SupdJSON
public import SupdPlugin

/// What `events.subscribe` tells.
public struct EventNotice: Hashable, Sendable {
    /// What it is.
    public enum Content: Hashable, Sendable {
        /// Something has happened.
        case event(Event)
        /// So many events, up to this number, are not told: they are not remembered any more, or this reader was too slow. They count
        /// whatever the subscription is for.
        case gap(UInt64)
        /// All that there was when the subscription began is told, up to this number. Only where it began with `since`.
        case caughtUp
    }

    /// The number of the event; what is between it and the one before is not what was subscribed to. `since` takes it.
    public var sequence: UInt64
    /// What.
    public var content: Content

    /// The event, where it is one.
    public var event: Event? {
        guard case .event(let event) = content else { return nil }
        return event
    }

    /// `content` at `sequence`.
    public init(sequence: UInt64, content: Content) {
        self.sequence = sequence
        self.content = content
    }
}

/// Something that has happened in the daemon.
public struct Event: Hashable, Sendable {
    /// When.
    public var time: WallTime
    /// What.
    public var happening: Happening

    /// `happening` at `time`.
    public init(time: WallTime, happening: Happening) {
        self.time = time
        self.happening = happening
    }

    /// What has happened.
    public enum Happening: Hashable, Sendable {
        /// An instance has changed its state.
        indirect case state(StateEvent)
        /// What an instance's health probe says has changed.
        case health(HealthEvent)
        /// What holds up the start of an instance has changed.
        case blocked(BlockedEvent)
        /// There is no such instance any more.
        case removed(RemovedEvent)
        /// Somebody has ordered something.
        indirect case order(OrderEvent)
        /// The configuration was read anew.
        indirect case apply(ApplyEvent)
        /// A drain has begun, is in another phase, or is over.
        indirect case drain(DrainEvent)
        /// The daemon is ready: all that is enabled is up, or was given up.
        case ready
        /// Something of a plugin that concerns whoever runs the daemon.
        case plugin(PluginEvent)
        /// Something that this version has no word for, by its kind.
        case other(String)
    }
}

/// The kinds that `events.subscribe` can be narrowed to.
public enum EventKind: String, Hashable, Sendable, CaseIterable {
    /// `StateEvent`.
    case state
    /// `HealthEvent`.
    case health
    /// `BlockedEvent`.
    case blocked
    /// `RemovedEvent`.
    case removed
    /// `OrderEvent`.
    case order
    /// `ApplyEvent`.
    case apply
    /// `DrainEvent`.
    case drain
    /// The daemon is ready.
    case ready
    /// `PluginEvent`.
    case plugin
}

extension Event.Happening {
    /// Its kind; nil of one that this version has no word for.
    public var kind: EventKind? {
        switch self {
        case .state: .state
        case .health: .health
        case .blocked: .blocked
        case .removed: .removed
        case .order: .order
        case .apply: .apply
        case .drain: .drain
        case .ready: .ready
        case .plugin: .plugin
        case .other: nil
        }
    }
}

extension EventNotice: WireValue {
    /// Writes `{"sequence":…,"time":…,"kind":…,…}`, `{"sequence":…,"gap":N}` or `{"sequence":…,"caught_up":true}`.
    public func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("sequence", sequence)
        switch content {
        case .event(let event): event.encodeMembers(into: &writer)
        case .gap(let count): writer.member("gap", count)
        case .caughtUp: writer.member("caught_up", true)
        }
        writer.endObject()
    }

    /// Reads any of them.
    public init(from value: JSONValue) throws(WireError) {
        let reader = try WireReader(value)
        sequence = try reader.integer("sequence")
        if let gap: UInt64 = try reader.optionalInteger("gap") {
            content = .gap(gap)
        } else if reader.value("caught_up") != nil {
            content = .caughtUp
        } else {
            content = .event(try Event(reader))
        }
    }
}

extension Event {
    fileprivate func encodeMembers(into writer: inout JSONWriter) {
        writer.member("time", time)
        if case .other(let kind) = happening { return writer.member("kind", kind) }
        writer.member("kind", happening.kind?.rawValue)
        switch happening {
        case .state(let event): event.encodeMembers(into: &writer)
        case .health(let event): event.encodeMembers(into: &writer)
        case .blocked(let event): event.encodeMembers(into: &writer)
        case .removed(let event): event.encodeMembers(into: &writer)
        case .order(let event): event.encodeMembers(into: &writer)
        case .apply(let event): event.encodeMembers(into: &writer)
        case .drain(let event): event.encodeMembers(into: &writer)
        case .plugin(let event): event.encodeMembers(into: &writer)
        case .ready, .other: break
        }
    }

    fileprivate init(_ reader: WireReader) throws(WireError) {
        time = try reader.time("time")
        let kind = try reader.string("kind")
        switch EventKind(rawValue: kind) {
        case .state: happening = .state(try StateEvent(reader))
        case .health: happening = .health(try HealthEvent(reader))
        case .blocked: happening = .blocked(try BlockedEvent(reader))
        case .removed: happening = .removed(try RemovedEvent(reader))
        case .order: happening = .order(try OrderEvent(reader))
        case .apply: happening = .apply(try ApplyEvent(reader))
        case .drain: happening = .drain(try DrainEvent(reader))
        case .ready: happening = .ready
        case .plugin: happening = .plugin(try PluginEvent(reader))
        case nil: happening = .other(kind)
        }
    }
}
