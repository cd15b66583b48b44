import SupdPlugin
import SupdProtocol
import Testing

@testable import SupdDaemon

@Suite struct InstanceHistoryTests {
    private static let exit = LastExit(
        ExitRecord(attempt: 4, pid: 17, outcome: .exited(code: 3), ranFor: .milliseconds(1500)),
        at: WallTime(nanoseconds: 7), success: false)

    private static let changes = [
        StateEvent(
            name: "web", from: .stopped, state: .starting, ready: false, desired: .up, attempt: 1,
            cause: .order(uid: 1000, pid: 7, command: "supctl")),
        StateEvent(
            name: "web", from: .starting, state: .running, ready: true, desired: .up, attempt: 1, pid: 12, cause: .boot),
        StateEvent(
            name: "web", from: .stopping, state: .backoff, ready: false, desired: .up, attempt: 4, restarts: 3,
            cause: .dependency("db"), exit: exit, nextStartAt: WallTime(nanoseconds: 9), reason: "exit code 3",
            decision: EndDecision(.restart, by: .policy, policy: "always", delay: .seconds(2))),
        StateEvent(
            name: "web", from: .running, state: .stopping, ready: false, desired: .down, attempt: 4,
            cause: .plugin("cron"), reason: "was unhealthy"),
    ]

    private static let happenings: [Event.Happening] =
        changes.map { .state($0) } + [
            .health(HealthEvent(name: "web", from: .healthy, health: .unhealthy, problem: "refused")),
            .order(OrderEvent(order: "stop", services: ["web"], count: 1, cause: .order(uid: 0, pid: 1))),
            .apply(ApplyEvent(applied: true, text: "1 restarted", cause: .signal("SIGHUP"))),
        ]

    @Test func whatIsKeptIsWhatWasTold() {
        var history = InstanceHistory()
        let events = Self.happenings.enumerated().map {
            Event(time: WallTime(nanoseconds: Int64($0)), happening: $1)
        }
        for (number, event) in events.enumerated() { history.append(KeptEvent(event, at: UInt64(number) + 7)) }
        let told = events.enumerated().map { EventNotice(sequence: UInt64($0) + 7, content: .event($1)) }
        #expect(history.events(of: "web", last: 64) == told)
        #expect(history.events(of: "web", last: 2) == told.suffix(2))
        #expect(history.events(of: "web", last: 0).isEmpty)
    }

    @Test func itIsToldByTheNameOfNow() {
        var history = InstanceHistory()
        history.append(KeptEvent(Event(time: WallTime(nanoseconds: 1), happening: Self.happenings[0]), at: 1))
        guard case .event(let event)? = history.events(of: "web@1", last: 1).first?.content,
            case .state(let change) = event.happening
        else {
            Issue.record("it is a change")
            return
        }
        #expect(change.name == "web@1")
    }

    @Test func noMoreAreKeptThanTheLimitAndTheRestIsCounted() {
        var history = InstanceHistory()
        let limit = ProtocolLimits.rememberedChanges
        #expect(limit == 64)
        for number in 0..<limit + 5 {
            let event = Event(time: WallTime(nanoseconds: Int64(number)), happening: Self.happenings[0])
            history.append(KeptEvent(event, at: UInt64(number)))
        }
        #expect(history.count == limit && history.forgotten == 5)
        #expect(history.events(of: "web", last: limit).first?.sequence == 5)
        #expect(history.events(of: "web", last: limit).last?.sequence == UInt64(limit) + 4)
    }

    /// There may be a hundred thousand of them.
    @Test func oneOfWhatNeverChangedIsTwoWordsAndAChangeIsAHundredBytes() {
        #expect(MemoryLayout<InstanceHistory>.size <= 16)
        #expect(MemoryLayout<KeptEvent.Change>.stride <= 72)
        #expect(MemoryLayout<EventRing.Entry>.stride <= 64)
    }
}
