import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin

/// The commands of one key that are run one after the other, until one fails: of an errand, or of a reload.
struct CommandRun {
    /// The one that runs.
    struct Current {
        var process: SpawnedProcess
        /// Its time was over and it was killed.
        var isOverdue = false
        /// It was not its own time.
        var isCutShort = false
    }

    let instance: InstanceID
    let attempt: UInt64
    let command: ServiceCommand
    /// What waits for its end; nil for a reload.
    let errand: Errand?
    let commands: [CommandConfiguration]
    /// As what a drain waits for it.
    let task: TaskID?
    /// When all of them must have ended, beside the time that each has; nil for no such limit.
    let deadline: MonotonicInstant?
    /// Which of `commands` runs or is next.
    var place = 0
    var current: Current?
    /// The spawn of the next, where that is not back.
    var spawn: SpawnID?
    /// Its time was over before it was back.
    var isOverdue = false
    /// Nobody waits for its end any more, and nothing more of it is begun.
    var isDropped = false
}

/// A command that has failed.
struct FailedCommand {
    /// Of which attempt.
    let attempt: UInt64
    let pid: Int32
    /// What it had said last when it had ended; nil where nothing of it was read by then.
    let words: String?
}

/// The runs of commands, by their numbers and by instance.
struct CommandRuns {
    private var runs = [Int: CommandRun]()
    /// The numbers of the runs of an instance, the oldest first.
    private var numbersOfInstance = [InstanceID: [Int]]()
    private var last = 0
    /// The commands that have failed last, by instance.
    private var failures = [InstanceID: FailedCommand]()
    /// The attempts whose `exec_stop` ran for longer than it may, by instance.
    private var overrunStops = [InstanceID: UInt64]()

    subscript(number: Int) -> CommandRun? { runs[number] }

    /// The run of a reload of `instance`.
    func reload(of instance: InstanceID) -> Int? {
        numbers(of: instance).first { runs[$0]?.errand == nil }
    }

    /// The numbers of the runs of `instance`.
    func numbers(of instance: InstanceID) -> [Int] { numbersOfInstance[instance] ?? [] }

    /// The numbers of the runs that nobody waits for any more.
    var dropped: [Int] { runs.filter(\.value.isDropped).keys.sorted() }

    /// The processes of `instance` that are commands.
    func processes(of instance: InstanceID) -> [Int32] {
        numbers(of: instance).compactMap { runs[$0]?.current?.process.pid }
    }

    mutating func add(_ run: CommandRun) -> Int {
        last += 1
        runs[last] = run
        numbersOfInstance[run.instance, default: []].append(last)
        return last
    }

    mutating func pending(_ number: Int, _ spawn: SpawnID) {
        runs[number]?.spawn = spawn
        runs[number]?.isOverdue = false
    }

    /// The spawn of a run is back.
    mutating func back(_ number: Int) { runs[number]?.spawn = nil }

    mutating func begun(_ number: Int, _ process: SpawnedProcess) {
        runs[number]?.current = CommandRun.Current(process: process)
    }

    /// The time of a run is over; `isCutShort` where that was not the command's own.
    mutating func setOverdue(_ number: Int, isCutShort: Bool) {
        runs[number]?.current?.isOverdue = true
        runs[number]?.current?.isCutShort = isCutShort
        runs[number]?.isOverdue = true
    }

    mutating func drop(_ number: Int) { runs[number]?.isDropped = true }

    /// The process of a run has ended; the next command has its turn.
    mutating func ended(_ number: Int) {
        guard runs[number]?.current != nil else { return }
        runs[number]?.current = nil
        runs[number]?.place += 1
    }

    /// The command that could not be started is passed over.
    mutating func skip(_ number: Int) { runs[number]?.place += 1 }

    mutating func remove(_ number: Int) {
        guard let instance = runs.removeValue(forKey: number)?.instance else { return }
        numbersOfInstance[instance]?.removeAll { $0 == number }
        if numbersOfInstance[instance]?.isEmpty == true { numbersOfInstance[instance] = nil }
    }

    /// Keeps which command of an instance has failed.
    mutating func failed(_ command: FailedCommand, of instance: InstanceID) { failures[instance] = command }

    /// Those that anything is known of.
    var instances: [InstanceID] {
        Array(numbersOfInstance.keys) + Array(failures.keys) + Array(overrunStops.keys)
    }

    /// The instance is gone for good.
    mutating func forget(_ instance: InstanceID) {
        failures[instance] = nil
        overrunStops[instance] = nil
    }

    /// Keeps that an `exec_stop` of this attempt ran for longer than it may.
    mutating func setStopOverran(of instance: InstanceID, attempt: UInt64) { overrunStops[instance] = attempt }

    /// Whether that was so of this attempt.
    func stopOverran(of instance: InstanceID, attempt: UInt64) -> Bool { overrunStops[instance] == attempt }

    /// The command of this attempt that has failed.
    func failure(of instance: InstanceID, attempt: UInt64) -> FailedCommand? {
        failures[instance].flatMap { $0.attempt == attempt ? $0 : nil }
    }
}
