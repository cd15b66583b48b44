import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol

/// Probes: begun and ended with the states of their instances, asked, weighed, and given up by name.
final class ProbeRuns {
    private unowned let seam: any PluginSeam
    private let work: PluginWork
    private var table = ProbeTable()

    /// None yet.
    init(_ seam: any PluginSeam, _ work: PluginWork) {
        self.seam = seam
        self.work = work
    }

    /// An instance has come into a state: it has the probe that belongs to that, and no other.
    func follow(_ instance: InstanceID, _ change: StateChange) {
        guard let probes = seam.serviceDefinition(of: instance).probes else { return }
        if case .stopping(let stop) = change.machine.phase { keepProblem(of: instance, stop) }
        end(of: instance)
        switch change.to {
        // Its process is still to be made: `beginReadiness` follows.
        case .starting: break
        case .running: begin(probes.health, .health, of: instance)
        case .stopped, .backoff, .stopping, .exited, .fatal: break
        }
    }

    /// An instance has its process and is not up: it is asked until it is.
    func beginReadiness(of instance: InstanceID) {
        guard seam.fleet[instance].state == .starting else { return }
        begin(seam.serviceDefinition(of: instance).probes?.readiness, .readiness, of: instance)
    }

    private func begin(_ planned: PlannedProbe?, _ purpose: ProbePurpose, of instance: InstanceID) {
        guard let planned, seam.drain.gate == .open else { return }
        let number = table.add(
            ProbeRun(
                instance: instance, attempt: seam.fleet[instance].attempt, purpose: purpose, planned: planned,
                machine: ProbeMachine(ProbeRules(planned, purpose), now: seam.host.now)))
        step(number) { _, _ in [] }
    }

    /// An attempt that is ended for its probe: the last answer says more than that it was.
    private func keepProblem(of instance: InstanceID, _ stop: StopProgress) {
        guard let run = table.run(of: instance), case .forced(let end) = stop.why else { return }
        let problem = run.machine.problem ?? "its \(run.purpose.rawValue) probe '\(run.planned.name)' had no answer yet"
        switch (end, run.purpose) {
        case (.startTimeout, .readiness):
            let name = seam.name(of: instance)
            seam.log.write(.warning, "\(name) was not ready in time: \(problem)", about: name, kind: .notReady)
        case (.unhealthy, .health): break
        case (.startTimeout, .health), (.unhealthy, .readiness), (.runtimeMax, _), (.watchdog, _),
            (.watchdogTrigger, _), (.commandTimeout, _):
            return
        }
        table.keepProblem(problem, of: instance, attempt: run.attempt)
    }

    /// The probes of what runs are others from now on.
    func beginAnew(_ instance: InstanceID) {
        end(of: instance)
        switch seam.fleet[instance].state {
        case .starting where seam.fleet[instance].pid != nil: beginReadiness(of: instance)
        case .running:
            begin(seam.serviceDefinition(of: instance).probes?.health, .health, of: instance)
        case .stopped, .starting, .backoff, .stopping, .exited, .fatal: break
        }
    }

    private func end(of instance: InstanceID) {
        guard let number = table.release(instance) else { return }
        step(number) { $0.end(now: $1) }
    }

    /// A drain has begun: nobody wants to know any more.
    func endAll() {
        for instance in table.current.keys.sorted() { end(of: instance) }
    }

    /// The timer of a probe has fired.
    func advance(_ number: Int) { step(number) { $0.advance(now: $1) } }

    /// Lets a probe take an event, and does what follows.
    private func step(_ number: Int, _ event: (inout ProbeMachine, MonotonicInstant) -> [ProbeMachine.Action]) {
        guard var run = table[number] else { return }
        let before = run.machine.verdict
        let actions = event(&run.machine, seam.host.now)
        table[number] = run
        for action in actions { perform(action, of: run, number, before: before) }
        let token = TimerKind.probe.token(number)
        if let deadline = table[number]?.machine.deadline {
            seam.host.arm(token, at: deadline)
        } else {
            seam.host.disarm(token)
        }
    }

    private func perform(
        _ action: ProbeMachine.Action, of run: ProbeRun, _ number: Int, before: ProbeMachine.Verdict
    ) {
        switch action {
        case .ask(let until): ask(run, number, until: until)
        case .cancel:
            seam.log.write(.debug, "\(title(run)) is cancelled", about: seam.name(of: run.instance))
            if let question = run.question { seam.host.cancel(question.work) }
        case .abandon:
            guard let question = run.question else { return }
            table[number]?.question = nil
            work.remove(question.work)
            seam.drain.tasks.giveUp(question.task)
            seam.log.write(
                .warning, "\(title(run)) did not end and was abandoned: this attempt is not probed any more",
                about: seam.name(of: run.instance), kind: .abandoned)
        case .changed(let verdict): changed(run, verdict, before: before)
        }
    }

    private func ask(_ run: ProbeRun, _ number: Int, until: MonotonicInstant) {
        let name = seam.name(of: run.instance)
        guard
            let task = try? seam.drain.tasks.register(
                TaskTitle("\(run.purpose.rawValue) \(name): \(run.planned.name)", about: name.service), kind: .job,
                phase: .quiesce)
        else { return }
        seam.drain.tasks.setDeadline(until, of: task)
        let (probe, purpose, summary) = (run.planned.probe, run.purpose, seam.summary(of: run.instance))
        let id = work.begin(.probe(run: number), plugin: run.planned.plugin, name: run.planned.name, task: task) {
            try await probe.probe(
                ProbeContext(plugin: $0, purpose: purpose, service: summary, deadline: until))
        }
        table[number]?.question = (id, task)
    }

    /// A question was answered.
    func ended(_ number: Int, _ task: TaskID, error: String?) {
        seam.drain.tasks.complete(task)
        table[number]?.question = nil
        step(number) { $0.answered(error: error, now: $1) }
    }

    private func changed(_ run: ProbeRun, _ verdict: ProbeMachine.Verdict, before: ProbeMachine.Verdict) {
        let (instance, attempt) = (run.instance, run.attempt)
        switch run.purpose {
        case .readiness:
            guard verdict == .passed else { return }
            seam.notices.readiness.meet(.probe, of: instance, attempt: attempt)
        case .health:
            tell(run, verdict, before: before)
            guard verdict == .failed, run.planned.onFailure == .restart else { return }
            seam.act { $0.handle(.becameUnhealthy(attempt: attempt), of: instance, now: $1, random: $2, into: &$3) }
        }
    }

    private func tell(_ run: ProbeRun, _ verdict: ProbeMachine.Verdict, before: ProbeMachine.Verdict) {
        let name = seam.name(of: run.instance)
        switch verdict {
        case .failed:
            seam.log.write(
                .warning, "\(name) is unhealthy: \(run.machine.problem ?? "")", about: name, kind: .unhealthy)
        case .passed:
            seam.log.write(before == .failed ? .notice : .debug, "\(name) is healthy", about: name, kind: .healthy)
        case .unknown: break
        }
        seam.noteChange()
        seam.emit(.health(run.instance, from: ServiceHealth(before)))
    }

    // MARK: What is shown

    /// How often anything of what follows has changed.
    var changes: UInt64 { table.changes }

    /// What the health probe of an instance says; nil where it has none, or is not RUNNING.
    func health(of instance: InstanceID) -> ServiceHealth? {
        guard let run = table.run(of: instance), run.purpose == .health else { return nil }
        return ServiceHealth(run.machine.verdict)
    }

    /// What a probe holds against an instance, as part of a sentence; nil for nothing.
    func problem(of instance: InstanceID) -> String? {
        guard let run = table.run(of: instance) else { return nil }
        let problem = run.machine.problem
        switch (run.purpose, run.machine.verdict) {
        case (.readiness, _): return problem.map { "not ready: \($0)" } ?? "not ready yet"
        case (.health, .failed): return problem.map { "unhealthy: \($0)" }
        case (.health, .unknown): return problem.map { "its health is not known: \($0)" }
        case (.health, .passed): return nil
        }
    }

    /// What the probe of an instance has answered last; nil where none asks it now.
    func answer(of instance: InstanceID) -> ProbeAnswer? {
        table.run(of: instance).map { run in
            ProbeAnswer(
                name: run.planned.name, purpose: run.purpose, problem: run.machine.problem,
                at: run.machine.answeredAt.map(seam.wall))
        }
    }

    private func title(_ run: ProbeRun) -> String {
        "\(run.purpose.rawValue) probe '\(run.planned.name)' of \(seam.name(of: run.instance))"
    }

    /// Why this attempt was not ready, or not healthy; nil where nothing was kept of it.
    func lastProblem(of instance: InstanceID, attempt: UInt64) -> String? {
        table.lastProblem(of: instance, attempt: attempt)
    }

    /// Whether a question about an instance is under way.
    func isBusy(with instance: InstanceID) -> Bool { table.runs.values.contains { $0.instance == instance } }

    /// Whether nobody is asked, nor waits to be.
    var isEmpty: Bool { table.runs.isEmpty && table.current.isEmpty }

    /// Those that anything is known of.
    var instances: [InstanceID] { table.instances }

    /// The instance is gone for good.
    func forget(_ instance: InstanceID) { table.forget(instance) }
}
