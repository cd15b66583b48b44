import SupdPlugin
import Synchronization

extension ScheduleRunner: Job {
    func run(_ context: JobContext) async throws {
        begin(context.plugin)
        isLive.withLock { $0 = true }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [bell] in
                await context.shutdown.wait()
                bell.ring()
            }
            while !context.shutdown.isGiven, !Task.isCancelled {
                await turn(context)
                await rest()
            }
            group.cancelAll()
        }
        isLive.withLock { $0 = false }
        timetable.withLock { table in
            for place in table.waiting { table.drop(place) }
        }
    }

    private func begin(_ context: PluginContext) {
        let isFirst = timetable.withLock { !$0.hasBegun }
        let records = isFirst ? keeper.read(context.logger) : RunRecords()
        let (now, random) = (clock.now(), clock.random)
        let (leftOut, current) = timetable.withLock { table in
            let places = table.begin(now, records: records, random: random)
            return (places.map { table.lines[$0].entry.name }, table.records)
        }
        for name in leftOut {
            context.logger.notice("schedule '\(name)': what was due during the drain is left out")
        }
        keeper.keep(current, context.logger)
    }

    /// Does all that is due.
    private func turn(_ context: JobContext) async {
        let (now, random) = (clock.now(), clock.random)
        let due = timetable.withLock { $0.due(now, random: random) }
        for run in due where !context.shutdown.isGiven {
            let name = timetable.withLock { $0.lines[run.place].entry.name }
            switch run.turn {
            case .run: break
            case .makeUp: context.logger.notice("schedule '\(name)': a run was missed and is made up for now")
            case .leaveOut:
                context.logger.notice("schedule '\(name)': a run was missed and is left out")
                continue
            }
            await trying("schedule '\(name)'", context) {
                _ = try await self.run(run.place, byOrder: false, context.plugin)
            }
        }
        for place in timetable.withLock({ $0.waiting }) where !context.shutdown.isGiven {
            let name = timetable.withLock { $0.lines[place].entry.name }
            await trying("schedule '\(name)'", context) { try await self.runWaiting(place, context.plugin) }
        }
    }

    private func trying(_ what: String, _ context: JobContext, _ body: () async throws -> Void) async {
        do {
            try await body()
        } catch let error as ServiceControlError where error.code == .shuttingDown {
            // The job is told of the drain only when its phase has come.
            context.logger.debug("\(what): \(error)")
        } catch {
            context.logger.error("\(what): the service was not started: \(error)")
        }
    }

    /// Sleeps until something is due, or the bell rings.
    private func rest() async {
        let now = clock.now()
        let pause = timetable.withLock { $0.rest(now) }
        await withTaskGroup(of: Void.self) { [clock, bell] group in
            if let pause { group.addTask { try? await clock.wait(pause) } }
            group.addTask { await bell.wait() }
            await group.next()
            group.cancelAll()
        }
    }
}
