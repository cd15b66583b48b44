import Glibc
public import SupdPlugin
import Synchronization

/// Stands in for the daemon in a plugin's own tests: gives out contexts, and records what the plugin does with them as facts
/// that a test can await.
public final class PluginRecorder: Sendable {
    /// Something that a plugin did.
    public enum Fact: Hashable, Sendable {
        /// It logged a line.
        case logged(Logger.Level, String)
        /// It ordered services: `start`, `stop` or `restart`.
        case ordered(String, [String])
        /// It started a task.
        case started(String)
        /// A task that it started has ended; with what it threw.
        case ended(String, error: String?)
    }

    private struct State {
        var facts: [Fact] = []
        var services: [ServiceSummary] = []
        var refusal: RegistrationRefusal?
        var waiting = [UInt64: (fits: @Sendable (Fact) -> Bool, continuation: CheckedContinuation<Fact?, Never>)]()
        var next: UInt64 = 0
    }

    private let state = Mutex(State())

    /// A daemon with these services.
    public init(services: [ServiceSummary] = []) {
        state.withLock { $0.services = services }
    }

    /// All that was done so far, in order.
    public var facts: [Fact] { state.withLock { $0.facts } }

    /// Has every task that is started from now on refused with `refusal`; nil lets them in again.
    public func refuseTasks(_ refusal: RegistrationRefusal?) { state.withLock { $0.refusal = refusal } }

    /// The first fact that fits, also one that was recorded before. Nil where none came within `limit`.
    public func first(
        within limit: Duration = .seconds(10), where fits: @escaping @Sendable (Fact) -> Bool
    ) async -> Fact? {
        let number = state.withLock { state in
            state.next += 1
            return state.next
        }
        let timeout = Task {
            try await Task.sleep(for: limit)
            giveUp(number)
        }
        defer { timeout.cancel() }
        return await withCheckedContinuation { continuation in
            let found: Fact? = state.withLock { state in
                if let fact = state.facts.first(where: fits) { return fact }
                state.waiting[number] = (fits, continuation)
                return nil
            }
            if let found { continuation.resume(returning: found) }
        }
    }

    private func giveUp(_ number: UInt64) {
        state.withLock { $0.waiting.removeValue(forKey: number) }?.continuation.resume(returning: nil)
    }

    func record(_ fact: Fact) {
        let heard = state.withLock { state in
            state.facts.append(fact)
            let heard = state.waiting.filter { $0.value.fits(fact) }
            for number in heard.keys { state.waiting[number] = nil }
            return heard.values.map(\.continuation)
        }
        for continuation in heard { continuation.resume(returning: fact) }
    }

    // MARK: Contexts

    /// What a part of a plugin is given.
    public var context: PluginContext {
        PluginContext(
            logger: Logger(label: "test") { _ in RecordedLog(recorder: self) },
            services: RecordedServices(recorder: self),
            tasks: RecordedTasks(recorder: self))
    }

    /// What a hook is told. Its deadline is `budget` from now.
    public func hookContext(
        _ point: HookPoint, cause: String = "SIGTERM", budget: Duration = .seconds(5), service: ServiceSummary? = nil
    ) -> HookContext {
        HookContext(
            plugin: context, point: point, cause: cause, deadline: monotonicNow().advanced(by: budget),
            service: service)
    }

    /// What a probe is told. Its deadline is `timeout` from now. Without a `service` it is asked of one named `service`.
    public func probeContext(
        _ purpose: ProbePurpose, timeout: Duration = .seconds(1), service: ServiceSummary? = nil
    ) -> ProbeContext {
        ProbeContext(
            plugin: context, purpose: purpose, service: service ?? Self.anyService,
            deadline: monotonicNow().advanced(by: timeout))
    }

    private static var anyService: ServiceSummary {
        guard let name = ServiceName("service") else { preconditionFailure("a name that the grammar allows") }
        return ServiceSummary(name: InstanceName(service: name, index: nil), state: .running, desired: .up, pid: 1)
    }

    /// What a job is given; `shutdown.give()` tells it to end.
    public func jobContext(shutdown: ShutdownNotice = ShutdownNotice()) -> JobContext {
        JobContext(plugin: context, shutdown: shutdown)
    }

    fileprivate func services(_ selectors: [String]) throws -> [ServiceSummary] {
        let all = state.withLock { $0.services }
        guard !selectors.isEmpty else { return all }
        return try selectors.flatMap { selector in
            let found = all.filter { $0.name.description == selector || $0.name.service.rawValue == selector }
            guard !found.isEmpty else {
                throw ServiceControlError(.noSuchService, "no service is named '\(selector)'")
            }
            return found
        }
    }

    fileprivate var refusal: RegistrationRefusal? { state.withLock { $0.refusal } }
}

private func monotonicNow() -> MonotonicInstant {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return MonotonicInstant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
}

private struct RecordedLog: LogHandler {
    let recorder: PluginRecorder
    var logLevel = Logger.Level.trace
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { recorder.record(.logged(event.level, "\(event.message)")) }
}

private struct RecordedServices: ServiceControl {
    let recorder: PluginRecorder

    func list(_ selectors: [String]) async throws -> [ServiceSummary] { try recorder.services(selectors) }
    func start(_ selectors: [String]) async throws { try order("start", selectors) }
    func stop(_ selectors: [String]) async throws { try order("stop", selectors) }
    func restart(_ selectors: [String]) async throws { try order("restart", selectors) }

    private func order(_ verb: String, _ selectors: [String]) throws {
        _ = try recorder.services(selectors)
        recorder.record(.ordered(verb, selectors))
    }
}

private struct RecordedTasks: TaskStarter {
    let recorder: PluginRecorder

    func start(
        _ name: String, kind: TaskKind, file: StaticString, line: UInt32,
        _ body: @escaping @Sendable (any TaskStarter) async throws -> Void
    ) async throws {
        if let refusal = recorder.refusal { throw refusal }
        recorder.record(.started(name))
        Task {
            var problem: String?
            do { try await body(self) } catch { problem = "\(error)" }
            recorder.record(.ended(name, error: problem))
        }
    }
}
