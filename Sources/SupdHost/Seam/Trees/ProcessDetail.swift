/// A process as `service.tree` shows it.
package struct ProcessDetail: Hashable, Sendable {
    /// Its number.
    package var pid: Int32
    /// Its parent's.
    package var parent: Int32
    /// Its arguments, joined by blanks and at most 4,096 bytes; its name in brackets where it shows none.
    package var command: String
    /// `R`, `S`, `D`, … (proc(5)).
    package var state: Character
    /// The time of processors that it has used itself.
    package var processorTime: Duration
    /// Resident bytes.
    package var residentBytes: Int
    /// How long ago it was started.
    package var age: Duration

    /// A process of these.
    package init(
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
