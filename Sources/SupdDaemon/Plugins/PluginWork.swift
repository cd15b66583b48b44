import SupdEngine
import SupdHost
import SupdPlugin

/// Work of plugins that is under way, and the registered task that each is.
struct PluginWork {
    /// What work is for: who hears of its end.
    enum Role {
        /// A hook of a run.
        case hook(run: Int, place: Int)
        /// A question of a probe.
        case probe(run: Int)
        /// A job, which is told of a drain by its notice.
        case job(ShutdownNotice)
        /// A child of other work; of a job's, it is part of that.
        case child(ofJob: Bool)
        /// An event sink's way through what waits for it.
        case sink(Int)
        /// A client's call of a plugin's method.
        case call(MethodCall)

        /// Whether it is a job, or the child of one.
        var isOfJob: Bool {
            switch self {
            case .job, .child(ofJob: true): true
            case .hook, .probe, .child, .sink, .call: false
            }
        }
    }

    /// One of them.
    struct Entry {
        var role: Role
        /// The plugin, as the log names it.
        var plugin: String
        var name: String
        var task: TaskID
    }

    /// How much of its work is jobs, their children included, by plugin.
    private var jobCounts: [String: Int] = [:]
    private(set) var entries: [WorkID: Entry] = [:]
    private var workOfTask: [TaskID: WorkID] = [:]
    private var lastID: UInt64 = 0

    /// Adds work that is about to begin, and answers its number.
    mutating func add(_ entry: Entry) -> WorkID {
        lastID += 1
        let id = WorkID(rawValue: lastID)
        entries[id] = entry
        workOfTask[entry.task] = id
        if entry.role.isOfJob { jobCounts[entry.plugin, default: 0] += 1 }
        return id
    }

    /// Forgets work, and answers what it was; nil for what was forgotten before.
    mutating func remove(_ id: WorkID) -> Entry? {
        guard let entry = entries.removeValue(forKey: id) else { return nil }
        workOfTask[entry.task] = nil
        if entry.role.isOfJob { jobCounts[entry.plugin, default: 0] -= 1 }
        return entry
    }

    /// Whether a job of `plugin`, or a child of one, is under way.
    func hasJobs(of plugin: String) -> Bool { jobCounts[plugin, default: 0] > 0 }

    /// The jobs of `plugin` that are under way and their children, oldest first.
    func jobs(of plugin: String) -> [(id: WorkID, entry: Entry)] {
        entries.filter { $0.value.plugin == plugin && $0.value.role.isOfJob }
            .sorted { $0.key.rawValue < $1.key.rawValue }.map { ($0.key, $0.value) }
    }

    /// The work that a task is; nil for a task that is none.
    func work(of task: TaskID) -> WorkID? { workOfTask[task] }
}
