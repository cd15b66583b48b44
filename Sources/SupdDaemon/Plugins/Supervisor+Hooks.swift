import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin

/// Shutdown hooks: registered, run one after the other, and given up by name.
extension Supervisor {
    /// Registers the daemon's hooks, before the gate closes: from now on the drain waits for them in their phases.
    func registerDaemonHooks() {
        for point in [HookPoint.beforeServices, .afterServices] {
            let hooks = plugins.daemonHooks.filter { $0.point == point }
            let phase: DrainPhase = point == .beforeServices ? .quiesce : .flush
            makeRun(
                point, hooks.map { ($0.name, "hook \($0.name)", $0.plugin, $0.budget, $0.hook) }, phase: phase,
                instance: nil)
        }
    }

    /// Takes the daemon's hooks back that have not run: the drain was undone.
    func unregisterDaemonHooks() {
        for (number, run) in plugins.runs where run.instance == nil {
            plugins.runs[number] = nil
            for hook in run.hooks { drain.complete(hook.task) }
        }
    }

    /// Runs the daemon's hooks of `point`; nothing where there are none.
    func beginDaemonHooks(_ point: HookPoint) {
        guard let number = plugins.runs.first(where: { $0.value.instance == nil && $0.value.point == point })?.key
        else {
            return
        }
        step(number) { $0.begin(now: $1) }
    }

    /// Whether hooks of the daemon of `point` have not had their turn.
    func awaitsDaemonHooks(_ point: HookPoint) -> Bool {
        plugins.runs.values.contains { $0.instance == nil && $0.point == point }
    }

    /// Runs an instance's hooks of `point` and answers the fleet when they have ended.
    func beginHooks(_ point: HookPoint, of instance: InstanceID, attempt: UInt64) {
        let service = definition(of: instance)
        let name = name(of: instance)
        let hooks = PluginHost.inOrder(service.hooks.filter { $0.point == point }, by: \.order)
        let number = makeRun(
            point, hooks.map { ($0.name, "hook \(name): \($0.name)", $0.plugin, $0.budget, $0.hook) }, phase: .services,
            instance: (instance, attempt))
        step(number) { $0.begin(now: $1) }
    }

    @discardableResult
    private func makeRun(
        _ point: HookPoint,
        _ hooks: [(name: String, title: String, plugin: String, budget: Duration, hook: any ShutdownHook)],
        phase: DrainPhase, instance: (id: InstanceID, attempt: UInt64)?
    ) -> Int? {
        let registered = hooks.compactMap { hook -> HookRun.Hook? in
            guard
                let task = try? drain.register(hook.title, kind: .cleanup, phase: phase, isOwn: true)
            else { return nil }
            return HookRun.Hook(
                name: hook.name, plugin: hook.plugin, budget: hook.budget, hook: hook.hook, task: task)
        }
        guard !registered.isEmpty || instance != nil else { return nil }
        plugins.lastRun += 1
        plugins.runs[plugins.lastRun] = HookRun(point, registered, instance: instance)
        return plugins.lastRun
    }

    /// Lets a run's sequence take an event, and does what follows.
    func step(_ number: Int?, _ event: (inout HookSequence, MonotonicInstant) -> [HookSequence.Action]) {
        guard let number, var run = plugins.runs[number] else { return }
        let actions = event(&run.sequence, host.now)
        plugins.runs[number] = run
        for action in actions { perform(action, of: number) }
        let token = TimerKind.hooks.token(number)
        if let deadline = plugins.runs[number]?.sequence.deadline {
            host.arm(token, at: deadline)
        } else {
            host.disarm(token)
        }
    }

    private func perform(_ action: HookSequence.Action, of number: Int) {
        guard let run = plugins.runs[number] else { return }
        switch action {
        case .run(let place, let until): begin(run, number, place, until: until)
        case .cancel(let place):
            log.write(
                .warning, "hook \(title(run, place)) is over its \(run.hooks[place].budget.text) and is cancelled",
                about: instances(of: run), kind: .hookFailed)
            if let work = run.current { host.cancel(work) }
        case .abandon(let place):
            if let work = run.current { _ = plugins.work.remove(work) }
            plugins.runs[number]?.current = nil
            drain.giveUp(run.hooks[place].task)
            note(run, place, failed: "did not end and was abandoned")
        case .skip(let place): drain.complete(run.hooks[place].task)
        case .finished: finish(run, number)
        }
    }

    private func begin(_ run: HookRun, _ number: Int, _ place: Int, until: MonotonicInstant) {
        let hook = run.hooks[place]
        let summary = run.instance.map { self.summary(of: $0.id) }
        let cause = run.instance.map { self.sentence(fleet[$0.id].cause) } ?? drain.cause
        let point = run.point
        drain.setDeadline(until, of: hook.task)
        log.write(
            .debug, "hook \(title(run, place)) begins, at most \(hook.budget.text)", about: instances(of: run))
        let work = beginWork(
            .hook(run: number, place: place), plugin: hook.plugin, name: hook.name, task: hook.task
        ) { context in
            try await hook.hook.run(
                HookContext(plugin: context, point: point, cause: cause, deadline: until, service: summary))
        }
        plugins.runs[number]?.current = work
    }

    func hookEnded(_ number: Int, _ place: Int, error: String?) {
        guard let run = plugins.runs[number] else { return }
        plugins.runs[number]?.current = nil
        drain.complete(run.hooks[place].task)
        if let error { note(run, place, failed: error) }
        step(number) { $0.ended(hook: place, error: error, now: $1) }
    }

    private func note(_ run: HookRun, _ place: Int, failed problem: String) {
        let sentence = "\(title(run, place)): \(problem)"
        log.write(.warning, "hook \(sentence)", about: instances(of: run), kind: .hookFailed)
        drain.note(failedHook: sentence)
    }

    private func instances(of run: HookRun) -> [InstanceName] { run.instance.map { [name(of: $0.id)] } ?? [] }

    private func title(_ run: HookRun, _ place: Int) -> String {
        let name = run.hooks[place].name
        return run.instance.map { "'\(name)' of \(self.name(of: $0.id))" } ?? "'\(name)'"
    }

    private func finish(_ run: HookRun, _ number: Int) {
        plugins.runs[number] = nil
        if let (instance, attempt) = run.instance {
            hooksEnded(run.point, of: instance, attempt: attempt)
        } else if run.point == .afterServices {
            drain.closeLogs()
        }
    }

    /// There is no time left for the hooks of `phase`: the one of each run that lives is told, those behind it are left out.
    func cancelHooks(of phase: DrainPhase) {
        for number in runs(of: phase) { step(number) { $0.cancelAll(now: $1) } }
    }

    /// Gives up what is left of the hooks of `phase`.
    func abandonHooks(of phase: DrainPhase) {
        for number in runs(of: phase) { step(number) { sequence, _ in sequence.giveUp() } }
    }

    private func runs(of phase: DrainPhase) -> [Int] {
        plugins.runs.filter { _, run in
            switch run.point {
            case .beforeServices: phase == .quiesce
            case .afterServices: phase == .flush
            case .beforeStop, .afterStop: phase == .services
            }
        }.keys.sorted()
    }
}
