/// A process as `service.tree` shows it.
public struct ProcessDetail: Hashable, Sendable {
    /// Its number.
    public var pid: Int32
    /// Its parent's.
    public var parent: Int32
    /// Its arguments, joined by blanks and at most 4,096 bytes; its name in brackets where it shows none.
    public var command: String
    /// `R`, `S`, `D`, … (proc(5)).
    public var state: Character
    /// The time of processors that it has used itself.
    public var processorTime: Duration
    /// Resident bytes.
    public var residentBytes: Int
    /// How long ago it was started.
    public var age: Duration

    /// A process of these.
    public init(
        pid: Int32, parent: Int32, command: String, state: Character, processorTime: Duration, residentBytes: Int,
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
