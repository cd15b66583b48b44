import SupdPlugin
import Synchronization

extension ScheduleRunner: EventSink {
    /// Has the job look at what waits when something has ended, and when events were dropped among which that may have been.
    func receive(_ event: DaemonEvent, _ context: PluginContext) async throws {
        let isWaiting = timetable.withLock { !$0.waiting.isEmpty }
        let isGap = lastEvent.withLock { last in
            defer { last = event.number }
            return event.number > last + 1
        }
        guard isWaiting else { return }
        if case .service(let summary, _) = event.kind, !summary.isBusy { return bell.ring() }
        if isGap { bell.ring() }
    }
}
