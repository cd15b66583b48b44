import SupdEngine
import SupdPlugin
import SupdProtocol
import Testing

@testable import SupdDaemon

@Suite struct InstanceHistoryTests {
    private static let exit = ExitRecord(
        attempt: 4, pid: 17, outcome: .exited(code: 3), ranFor: .milliseconds(1500))

    /// Changes, and what is told of them.
    private static let changes: [(KeptEvent.Change, StateEvent)] = [
        (
            change(
                from: .stopped, state: .starting, desired: .up, attempt: 1,
                cause: .order(uid: 1000, pid: 7, command: "supctl")),
            StateEvent(
                name: "web", from: .stopped, state: .starting, ready: false, desired: .up, attempt: 1,
                cause: .order(uid: 1000, pid: 7, command: "supctl"))
        ),
        (
            change(
                from: .starting, state: .running, ready: true, desired: .up, attempt: 1, pid: 12, cause: .boot),
            StateEvent(
                name: "web", from: .starting, state: .running, ready: true, desired: .up, attempt: 1, pid: 12,
                cause: .boot)
        ),
        (
            change(
                from: .stopping, state: .backoff, desired: .up, attempt: 4, restarts: 3,
                cause: .dependency(ServiceName("db")!),
                exit: KeptEvent.Exit(record: exit, at: WallTime(nanoseconds: 7), success: false),
                nextStartAt: WallTime(nanoseconds: 9), reason: "exit code 3",
                decision: EndDecision(.restart, by: .policy, policy: "always", delay: .seconds(2))),
            StateEvent(
                name: "web", from: .stopping, state: .backoff, ready: false, desired: .up, attempt: 4, restarts: 3,
                cause: .dependency("db"), exit: LastExit(exit, at: WallTime(nanoseconds: 7), success: false),
                nextStartAt: WallTime(nanoseconds: 9), reason: "exit code 3",
                decision: EndDecision(.restart, by: .policy, policy: "always", delay: .seconds(2)))
        ),
        (
            change(
                from: .running, state: .stopping, desired: .down, attempt: 4, cause: .plugin("cron"),
                reason: "was unhealthy"),
            StateEvent(
                name: "web", from: .running, state: .stopping, ready: false, desired: .down, attempt: 4,
                cause: .plugin("cron"), reason: "was unhealthy")
        ),
    ]

    private static func change(
        from: ServiceState, state: ServiceState, ready: Bool = false, desired: DesiredState, attempt: UInt64,
        pid: Int32? = nil, restarts: Int = 0, cause: Cause, exit: KeptEvent.Exit? = nil,
        nextStartAt: WallTime? = nil, reason: Sentence? = nil, decision: EndDecision? = nil
    ) -> KeptEvent.Change {
        KeptEvent.Change(
            from: from, state: state, ready: ready, desired: desired, attempt: attempt, pid: pid, restarts: restarts,
            cause: cause, exit: exit, nextStartAt: nextStartAt, reason: reason, decision: decision)
    }

    private static let health = Event.Happening.health(
        HealthEvent(name: "web", from: .healthy, health: .unhealthy, problem: "refused"))
    private static let order = OrderEvent(order: "stop", services: ["web"], count: 1, cause: .order(uid: 0, pid: 1))
    private static let apply = Event.Happening.apply(
        ApplyEvent(applied: true, text: "1 restarted", cause: .signal("SIGHUP")))

    private static let happenings: [(KeptEvent.Content, Event.Happening)] = {
        let others: [(KeptEvent.Content, Event.Happening)] = [
            (.other(health), health), (.order(order, []), .order(order)), (.other(apply), apply),
        ]
        return changes.map { (.change($0.0), .state($0.1)) } + others
    }()

    private static func kept(_ content: KeptEvent.Content, at number: Int) -> KeptEvent {
        KeptEvent(content, time: WallTime(nanoseconds: Int64(number)), at: UInt64(number) + 7)
    }

    @Test func whatIsKeptIsWhatWasTold() {
        var history = InstanceHistory()
        for (number, (content, _)) in Self.happenings.enumerated() { history.append(Self.kept(content, at: number)) }
        let told = Self.happenings.enumerated().map { number, happening in
            let event = Event(time: WallTime(nanoseconds: Int64(number)), happening: happening.1)
            return EventNotice(sequence: UInt64(number) + 7, content: .event(event))
        }
        #expect(history.events(of: "web", last: 64) == told)
        #expect(history.events(of: "web", last: 2) == told.suffix(2))
        #expect(history.events(of: "web", last: 0).isEmpty)
    }

    @Test func itIsToldByTheNameOfNow() {
        var history = InstanceHistory()
        history.append(Self.kept(Self.happenings[0].0, at: 1))
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
        for number in 0..<limit + 5 { history.append(Self.kept(Self.happenings[0].0, at: number)) }
        #expect(history.count == limit && history.forgotten == 5)
        #expect(history.events(of: "web", last: limit).first?.sequence == 5 + 7)
        #expect(history.events(of: "web", last: limit).last?.sequence == UInt64(limit) + 4 + 7)
    }

    /// There may be a hundred thousand of them.
    @Test func oneOfWhatNeverChangedIsTwoWordsAndAChangeIsAHundredBytes() {
        #expect(MemoryLayout<InstanceHistory>.size <= 16)
        #expect(MemoryLayout<KeptEvent.Change>.stride <= 72)
        #expect(MemoryLayout<EventRing.Entry>.stride <= 64)
    }
}
