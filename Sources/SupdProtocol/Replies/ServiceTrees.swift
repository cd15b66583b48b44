public import SupdJSON
public import SupdPlugin

/// The reply of `service.tree`.
public struct ServiceTrees: ServiceEntries, Hashable, Sendable {
    /// One entry an instance.
    public var services: [ServiceTree]

    /// The list of these.
    public init(services: [ServiceTree]) {
        self.services = services
    }
}

/// The processes of one instance.
public struct ServiceTree: Hashable, Sendable {
    /// The instance's name.
    public var name: String
    /// What it is.
    public var state: WireWord<ServiceState>
    /// Its main process, where it has one.
    public var pid: Int32?
    /// The folder of its control group; nil where it has none.
    public var controlGroup: String?
    /// Those that run, in the order of their numbers; nil where supd could not look at them, as without /proc.
    public var processes: [TreeProcess]?
    /// How many more there are at least, which are not shown.
    public var more: Int

    /// A tree of these.
    public init(
        name: String, state: ServiceState, pid: Int32?, controlGroup: String? = nil, processes: [TreeProcess]?,
        more: Int = 0
    ) {
        self.name = name
        self.state = .known(state)
        self.pid = pid
        self.controlGroup = controlGroup
        self.processes = processes
        self.more = more
    }

    /// The time of processors that they have used together; nil where supd could not look at them.
    public var processorTime: Duration? { processes?.reduce(.zero) { $0 + $1.processorTime } }
    /// What they have resident, in bytes; what they share is counted for each. Nil where supd could not look at them.
    public var residentBytes: Int? { processes?.reduce(0) { $0 + $1.residentBytes } }
}

/// One process.
public struct TreeProcess: Hashable, Sendable {
    /// Its number.
    public var pid: Int32
    /// Its parent's.
    public var parent: Int32
    /// Its arguments; its name in brackets where it shows none.
    public var command: String
    /// `R`, `S`, `D`, … (proc(5)).
    public var state: String
    /// The time of processors that it has used itself.
    public var processorTime: Duration
    /// Resident bytes.
    public var residentBytes: Int
    /// How long ago it was started.
    public var age: Duration

    /// A process of these.
    public init(
        pid: Int32, parent: Int32, command: String, state: String, processorTime: Duration, residentBytes: Int,
        age: Duration
    ) {
        self.pid = pid
        self.parent = parent
        self.command = command
        self.state = state
        self.processorTime = processorTime
        self.residentBytes = residentBytes
        self.age = age
    }
}

extension ServiceTree: WireValue {
    /// Writes the object of one instance; `cpu` and `memory` are the sums of its processes' that are shown, and `more` is there where
    /// some are not. All three are null where the processes are unknown.
    public func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("name", name)
        writer.member("state", state.rawValue)
        writer.member("pid", pid)
        writer.member("control_group", controlGroup)
        writer.member("cpu", processorTime)
        writer.member("memory", residentBytes)
        writer.member("processes", processes)
        if more > 0 { writer.member("more", more) }
        writer.endObject()
    }

    /// Reads the object of one instance.
    public init(from value: JSONValue) throws(WireError) {
        let reader = try WireReader(value)
        name = try reader.string("name")
        state = try reader.word("state")
        pid = try reader.optionalInteger("pid")
        controlGroup = try reader.optionalString("control_group")
        processes = try reader.value("processes") == nil ? nil : reader.list("processes")
        more = try reader.optionalInteger("more") ?? 0
    }
}

extension TreeProcess: WireValue {
    /// Writes the object of one process.
    public func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("pid", pid)
        writer.member("parent", parent)
        writer.member("command", command)
        writer.member("state", state)
        writer.member("cpu", processorTime)
        writer.member("memory", residentBytes)
        writer.member("age", age)
        writer.endObject()
    }

    /// Reads the object of one process.
    public init(from value: JSONValue) throws(WireError) {
        let reader = try WireReader(value)
        pid = try reader.integer("pid")
        parent = try reader.integer("parent")
        command = try reader.string("command")
        state = try reader.string("state")
        processorTime = try reader.duration("cpu")
        residentBytes = try reader.integer("memory")
        age = try reader.duration("age")
    }
}
