import SupdEngine
import SupdHost
import SupdPlugin

/// What exists in the world of one instance's latest attempt, until its tree is proved gone.
///
/// There is one for each that runs: what few have is out of line.
struct RunningInstance {
    /// The attempt's number.
    var attempt: UInt64
    @OptionalNumber private var processNumber: UInt64?
    @OptionalNumber private var taskNumber: UInt64?
    /// None where there is nothing of it.
    private var rare: [Rare] = []
    /// Its process id, zero where there is none; the process may be reaped already.
    var pid: Int32
    /// Whether there is no main process, or it is reaped, so that `process` may not be signalled any more.
    var isReaped = false
    /// Whether its processes were started under the service's name alone, before it was scaled.
    let isUnnumbered: Bool

    private struct Rare {
        var former: FormerMain?
        var spawn: SpawnID?
        var left: [Int32] = []

        var isNothing: Bool { former == nil && spawn == nil && left.isEmpty }
    }

    init(
        attempt: UInt64, process: ProcessHandle?, pid: Int32, isReaped: Bool = false, isUnnumbered: Bool, task: TaskID?
    ) {
        self.attempt = attempt
        self.pid = pid
        self.isReaped = isReaped
        self.isUnnumbered = isUnnumbered
        processNumber = process?.rawValue
        taskNumber = task?.rawValue
    }

    /// The main process; nil where it was not begun, and only commands before it were.
    var process: ProcessHandle? {
        get { processNumber.map(ProcessHandle.init(rawValue:)) }
        set { processNumber = newValue?.rawValue }
    }

    /// The instance as a registered task.
    var task: TaskID? { taskNumber.map(TaskID.init(rawValue:)) }

    /// What was started as the main process, where that is another by now.
    var former: FormerMain? {
        get { rare.first?.former }
        set { note { $0.former = newValue } }
    }

    /// The spawn of its program, where that is not back.
    var spawn: SpawnID? {
        get { rare.first?.spawn }
        set { note { $0.spawn = newValue } }
    }

    /// What was left of its tree when that was last looked at.
    var left: [Int32] {
        get { rare.first?.left ?? [] }
        set { note { $0.left = newValue } }
    }

    private mutating func note(_ change: (inout Rare) -> Void) {
        var all = rare.first ?? Rare()
        change(&all)
        rare = all.isNothing ? [] : [all]
    }

    /// A process that was started as the main one. It stays the one that gave the tree its first session and process group.
    struct FormerMain {
        /// Nil once it is reaped.
        var process: ProcessHandle?
        let pid: Int32
    }
}

/// A number that may be missing, in the memory of one.
@propertyWrapper
struct OptionalNumber {
    /// What no number comes to stands for none.
    private var number = UInt64.max

    init() {}

    var wrappedValue: UInt64? {
        get { number == .max ? nil : number }
        set { number = newValue ?? .max }
    }
}
