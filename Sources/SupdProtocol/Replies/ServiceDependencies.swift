public import SupdJSON
public import SupdPlugin

/// The reply of `service.dependencies`.
public struct ServiceDependencies: ServiceEntries, Hashable, Sendable {
    /// The services that were asked for, and all that these need or that need these, as far as that was asked, through others too.
    public var services: [RelatedService]

    /// The graph of these.
    public init(services: [RelatedService]) {
        self.services = services
    }
}

/// One service in the graph.
public struct RelatedService: Hashable, Sendable {
    /// Its name.
    public var name: String
    /// Whether the request means it itself, and not only by what it is to others.
    public var isAsked: Bool
    /// How many of its instances are in each state.
    public var states: StateCounts
    /// How many of those that are EXITED have ended without success.
    public var failed = 0
    /// What it needs, or comes after.
    public var needs: [ServiceRelation]
    /// What needs it, or comes after it: the same seen from the other side.
    public var neededBy: [ServiceRelation]

    /// A service of these relations.
    public init(
        name: String, isAsked: Bool = false, states: [ServiceState: Int], needs: [ServiceRelation] = [],
        neededBy: [ServiceRelation] = []
    ) {
        self.name = name
        self.isAsked = isAsked
        self.states = StateCounts(states)
        self.needs = needs
        self.neededBy = neededBy
    }
}

/// What one service is to another.
public struct ServiceRelation: Hashable, Sendable {
    /// The ways in which a service needs another, by the keys that say so.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// It is up only while the other was.
        case requires
        /// That, and it goes down also where the other ends by itself.
        case bindsTo = "binds_to"
        /// The other is started with it.
        case wants
        /// It goes down, and is restarted, with the other.
        case partOf = "part_of"
        /// It comes after the other, where both are started; also where the other says `before`.
        case after
    }

    /// In which way.
    public var kind: WireWord<Kind>
    /// The other one.
    public var service: String

    /// `kind` of `service`.
    public init(_ kind: Kind, _ service: String) {
        self.kind = .known(kind)
        self.service = service
    }
}

extension RelatedService: WireValue {
    /// Writes the object of one service.
    public func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("name", name)
        writer.member("asked", isAsked)
        writer.member("states", states)
        if failed > 0 { writer.member("failed", failed) }
        writer.member("needs", needs)
        writer.member("needed_by", neededBy)
        writer.endObject()
    }

    /// Reads it.
    public init(from value: JSONValue) throws(WireError) {
        let reader = try WireReader(value)
        name = try reader.string("name")
        isAsked = try reader.bool("asked")
        states = try reader.nested("states")
        failed = try reader.optionalInteger("failed") ?? 0
        needs = try reader.list("needs")
        neededBy = try reader.list("needed_by")
    }
}

extension ServiceRelation: WireValue {
    /// Writes `{"kind":…,"service":…}`.
    public func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("kind", kind.rawValue)
        writer.member("service", service)
        writer.endObject()
    }

    /// Reads it.
    public init(from value: JSONValue) throws(WireError) {
        let reader = try WireReader(value)
        kind = try reader.word("kind")
        service = try reader.string("service")
    }
}
