import SupdPlugin
import Synchronization

extension ScheduleRunner {
    /// `schedule.list` and `schedule.run`.
    var methods: [ControlMethod] {
        [
            ControlMethod(
                "list", access: .observe, summary: "Every schedule: when it runs next and ran last.",
                call: { (_, _) in self.list() }),
            ControlMethod(
                "run", access: .operate, summary: "Runs {\"name\": …} now, as its 'overlap' says.",
                call: { (params, context) in try await self.run(params, context) }),
        ]
    }

    private func list() -> JSONValue {
        let now = clock.now()
        let isLive = isLive.withLock { $0 }
        let lines = timetable.withLock { $0.lines }
        return ["schedules": .array(lines.map { $0.json(now, isLive: isLive) })]
    }

    private func run(_ params: JSONValue, _ context: PluginContext) async throws -> JSONValue {
        guard let name = params.objectValue?["name"]?.stringValue else {
            throw ControlMethodError("say which: {\"name\": \"…\"} of a schedule")
        }
        guard let place = timetable.withLock({ $0.place(of: name) }) else {
            let names = timetable.withLock { $0.lines.map(\.entry.name) }
            let close = closestWord(to: name, among: names).map { "; did you mean '\($0)'?" } ?? ""
            throw ControlMethodError("no schedule is named '\(name.prefix(80))'\(close)")
        }
        guard isLive.withLock({ $0 }) else { throw ControlMethodError("supd is shutting down: nothing is run") }
        let outcome =
            switch try await run(place, byOrder: true, context) {
            case .start: "started"
            case .restart: "restarted"
            case .wait: "waiting"
            case .skip: "skipped"
            }
        return ["name": .string(name), "outcome": .string(outcome)]
    }
}

extension ScheduleLine {
    /// What `schedule.list` says of it.
    fileprivate func json(_ now: Moment, isLive: Bool) -> JSONValue {
        [
            "name": .string(entry.name), "service": .string(entry.service), "when": .string("\(entry.trigger)"),
            "next": isLive ? next.map { .string($0.wallTime(now).description) } ?? .null : .null,
            "last_start": lastStart.map { .string($0.description) } ?? .null, "waiting": .bool(isWaiting),
            "skipped": .integer(Int64(skipped)), "missed": .integer(Int64(missed)),
        ]
    }
}
