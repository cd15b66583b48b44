import SupdPlugin
import Synchronization

/// Why nobody was told of an event, as a sentence for the log.
struct NotifyFailure: Error, Hashable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// Runs the command for each event that counts, one after the other.
final class CommandSink: EventSink {
    private let settings: NotifySettings
    private let clock: NotifyClock
    private let limit: Mutex<RateLimit>

    init(_ settings: NotifySettings, clock: NotifyClock) {
        self.settings = settings
        self.clock = clock
        limit = Mutex(RateLimit(burst: settings.burst, interval: settings.interval))
    }

    func receive(_ event: DaemonEvent, _ context: PluginContext) async throws {
        guard let notification = Notification(event), settings.topics.contains(notification.topic) else { return }
        let now = clock.now()
        switch limit.withLock({ $0.ask(now: now) }) {
        case .suppress(let isFirst):
            guard isFirst else { return }
            context.logger.warning(
                "over \(settings.burst) events in \(settings.interval.text): '\(notification.name)' and what follows is not told"
            )
        case .pass(let suppressed):
            try await tell(notification, notification.environment(suppressed: suppressed), context)
        }
    }

    private func tell(
        _ notification: Notification, _ environment: [String: String], _ context: PluginContext
    ) async throws {
        for attempt in 0... {
            do {
                try await run(environment, context)
                return
            } catch is CancellationError {
                throw NotifyFailure("'\(notification.name)' was not told: there was no time left")
            } catch {
                guard attempt < settings.retries else {
                    throw NotifyFailure("'\(notification.name)' was not told: \(error)")
                }
                context.logger.debug(
                    "'\(notification.name)' will be told again in \(settings.retryDelay.text): \(error)")
            }
            try await clock.wait(settings.retryDelay)
        }
    }

    /// Runs the command once. Whatever goes wrong is thrown, and so is the end of its time.
    private func run(_ environment: [String: String], _ context: PluginContext) async throws {
        let command = ProcessCommand(settings.command, environment: environment)
        let processes = context.processes
        let (clock, timeout) = (clock, settings.timeout)
        let outcome = try await withThrowingTaskGroup(of: ProcessOutcome?.self) { group in
            group.addTask { try await processes.run(command) }
            group.addTask {
                try await clock.wait(timeout)
                return nil
            }
            // Whoever is left is cancelled and awaited: a program's end is short after.
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
        let name = settings.command.first ?? "the program"
        guard let outcome else { throw NotifyFailure("\(name) has not ended after \(timeout.text)") }
        guard !outcome.isSuccess else { return }
        throw NotifyFailure("\(name): \(outcome.ending)" + (outcome.lastErrorLine.map { ": \($0)" } ?? ""))
    }
}
