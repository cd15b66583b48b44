public import SupdJSON
public import SupdPlugin

/// What the daemon as a whole is doing.
public enum SupervisorState: String, Hashable, Sendable, CaseIterable {
    /// On the way to its first goal: all enabled services running, or given up.
    case starting = "STARTING"
    /// That goal was reached.
    case running = "RUNNING"
    /// Putting a new configuration into effect.
    case reloading = "RELOADING"
    /// Ending everything, phase by phase.
    case draining = "DRAINING"
    /// Drained, and about to exit.
    case stopping = "STOPPING"
}

/// The reply of `supervisor.status`.
public struct SupervisorStatus: Hashable, Sendable {
    /// What it is doing.
    public var state: WireWord<SupervisorState>
    /// Its process.
    public var pid: Int32
    /// Its version.
    public var version: String
    /// When it came into its state.
    public var since: WallTime
    /// How long it has been there.
    public var uptime: Duration
    /// A sentence for people, the same as systemd is told.
    public var status: String
    /// Its own resident memory (`Rss` of /proc/self/smaps_rollup), in bytes; nil where it could not be read.
    public var residentBytes: Int?
    /// Its own memory with its share of what is shared (`Pss`), in bytes; nil where it could not be read.
    public var proportionalBytes: Int?
    /// How many instances there are in each state.
    public var services: StateCounts
    /// The drain that is under way; nil for none, and for one that is done and holds.
    public var drain: DrainStatus?
    /// How many tasks the registry has.
    public var tasks: Int
    /// How many control connections there are, this one included.
    public var connections: Int
    /// The configuration's path; nil where it runs without one.
    public var config: String?
    /// When the configuration in force was read; nil where it runs without one, or that is not known.
    public var configurationReadAt: WallTime?
    /// Whether its files have changed since; nil where that is not known.
    public var configurationChanged: Bool?
    /// The control socket's path.
    public var socket: String
    /// How the daemon tells which processes belong to a service.
    public var processTracking: ProcessTrackingStatus
    /// The service manager's watchdog over the daemon; nil where there is none.
    public var watchdog: WatchdogStatus?
    /// How long its loop was away at a time; nil where that is not known.
    public var loop: LoopStatus?

    /// A status of these.
    public init(
        state: SupervisorState, pid: Int32, version: String, since: WallTime, uptime: Duration, status: String,
        residentBytes: Int?, proportionalBytes: Int?, services: [ServiceState: Int], drain: DrainStatus? = nil,
        tasks: Int, connections: Int, config: String?, socket: String, processTracking: ProcessTrackingStatus,
        configurationReadAt: WallTime? = nil, configurationChanged: Bool? = nil, watchdog: WatchdogStatus? = nil,
        loop: LoopStatus? = nil
    ) {
        self.state = .known(state)
        self.pid = pid
        self.version = version
        self.since = since
        self.uptime = uptime
        self.status = status
        self.residentBytes = residentBytes
        self.proportionalBytes = proportionalBytes
        self.services = StateCounts(services)
        self.drain = drain
        self.tasks = tasks
        self.connections = connections
        self.config = config
        self.socket = socket
        self.processTracking = processTracking
        self.configurationReadAt = configurationReadAt
        self.configurationChanged = configurationChanged
        self.watchdog = watchdog
        self.loop = loop
    }
}

extension SupervisorStatus: WireValue {
    /// Writes the object; what is not known of the configuration is left out.
    public func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("state", state.rawValue)
        writer.member("pid", pid)
        writer.member("version", version)
        writer.member("since", since)
        writer.member("uptime", uptime)
        writer.member("status", status)
        writer.key("memory")
        writer.beginObject()
        writer.member("resident", residentBytes)
        writer.member("proportional", proportionalBytes)
        writer.endObject()
        writer.member("services", services)
        writer.member("drain", drain)
        writer.member("tasks", tasks)
        writer.member("connections", connections)
        writer.member("config", config)
        if let configurationReadAt { writer.member("configuration_read_at", configurationReadAt) }
        if let configurationChanged { writer.member("configuration_changed", configurationChanged) }
        writer.member("socket", socket)
        writer.member("process_tracking", processTracking)
        writer.member("watchdog", watchdog)
        writer.member("loop", loop)
        writer.endObject()
    }

    /// Reads the object.
    public init(from value: JSONValue) throws(WireError) {
        let reader = try WireReader(value)
        state = try reader.word("state")
        pid = try reader.integer("pid")
        version = try reader.string("version")
        since = try reader.time("since")
        uptime = try reader.duration("uptime")
        status = try reader.string("status")
        let memory = try reader.members("memory")
        residentBytes = try memory.optionalInteger("resident")
        proportionalBytes = try memory.optionalInteger("proportional")
        services = try reader.nested("services")
        drain = try reader.optionalNested("drain")
        tasks = try reader.integer("tasks")
        connections = try reader.integer("connections")
        config = try reader.optionalString("config")
        configurationReadAt = try reader.optionalTime("configuration_read_at")
        configurationChanged = reader.value("configuration_changed")?.boolValue
        socket = try reader.string("socket")
        processTracking = try reader.nested("process_tracking")
        watchdog = try reader.optionalNested("watchdog")
        loop = try reader.optionalNested("loop")
    }
}

/// The reply of `supervisor.ping`, and of `supervisor.drain` and `supervisor.shutdown` where the drain is not waited
/// for: the request went through the daemon's core, which is in this state.
public struct Acknowledgement: Hashable, Sendable {
    /// What the daemon is doing.
    public var state: WireWord<SupervisorState>

    /// An answer from a daemon in `state`.
    public init(state: SupervisorState) {
        self.state = .known(state)
    }
}

extension Acknowledgement: WireValue {
    /// Writes `{"state":…}`.
    public func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("state", state.rawValue)
        writer.endObject()
    }

    /// Reads `{"state":…}`.
    public init(from value: JSONValue) throws(WireError) {
        state = try WireReader(value).word("state")
    }
}
