import SupdPlugin
import Synchronization

/// Why nobody was told of an event, as a sentence for the log.
struct NotifyFailure: Error, Hashable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// A way to tell somebody.
protocol NotifyChannel: Sendable {
    /// `command`, `webhook`.
    var name: String { get }
    /// Tells once, `suppressed` notifications after the last. Whatever goes wrong is thrown, and so is the end of its time;
    /// `CancellationError` where the task is cancelled.
    func tell(_ notification: Notification, suppressed: Int, _ context: PluginContext) async throws
}

/// Tells of each event that counts, one after the other, as often as is allowed, and again where it fails.
final class NotifySink: EventSink {
    private let channel: any NotifyChannel
    private let settings: NotifySettings
    private let clock: NotifyClock
    private let limit: Mutex<RateLimit>

    init(_ channel: any NotifyChannel, _ settings: NotifySettings, clock: NotifyClock) {
        self.channel = channel
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
                "over \(plural(settings.burst, "event")) in \(settings.interval.text): '\(notification.name)' and what follows is not told"
            )
        case .pass(let suppressed):
            try await tell(notification, suppressed: suppressed, context)
        }
    }

    private func tell(_ notification: Notification, suppressed: Int, _ context: PluginContext) async throws {
        for attempt in 0... {
            do {
                try await channel.tell(notification, suppressed: suppressed, context)
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
}
