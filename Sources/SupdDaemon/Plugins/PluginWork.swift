import Logging
import SupdEngine
import SupdHost
import SupdPlugin

/// Work of plugins that is under way, and the registered task that each is.
final class PluginWork {
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

    private unowned let seam: any PluginSeam
    private let host: any Host
    private let inbox: PluginInbox
    private let programs: PluginPrograms
    private let logLevel: Logger.Level
    /// How much of its work is jobs, their children included, by plugin.
    private var jobCounts = [String: Int]()
    private var entries = [WorkID: Entry]()
    private var workOfTask = [TaskID: WorkID]()
    private var lastID: UInt64 = 0

    /// None yet. Parts of plugins leave word for the loop in `inbox`, and have `programs` run.
    init(_ seam: any PluginSeam, _ inbox: PluginInbox, _ programs: PluginPrograms) {
        self.seam = seam
        host = seam.host
        self.inbox = inbox
        self.programs = programs
        logLevel = Logger.Level(seam.settings.logLevel)
    }

    /// Begins work on the pool as the registered `task`.
    @discardableResult
    func begin(
        _ role: Role, plugin: String, name: String, task: TaskID,
        _ body: @escaping @Sendable (PluginContext) async throws -> Void
    ) -> WorkID {
        lastID += 1
        let id = WorkID(rawValue: lastID)
        entries[id] = Entry(role: role, plugin: plugin, name: name, task: task)
        workOfTask[task] = id
        if role.isOfJob { jobCounts[plugin, default: 0] += 1 }
        var caller: MethodCall.Caller?
        if case .call(let call) = role { caller = call.caller }
        let context = context(of: plugin, work: id, for: caller)
        host.begin(id, named: name) { try await body(context) }
        return id
    }

    /// What work `id` of `plugin` is given, where it is a call's for `caller`.
    private func context(of plugin: String, work id: WorkID, for caller: MethodCall.Caller?) -> PluginContext {
        let handler = PluginLogHandler(plugin: plugin, inbox: inbox, logLevel: logLevel)
        return PluginContext(
            logger: Logger(label: plugin) { _ in handler },
            services: LoopServiceControl(plugin: plugin, caller: caller, inbox: inbox),
            tasks: LoopTaskStarter(parent: id, inbox: inbox),
            processes: LoopProcessRunner(plugin: plugin, work: id, inbox: inbox))
    }

    /// Forgets work that has ended, or that nobody waits for any more, and answers what it was; nil for what was forgotten before.
    @discardableResult
    func remove(_ id: WorkID) -> Entry? {
        guard let entry = entries.removeValue(forKey: id) else { return nil }
        workOfTask[entry.task] = nil
        programs.giveUp(of: id)
        if entry.role.isOfJob { jobCounts[entry.plugin, default: 0] -= 1 }
        return entry
    }

    /// The work that a task is, if it is work, is told that its time is over.
    func cancel(of task: TaskID) {
        if let work = workOfTask[task] { host.cancel(work) }
    }

    /// The same is forgotten.
    func remove(of task: TaskID) {
        if let work = workOfTask[task] { remove(work) }
    }

    // MARK: Jobs

    /// Starts a job. In a drain nothing is started.
    func start(_ job: PluginActivation.Named<any Job>) {
        guard let task = try? seam.drain.tasks.register("job \(job.name)", kind: .service, phase: .jobs) else { return }
        let notice = ShutdownNotice()
        begin(.job(notice), plugin: job.plugin, name: job.name, task: task) { context in
            try await job.value.run(JobContext(plugin: context, shutdown: notice))
        }
    }

    /// Tells the jobs that they are to end, those of one plugin or all.
    func tellJobs(of plugin: String? = nil) {
        for entry in entries.values where plugin == nil || entry.plugin == plugin {
            if case .job(let notice) = entry.role { notice.give() }
        }
    }

    /// Whether a job runs that was not told to end.
    func isRunning(_ job: PluginActivation.Named<any Job>) -> Bool {
        entries.values.contains { entry in
            guard case .job(let notice) = entry.role else { return false }
            return !notice.isGiven && entry.plugin == job.plugin && entry.name == job.name
        }
    }

    /// Whether a job of `plugin`, or a child of one, is under way.
    func hasJobs(of plugin: String) -> Bool { jobCounts[plugin, default: 0] > 0 }

    /// The jobs of `plugin` that are under way and their children, oldest first.
    func jobs(of plugin: String) -> [(id: WorkID, entry: Entry)] {
        entries.filter { $0.value.plugin == plugin && $0.value.role.isOfJob }
            .sorted { $0.key.rawValue < $1.key.rawValue }.map { ($0.key, $0.value) }
    }

    /// Begins a task that other work has asked for, and answers that.
    func start(_ request: ChildRequest) {
        let entry = entries[request.parent]
        do throws(RegistrationRefusal) {
            let parent = entry.flatMap { seam.drain.tasks[$0.task] }
            // What was given up, or has ended, has no children any more.
            guard let entry, let parent else { throw .shuttingDown }
            let task = try seam.drain.tasks.register(
                TaskTitle(request.name), kind: request.kind, phase: parent.phase, parent: parent.id, file: request.file,
                line: request.line)
            let id = begin(.child(ofJob: entry.role.isOfJob), plugin: entry.plugin, name: request.name, task: task) {
                try await request.body($0.tasks)
            }
            if parent.state == .cancelled { host.cancel(id) }
            request.answer(.success(()))
        } catch {
            seam.log.warning(
                "plugin '\(entry?.plugin ?? "?")' may not start the task '\(request.name)': \(error)",
                kind: .pluginFailed)
            request.answer(.failure(error))
        }
    }
}
