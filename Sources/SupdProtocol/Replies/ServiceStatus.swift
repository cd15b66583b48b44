public import SupdJSON
public import SupdPlugin

/// What `service.status` says of one instance.
public struct ServiceStatus: Hashable, Sendable {
    /// The instance's name: `web`, or `web@2`.
    public var name: String
    /// The service's name.
    public var service: String
    /// 1…N where the service has several instances.
    public var instance: Int?
    /// The service's own line for people.
    public var description: String
    /// What it is.
    public var state: WireWord<ServiceState>
    /// Whether it can do its work.
    public var ready: Bool
    /// What its health probe says; nil where it has none, or is not RUNNING.
    public var health: WireWord<ServiceHealth>?
    /// What the last order wants it to be.
    public var desired: WireWord<DesiredState>
    /// Its main process, where it has one.
    public var pid: Int32?
    /// What is left of its tree once its main process has ended.
    public var leftBehind: [Int32]
    /// When it came into its state.
    public var since: WallTime
    /// How often it was run again by its policy.
    public var restarts: Int
    /// The number of its current or last attempt; 0 before the first.
    public var attempt: UInt64
    /// How the attempt before ended.
    public var lastExit: LastExit?
    /// When it is run again, where it waits for that.
    public var nextStartAt: WallTime?
    /// A sentence that says why it is in its state.
    public var reason: String
    /// What it cannot start without, where it waits for that; nil else.
    public var blocked: ServiceBlock?
    /// What it says of itself (`STATUS=` of sd_notify(3)); nil where it says nothing.
    public var statusText: String?
    /// When it counts as started.
    public var type: WireWord<ServiceType>
    /// The name of its restart policy.
    public var restartPolicy: String
    /// Words to select it by.
    public var tags: [String]
    /// Whether it runs by an older definition than the configuration in force has, until its next start.
    public var outdated: Bool

    /// The status of an instance.
    public init(
        name: InstanceName, description: String = "", state: ServiceState, ready: Bool = false,
        health: ServiceHealth? = nil,
        desired: DesiredState, pid: Int32? = nil, leftBehind: [Int32] = [], since: WallTime, restarts: Int = 0,
        attempt: UInt64 = 0,
        lastExit: LastExit? = nil,
        nextStartAt: WallTime? = nil, reason: String, type: ServiceType, restartPolicy: String, tags: [String] = [],
        outdated: Bool = false, blocked: ServiceBlock? = nil, statusText: String? = nil
    ) {
        self.name = name.description
        service = name.service.rawValue
        instance = name.index
        self.description = description
        self.state = .known(state)
        self.ready = ready
        self.health = health.map { .known($0) }
        self.desired = .known(desired)
        self.pid = pid
        self.leftBehind = leftBehind
        self.since = since
        self.restarts = restarts
        self.attempt = attempt
        self.lastExit = lastExit
        self.nextStartAt = nextStartAt
        self.reason = reason
        self.type = .known(type)
        self.restartPolicy = restartPolicy
        self.tags = tags
        self.outdated = outdated
        self.blocked = blocked
        self.statusText = statusText
    }
}

extension ServiceStatus: WireValue {
    /// Writes the object of one instance; what does not apply is null, but `outdated`, `blocked` and `status_text`, which are
    /// left out.
    public func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        encodeMembers(into: &writer)
        writer.endObject()
    }

    func encodeMembers(into writer: inout JSONWriter) {
        writer.member("name", name)
        writer.member("service", service)
        writer.member("instance", instance)
        writer.member("description", description)
        writer.member("state", state.rawValue)
        writer.member("ready", ready)
        writer.member("health", health?.rawValue)
        writer.member("desired", desired.rawValue)
        writer.member("pid", pid)
        writer.key("left_behind")
        writer.beginArray()
        for pid in leftBehind { writer.integer(Int64(pid)) }
        writer.endArray()
        writer.member("since", since)
        writer.member("restarts", restarts)
        writer.member("attempt", attempt)
        writer.member("last_exit", lastExit)
        writer.member("next_start_at", nextStartAt)
        writer.member("reason", reason)
        writer.member("type", type.rawValue)
        writer.member("restart_policy", restartPolicy)
        writer.member("tags", tags)
        if outdated { writer.member("outdated", true) }
        if let blocked { writer.member("blocked", blocked) }
        if let statusText { writer.member("status_text", statusText) }
    }

    /// Reads the object of one instance.
    public init(from value: JSONValue) throws(WireError) {
        let reader = try WireReader(value)
        name = try reader.string("name")
        service = try reader.string("service")
        instance = try reader.optionalInteger("instance")
        description = try reader.string("description")
        state = try reader.word("state")
        ready = try reader.bool("ready")
        health = try reader.optionalWord("health")
        desired = try reader.word("desired")
        pid = try reader.optionalInteger("pid")
        leftBehind = try reader.integers("left_behind")
        since = try reader.time("since")
        restarts = try reader.integer("restarts")
        attempt = try reader.integer("attempt")
        lastExit = try reader.optionalNested("last_exit")
        nextStartAt = try reader.optionalTime("next_start_at")
        reason = try reader.string("reason")
        type = try reader.word("type")
        restartPolicy = try reader.string("restart_policy")
        tags = try reader.strings("tags")
        outdated = reader.value("outdated")?.boolValue ?? false
        blocked = try reader.optionalNested("blocked")
        statusText = try reader.optionalString("status_text")
    }
}
