import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol

/// Plugins' asynchronous parts: begun, told, cancelled, ended.
extension Supervisor {
    /// How many messages of plugins are taken in one turn of the loop.
    static let pluginMessagesPerTurn = 256

    /// Begins work on the pool as the registered `task`.
    @discardableResult
    func beginWork(
        _ role: PluginWork.Role, plugin: String, name: String, task: TaskID,
        _ body: @escaping @Sendable (PluginContext) async throws -> Void
    ) -> WorkID {
        let id = plugins.work.add(PluginWork.Entry(role: role, plugin: plugin, name: name, task: task))
        let context = plugins.context(of: plugin, work: id)
        host.begin(id, named: name) { try await body(context) }
        return id
    }

    /// Work has ended; nothing for what was given up before.
    func workEnded(_ id: WorkID, error: String?) {
        guard let entry = plugins.work.entries[id] else { return }
        let wasTold = drain.isCancelled(entry.task)
        _ = plugins.work.remove(id)
        switch entry.role {
        case .hook(let run, let place): return hookEnded(run, place, error: error)
        case .probe(let run): return probeEnded(run, entry.task, error: error)
        case .sink(let number): return sinkEnded(number, error: error)
        case .call(let call): finishCall(call, error: error)
        case .job(let notice): tellEnd(of: "job", entry, error: error, isExpected: wasTold || notice.isGiven)
        case .child: tellEnd(of: "task", entry, error: error, isExpected: wasTold)
        }
        drain.complete(entry.task)
    }

    private func tellEnd(of kind: String, _ entry: PluginWork.Entry, error: String?, isExpected: Bool) {
        let name = "\(kind) '\(entry.name)' of plugin '\(entry.plugin)'"
        if let error, !isExpected {
            log.error("\(name) has failed: \(error)", kind: .pluginFailed)
        } else {
            log.debug("\(name) has ended")
        }
    }

    // MARK: Jobs

    func startJobs() {
        for problem in plugins.problems { log.warning(problem, kind: .pluginFailed) }
        for job in plugins.jobs { start(job) }
        registerSinks()
    }

    /// Jobs that ended because a drain told them to are run anew.
    func startJobsAgain() {
        let living = Set(
            plugins.work.entries.values.compactMap { entry -> String? in
                if case .job(let notice) = entry.role, !notice.isGiven { return "\(entry.plugin) \(entry.name)" }
                return nil
            })
        // One that is being exchanged begins when what is left of it has ended.
        for job in plugins.jobs where !living.contains("\(job.plugin) \(job.name)") {
            if !plugins.exchanging.contains(job.plugin) { start(job) }
        }
    }

    func start(_ job: PluginActivation.Named<any Job>) {
        guard let task = try? drain.register("job \(job.name)", kind: .service, phase: .jobs) else {
            return
        }
        let notice = ShutdownNotice()
        beginWork(.job(notice), plugin: job.plugin, name: job.name, task: task) { context in
            try await job.value.run(JobContext(plugin: context, shutdown: notice))
        }
    }

    /// Tells the jobs that they are to end.
    func tellJobs() {
        for entry in plugins.work.entries.values {
            if case .job(let notice) = entry.role { notice.give() }
        }
    }

    // MARK: Messages

    func takePluginMessages() {
        let (messages, dropped) = plugins.inbox.take(limit: Self.pluginMessagesPerTurn)
        for (plugin, count) in dropped.sorted(by: { $0.key < $1.key }) {
            log.warning(
                "plugin '\(plugin)' logs faster than it is read: \(plural(count, "line")) dropped", kind: .linesDropped)
        }
        for message in messages {
            switch message {
            case .log(let plugin, let level, let text):
                log.write(level, "\(plugin): \(text)", log.isForPrograms ? ["plugin": plugin] : [:])
            case .child(let request): startChild(request)
            case .list(let selectors, let answer): answer(selected(selectors).map { $0.map { self.summary(of: $0) } })
            case .order(let order, let selectors, let plugin, let answer):
                answer(obey(order, selectors, of: plugin))
            case .run(let request): beginProgram(request)
            case .endRun(let ticket): cancelProgram(ticket)
            }
        }
    }

    private func startChild(_ request: ChildRequest) {
        let entry = plugins.work.entries[request.parent]
        do throws(RegistrationRefusal) {
            let parent = entry.flatMap { drain.task($0.task) }
            // What was given up, or has ended, has no children any more.
            guard let entry, let parent else { throw .shuttingDown }
            let task = try drain.register(
                request.name, kind: request.kind, phase: parent.phase, parent: parent.id,
                file: request.file, line: request.line)
            let id = beginWork(.child(ofJob: entry.role.isOfJob), plugin: entry.plugin, name: request.name, task: task)
            { context in
                try await request.body(context.tasks)
            }
            if parent.state == .cancelled { host.cancel(id) }
            request.answer(.success(()))
        } catch {
            log.warning(
                "plugin '\(entry?.plugin ?? "?")' may not start the task '\(request.name)': \(error)",
                kind: .pluginFailed)
            request.answer(.failure(error))
        }
    }

    // MARK: Services

    func summary(of instance: InstanceID) -> ServiceSummary { summary(of: instance, as: fleet[instance]) }

    /// What there was to say of it when its machine was this.
    func summary(of instance: InstanceID, as machine: ServiceMachine) -> ServiceSummary {
        ServiceSummary(
            name: name(of: instance), state: machine.state, desired: machine.desired, pid: machine.pid,
            restarts: machine.restarts, lastExit: machine.lastExit, health: health(of: instance),
            reason: reason(of: instance, as: machine))
    }

    private func selected(_ selectors: [String]) -> Result<[InstanceID], ServiceControlError> {
        guard !selectors.isEmpty else { return .success(listed) }
        return select(texts: selectors).mapError { ServiceControlError(.noSuchService, $0.message) }
    }

    private func obey(_ order: Order, _ selectors: [String], of plugin: String) -> Result<Void, ServiceControlError> {
        if drain.gate != .open, order != .stop {
            return .failure(ServiceControlError(.shuttingDown, "supd is shutting down and starts nothing any more"))
        }
        guard !selectors.isEmpty else { return .failure(ServiceControlError(.noSuchService, "no service is named")) }
        return selected(selectors).map { instances in
            log.write(
                .info, "\(order.rawValue) of \(list(instances)) ordered by plugin '\(plugin)'",
                about: instances.map(name(of:)), kind: .ordered)
            carryOut(order, instances, cause: .plugin(plugin))
        }
    }
}
