import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin

/// Probes: begun and ended with the states of their instances, asked, weighed, and given up by name.
extension Supervisor {
    /// An instance has come into a state: it has the probe that belongs to that, and no other.
    func probe(_ instance: InstanceID, _ change: StateChange) {
        guard let probes = definition(of: instance).probes else { return }
        if case .stopping(let stop) = change.machine.phase { keepProblem(of: instance, stop) }
        endProbe(of: instance)
        switch change.to {
        // Its process is still to be made: `beginReadiness` follows.
        case .starting: break
        case .running: begin(probes.health, .health, of: instance)
        case .stopped, .backoff, .stopping, .exited, .fatal: break
        }
    }

    /// An instance has its process and is not up: it is asked until it is.
    func beginReadiness(of instance: InstanceID) {
        guard fleet[instance].state == .starting else { return }
        begin(definition(of: instance).probes?.readiness, .readiness, of: instance)
    }

    private func begin(_ planned: PlannedProbe?, _ purpose: ProbePurpose, of instance: InstanceID) {
        guard let planned, drain.gate == .open else { return }
        let number = plugins.probes.add(
            ProbeRun(
                instance: instance, attempt: fleet[instance].attempt, purpose: purpose, planned: planned,
                machine: ProbeMachine(ProbeRules(planned, purpose), now: host.now)))
        stepProbe(number) { _, _ in [] }
    }

    /// An attempt that is ended for its probe: the last answer says more than that it was.
    private func keepProblem(of instance: InstanceID, _ stop: StopProgress) {
        guard let run = plugins.probes.run(of: instance), case .forced(let end) = stop.why else { return }
        let problem = run.machine.problem ?? "its \(run.purpose.rawValue) probe '\(run.planned.name)' had no answer yet"
        switch (end, run.purpose) {
        case (.startTimeout, .readiness):
            let name = name(of: instance)
            log.write(.warning, "\(name) was not ready in time: \(problem)", about: name, kind: .notReady)
        case (.unhealthy, .health): break
        case (.startTimeout, .health), (.unhealthy, .readiness), (.runtimeMax, _): return
        }
        plugins.probes.keepProblem(problem, of: instance, attempt: run.attempt)
    }

    /// The probes of what runs are others from now on.
    func probeAnew(_ instance: InstanceID) {
        endProbe(of: instance)
        switch fleet[instance].state {
        case .starting where fleet[instance].pid != nil: beginReadiness(of: instance)
        case .running: begin(definition(of: instance).probes?.health, .health, of: instance)
        case .stopped, .starting, .backoff, .stopping, .exited, .fatal: break
        }
    }

    private func endProbe(of instance: InstanceID) {
        guard let number = plugins.probes.release(instance) else { return }
        stepProbe(number) { $0.end(now: $1) }
    }

    /// A drain has begun: nobody wants to know any more.
    func endProbes() {
        for instance in plugins.probes.current.keys.sorted() { endProbe(of: instance) }
    }

    /// Lets a probe take an event, and does what follows.
    func stepProbe(_ number: Int, _ event: (inout ProbeMachine, MonotonicInstant) -> [ProbeMachine.Action]) {
        guard var run = plugins.probes[number] else { return }
        let before = run.machine.verdict
        let actions = event(&run.machine, host.now)
        plugins.probes[number] = run
        for action in actions { perform(action, of: run, number, before: before) }
        let token = TimerKind.probe.token(number)
        if let deadline = plugins.probes[number]?.machine.deadline {
            host.arm(token, at: deadline)
        } else {
            host.disarm(token)
        }
    }

    private func perform(
        _ action: ProbeMachine.Action, of run: ProbeRun, _ number: Int, before: ProbeMachine.Verdict
    ) {
        switch action {
        case .ask(let until): ask(run, number, until: until)
        case .cancel:
            log.write(.debug, "\(title(run)) is cancelled", about: name(of: run.instance))
            if let question = run.question { host.cancel(question.work) }
        case .abandon:
            guard let question = run.question else { return }
            plugins.probes[number]?.question = nil
            _ = plugins.work.remove(question.work)
            drain.giveUp(question.task)
            log.write(
                .warning, "\(title(run)) did not end and was abandoned: this attempt is not probed any more",
                about: name(of: run.instance), kind: .abandoned)
        case .changed(let verdict): changed(run, verdict, before: before)
        }
    }

    private func ask(_ run: ProbeRun, _ number: Int, until: MonotonicInstant) {
        let name = name(of: run.instance)
        guard
            let task = try? drain.register(
                "\(run.purpose.rawValue) \(name): \(run.planned.name)", kind: .job, phase: .quiesce)
        else { return }
        drain.setDeadline(until, of: task)
        let (probe, purpose, summary) = (run.planned.probe, run.purpose, summary(of: run.instance))
        let work = beginWork(.probe(run: number), plugin: run.planned.plugin, name: run.planned.name, task: task) {
            try await probe.probe(
                ProbeContext(plugin: $0, purpose: purpose, service: summary, deadline: until))
        }
        plugins.probes[number]?.question = (work, task)
    }

    /// A question was answered.
    func probeEnded(_ number: Int, _ task: TaskID, error: String?) {
        drain.complete(task)
        plugins.probes[number]?.question = nil
        stepProbe(number) { $0.answered(error: error, now: $1) }
    }

    private func changed(_ run: ProbeRun, _ verdict: ProbeMachine.Verdict, before: ProbeMachine.Verdict) {
        let (instance, attempt) = (run.instance, run.attempt)
        switch run.purpose {
        case .readiness:
            guard verdict == .passed else { return }
            act { $0.handle(.becameReady(attempt: attempt), of: instance, now: $1, random: $2, into: &$3) }
        case .health:
            tell(run, verdict, before: before)
            guard verdict == .failed, run.planned.onFailure == .restart else { return }
            act { $0.handle(.becameUnhealthy(attempt: attempt), of: instance, now: $1, random: $2, into: &$3) }
        }
    }

    private func tell(_ run: ProbeRun, _ verdict: ProbeMachine.Verdict, before: ProbeMachine.Verdict) {
        let name = name(of: run.instance)
        switch verdict {
        case .failed:
            log.write(.warning, "\(name) is unhealthy: \(run.machine.problem ?? "")", about: name, kind: .unhealthy)
        case .passed: log.write(before == .failed ? .notice : .debug, "\(name) is healthy", about: name, kind: .healthy)
        case .unknown: break
        }
        noteChange()
        emit(.health(summary(of: run.instance), from: ServiceHealth(before)))
    }

    // MARK: What is shown

    /// What the health probe of an instance says; nil where it has none, or is not RUNNING.
    func health(of instance: InstanceID) -> ServiceHealth? {
        guard let run = plugins.probes.run(of: instance), run.purpose == .health else { return nil }
        return ServiceHealth(run.machine.verdict)
    }

    /// What a probe holds against an instance, as part of a sentence; nil for nothing.
    func probeProblem(of instance: InstanceID) -> String? {
        guard let run = plugins.probes.run(of: instance) else { return nil }
        let problem = run.machine.problem
        switch (run.purpose, run.machine.verdict) {
        case (.readiness, _): return problem.map { "not ready: \($0)" } ?? "not ready yet"
        case (.health, .failed): return problem.map { "unhealthy: \($0)" }
        case (.health, .unknown): return problem.map { "its health is not known: \($0)" }
        case (.health, .passed): return nil
        }
    }

    private func title(_ run: ProbeRun) -> String {
        "\(run.purpose.rawValue) probe '\(run.planned.name)' of \(name(of: run.instance))"
    }
}
