public import SupdPlugin

/// What every hook, job, probe, log sink and event sink must hold to, for a plugin's own tests.
extension PluginChecks {
    /// How long something may take to end once it is cancelled; the daemon abandons it then.
    public static let grace: Duration = .seconds(3)

    /// Runs `hook` once, cancels it at once, and answers what was wrong, as sentences. Empty means that it honours
    /// cancellation: it ended within `grace`, one way or the other. `recorder` stands in for the daemon.
    public static func faults(
        of hook: any ShutdownHook, at point: HookPoint = .beforeServices, recorder: PluginRecorder = PluginRecorder()
    ) async -> [String] {
        let context = recorder.hookContext(point)
        return await ends("the hook") { try await hook.run(context) }
    }

    /// Asks `probe` once, cancels it at once, and answers what was wrong, as for a hook.
    public static func faults(
        of probe: any Probe, for purpose: ProbePurpose = .health, recorder: PluginRecorder = PluginRecorder()
    ) async -> [String] {
        let context = recorder.probeContext(purpose)
        return await ends("the probe") { try await probe.probe(context) }
    }

    /// Gives `sink` entries, cancels it at once, and answers what was wrong, as for a hook.
    public static func faults(
        of sink: any LogSink, entries: [LogEntry], recorder: PluginRecorder = PluginRecorder()
    ) async -> [String] {
        let context = recorder.context
        return await ends("the log sink") { try await sink.write(entries, context) }
    }

    /// Gives `sink` an event, cancels it at once, and answers what was wrong, as for a hook.
    public static func faults(
        of sink: any EventSink, event: DaemonEvent, recorder: PluginRecorder = PluginRecorder()
    ) async -> [String] {
        let context = recorder.context
        return await ends("the event sink") { try await sink.receive(event, context) }
    }

    /// Runs `job` twice: told to end, and cancelled. Answers what was wrong, as sentences.
    public static func faults(of job: any Job, recorder: PluginRecorder = PluginRecorder()) async -> [String] {
        let told = ShutdownNotice()
        told.give()
        let toldContext = recorder.jobContext(shutdown: told)
        let cancelledContext = recorder.jobContext()
        let obedient = await ends("the job", isCancelled: false) { try await job.run(toldContext) }
        return obedient + (await ends("the job") { try await job.run(cancelledContext) })
    }

    private static func ends(
        _ what: String, isCancelled: Bool = true, _ body: @escaping @Sendable () async throws -> Void
    ) async -> [String] {
        let ended = ShutdownNotice()
        let misuses = MisuseList()
        let task = Task.detached {
            defer { ended.give() }
            await OptionMisuse.$listener.withValue({ misuses.note($0) }) { try? await body() }
        }
        if isCancelled { task.cancel() }
        // Whichever comes first; what does not end is left behind, as the daemon leaves it.
        let timeout = Task.detached { try? await Task.sleep(for: grace) }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await ended.wait() }
            group.addTask { await timeout.value }
            await group.next()
            timeout.cancel()
            group.cancelAll()
        }
        let asked = misuses.all.map { "\(what) \($0)" }
        guard !ended.isGiven else { return asked }
        let when = isCancelled ? "it was cancelled" : "it was told of the shutdown"
        return asked + ["\(what) has not ended \(grace.text) after \(when)"]
    }
}
