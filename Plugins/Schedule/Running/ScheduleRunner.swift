import SupdPlugin
import Synchronization

/// Has services started when their time has come: the thin shell around `Timetable`.
final class ScheduleRunner: Sendable {
    let clock: ScheduleClock
    let timetable: Mutex<Timetable>
    let keeper: RecordKeeper
    /// Wakes the job before its time.
    let bell = Bell()
    /// Whether the job runs: a run that somebody orders may have to wait for it.
    let isLive = Mutex(false)
    /// The number of the last event that was seen.
    let lastEvent = Mutex<UInt64>(0)

    init(_ settings: ScheduleSettings, clock: ScheduleClock) {
        self.clock = clock
        timetable = Mutex(Timetable(settings.entries, zone: settings.isUTC ? .utc : .local))
        keeper = RecordKeeper(file: settings.state.map(RecordFile.init))
    }

    /// Starts the service of a schedule, or does what its `overlap` says where it still runs. Throws what the daemon
    /// refuses the order with.
    func run(_ place: Int, byOrder: Bool, _ context: PluginContext) async throws -> ScheduleLine.Decision {
        let entry = timetable.withLock { $0.lines[place].entry }
        let isBusy = try await context.services.isBusy(entry.service)
        let now = clock.now()
        let decision = timetable.withLock { $0.decide(place, isBusy: isBusy, now, byOrder: byOrder) }
        switch decision {
        case .start:
            try await context.services.start([entry.service])
            started(place, byOrder: byOrder, context)
        case .restart:
            context.logger.notice(
                "schedule '\(entry.name)': \(entry.service) still runs and is stopped for the next run")
            try await context.services.restart([entry.service])
            started(place, byOrder: byOrder, context)
        case .wait:
            context.logger.info("schedule '\(entry.name)': the run waits until \(entry.service) has ended")
            bell.ring()
        case .skip(let isFirst):
            keep(context)
            guard isFirst else { break }
            context.logger.notice(
                "schedule '\(entry.name)': \(entry.service) still runs; this run and those until its end are left out")
        }
        return decision
    }

    /// Starts the run that waits, where the service has ended.
    func runWaiting(_ place: Int, _ context: PluginContext) async throws {
        let service = timetable.withLock { $0.lines[place].entry.service }
        guard try await !context.services.isBusy(service) else { return }
        try await context.services.start([service])
        started(place, byOrder: false, context)
    }

    private func started(_ place: Int, byOrder: Bool, _ context: PluginContext) {
        let now = clock.now()
        timetable.withLock { $0.started(place, now, byOrder: byOrder) }
        keep(context)
    }

    private func keep(_ context: PluginContext) {
        keeper.keep(timetable.withLock { $0.records }, context.logger)
    }
}

extension ServiceControl {
    /// Whether a run of the service is not over: it has a process, waits to be run again by its restart policy, or for what
    /// it requires.
    fileprivate func isBusy(_ service: String) async throws -> Bool {
        try await list([service]).contains { $0.isBusy }
    }
}

extension ServiceSummary {
    var isBusy: Bool {
        switch state {
        case .starting, .running, .backoff, .stopping: true
        case .stopped: desired == .up
        case .exited, .fatal: false
        }
    }
}
