import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin

/// The hooks of one point on their way: of the daemon, or of one instance's stop.
struct HookRun {
    /// One of them.
    struct Hook {
        var name: String
        var plugin: String
        var budget: Duration
        var hook: any ShutdownHook
        /// Registered when the run was made, so that a drain waits for it.
        var task: TaskID
    }

    let point: HookPoint
    let hooks: [Hook]
    /// Whose stop it is; nil for a hook of the daemon.
    let instance: (id: InstanceID, attempt: UInt64)?
    var sequence: HookSequence
    /// The work of the hook that runs.
    var current: WorkID?

    /// A run of `hooks` that has not begun.
    init(_ point: HookPoint, _ hooks: [Hook], instance: (id: InstanceID, attempt: UInt64)?) {
        self.point = point
        self.hooks = hooks
        self.instance = instance
        sequence = HookSequence(budgets: hooks.map(\.budget))
    }
}

/// Shutdown hooks: registered, run one after the other, and given up by name.
final class HookRuns {
    private unowned let seam: any PluginSeam
    private let catalogue: PluginCatalogue
    private let work: PluginWork
    private var runs = [Int: HookRun]()
    private var last = 0

    /// None yet: the daemon's are those of `catalogue`.
    init(_ seam: any PluginSeam, _ catalogue: PluginCatalogue, _ work: PluginWork) {
        self.seam = seam
        self.catalogue = catalogue
        self.work = work
    }

    /// Registers the daemon's hooks, before the gate closes: from now on the drain waits for them in their phases.
    func register() {
        for point in [HookPoint.beforeServices, .afterServices] {
            let hooks = catalogue.daemonHooks.filter { $0.point == point }
            let phase: DrainPhase = point == .beforeServices ? .quiesce : .flush
            makeRun(
                point, hooks.map { ($0.name, "hook \($0.name)", $0.plugin, $0.budget, $0.hook) }, phase: phase,
                instance: nil)
        }
    }

    /// Takes the daemon's hooks back that have not run: the drain was undone.
    func unregister() {
        for (number, run) in runs where run.instance == nil {
            runs[number] = nil
            for hook in run.hooks { seam.drain.tasks.complete(hook.task) }
        }
    }

    /// Runs the daemon's hooks of `point`; nothing where there are none.
    func begin(_ point: HookPoint) {
        let number = runs.first { $0.value.instance == nil && $0.value.point == point }?.key
        step(number) { $0.begin(now: $1) }
    }

    /// Whether hooks of the daemon of `point` have not had their turn.
    func awaits(_ point: HookPoint) -> Bool {
        runs.values.contains { $0.instance == nil && $0.point == point }
    }

    /// Runs an instance's hooks of `point` and answers the fleet when they have ended.
    func begin(_ point: HookPoint, of instance: InstanceID, attempt: UInt64) {
        let service = seam.serviceDefinition(of: instance).configuration
        let name = seam.name(of: instance)
        let hooks = PluginCatalogue.inOrder(service.conduct.hooks.filter { $0.point == point }, by: \.order)
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
            let service = instance.map { seam.name(of: $0.id).service }
            guard
                let task = try? seam.drain.tasks.register(
                    TaskTitle(hook.title, about: service), kind: .cleanup, phase: phase, isOwn: true)
            else { return nil }
            return HookRun.Hook(
                name: hook.name, plugin: hook.plugin, budget: hook.budget, hook: hook.hook, task: task)
        }
        guard !registered.isEmpty || instance != nil else { return nil }
        last += 1
        runs[last] = HookRun(point, registered, instance: instance)
        return last
    }

    /// The timer of a run has fired.
    func advance(_ number: Int) { step(number) { $0.advance(now: $1) } }

    /// Lets a run's sequence take an event, and does what follows.
    private func step(_ number: Int?, _ event: (inout HookSequence, MonotonicInstant) -> [HookSequence.Action]) {
        guard let number, var run = runs[number] else { return }
        let actions = event(&run.sequence, seam.host.now)
        runs[number] = run
        for action in actions { perform(action, of: number) }
        let token = TimerKind.hooks.token(number)
        if let deadline = runs[number]?.sequence.deadline {
            seam.host.arm(token, at: deadline)
        } else {
            seam.host.disarm(token)
        }
    }

    private func perform(_ action: HookSequence.Action, of number: Int) {
        guard let run = runs[number] else { return }
        switch action {
        case .run(let place, let until): begin(run, number, place, until: until)
        case .cancel(let place, let isOverdue):
            // Where the time of its phase is over, the drain has told of the phase and of all that it cancels.
            if isOverdue {
                let budget = run.hooks[place].budget.text
                seam.log.write(
                    .warning, "hook \(title(run, place).text) is over its \(budget) and is cancelled",
                    about: instances(of: run), kind: .hookFailed)
            }
            if let id = run.current { seam.host.cancel(id) }
        case .abandon(let place):
            if let id = run.current { work.remove(id) }
            runs[number]?.current = nil
            seam.drain.tasks.giveUp(run.hooks[place].task)
            note(run, place, failed: "did not end and was abandoned")
        case .skip(let place): seam.drain.tasks.complete(run.hooks[place].task)
        case .finished: finish(run, number)
        }
    }

    private func begin(_ run: HookRun, _ number: Int, _ place: Int, until: MonotonicInstant) {
        let hook = run.hooks[place]
        let summary = run.instance.map { seam.summary(of: $0.id) }
        let cause = run.instance.map { seam.sentence(seam.fleet[$0.id].cause).text } ?? seam.drain.cause
        let point = run.point
        seam.drain.tasks.setDeadline(until, of: hook.task)
        seam.log.write(
            .debug, "hook \(title(run, place).text) begins, at most \(hook.budget.text)", about: instances(of: run))
        let id = work.begin(
            .hook(run: number, place: place), plugin: hook.plugin, name: hook.name, task: hook.task
        ) { context in
            try await hook.hook.run(
                HookContext(plugin: context, point: point, cause: cause, deadline: until, service: summary))
        }
        runs[number]?.current = id
    }

    func ended(_ number: Int, _ place: Int, error: String?) {
        guard let run = runs[number] else { return }
        runs[number]?.current = nil
        seam.drain.tasks.complete(run.hooks[place].task)
        if let error { note(run, place, failed: error) }
        step(number) { $0.ended(hook: place, error: error, now: $1) }
    }

    private func note(_ run: HookRun, _ place: Int, failed problem: String) {
        let sentence: Sentence = "\(title(run, place)): \(problem)"
        seam.log.write(.warning, "hook \(sentence.text)", about: instances(of: run), kind: .hookFailed)
        seam.emit(.plugin(run.hooks[place].plugin, "hook \(sentence)"))
        seam.drain.note(failedHook: sentence.text)
    }

    private func instances(of run: HookRun) -> [InstanceName] { run.instance.map { [seam.name(of: $0.id)] } ?? [] }

    private func title(_ run: HookRun, _ place: Int) -> Sentence {
        let name = run.hooks[place].name
        return run.instance.map { "'\(name)' of \(seam.name(of: $0.id))" } ?? "'\(name)'"
    }

    private func finish(_ run: HookRun, _ number: Int) {
        runs[number] = nil
        if let (instance, attempt) = run.instance {
            seam.commands.errands.hooksEnded(run.point, of: instance, attempt: attempt)
        } else if run.point == .afterServices {
            seam.drain.closeLogs()
        }
    }

    /// There is no time left for the hooks of `phase`: the one of each run that lives is told, those behind it are left out.
    func cancel(of phase: DrainPhase) {
        for number in numbers(of: phase) { step(number) { $0.cancelAll(now: $1) } }
    }

    /// Gives up what is left of the hooks of `phase`.
    func abandon(of phase: DrainPhase) {
        for number in numbers(of: phase) { step(number) { sequence, _ in sequence.giveUp() } }
    }

    /// Those that hooks are under way for.
    var instances: [InstanceID] { runs.values.compactMap { $0.instance?.id } }

    private func numbers(of phase: DrainPhase) -> [Int] {
        runs.filter { _, run in
            switch run.point {
            case .beforeServices: phase == .quiesce
            case .afterServices: phase == .flush
            case .beforeStop, .afterStop: phase == .services
            }
        }.keys.sorted()
    }
}
