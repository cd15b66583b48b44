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
        let history = InstanceHistory()
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
        let history = InstanceHistory()
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
        let history = InstanceHistory()
        let limit = ProtocolLimits.rememberedChanges
        #expect(limit == 64)
        for number in 0..<limit + 5 { history.append(Self.kept(Self.happenings[0].0, at: number)) }
        #expect(history.count == limit && history.forgotten == 5)
        #expect(history.events(of: "web", last: limit).first?.sequence == 5 + 7)
        #expect(history.events(of: "web", last: limit).last?.sequence == UInt64(limit) + 4 + 7)
    }

    // MARK: As bytes

    private static let words: [Sentence] = [
        "", "exit code 3", "ended with a sentence that is no longer one of fifteen bytes",
        Sentence(ofAnything: "whatever"), "waits for \(ServiceName("db")!)",
    ]
    private static let outcomes: [ExitOutcome] = [
        .exited(code: 0), .exited(code: 255), .signaled(.kill, coreDumped: false), .signaled(.quit, coreDumped: true),
        .outOfMemory, .unknown, .spawnFailed(SpawnFailure(stage: .exec, error: .init(2), subject: "/bin/web")),
    ]
    private static let causes: [Cause] = [
        .none, .boot, .configuration, .drain, .plugin("cron"), .dependency(ServiceName("db")!),
        .order(uid: 0, pid: 7, command: "supctl"), .reset(uid: 1000, pid: 9, command: nil),
    ]

    /// Any change, with numbers of any size in it.
    private static func anyChange(_ random: inout some RandomNumberGenerator) -> KeptEvent.Change {
        func any<Value>(_ values: [Value]) -> Value { values.randomElement(using: &random)! }
        func maybe<Value>(_ value: @autoclosure () -> Value) -> Value? { Bool.random(using: &random) ? value() : nil }
        func number() -> Int64 { any([0, 1, 127, 128, 20_000, .max, Int64.random(in: 0 ... .max, using: &random)]) }
        let attempt = UInt64(number())
        let exit = maybe(
            ExitRecord(
                attempt: attempt, pid: maybe(Int32.random(in: 1 ... .max, using: &random)), outcome: any(outcomes),
                command: maybe(any(ServiceCommand.allCases)), forced: maybe(any(ForcedEnd.allCases)),
                isEarly: Bool.random(using: &random), ranFor: .nanoseconds(number())))
        let decision = EndDecision(
            any(EndDecision.Outcome.allCases), by: any(EndDecision.Basis.allCases), policy: any(["no", "always"]),
            delay: maybe(.nanoseconds(number())), detail: maybe("started 5 times within 10s"))
        return change(
            from: any(ServiceState.allCases), state: any(ServiceState.allCases), ready: Bool.random(using: &random),
            desired: any(DesiredState.allCases), attempt: attempt,
            pid: maybe(Int32.random(in: 1 ... .max, using: &random)),
            restarts: Int(UInt32(truncatingIfNeeded: number())),
            cause: any(causes),
            exit: exit.map {
                KeptEvent.Exit(record: $0, at: WallTime(nanoseconds: number()), success: Bool.random(using: &random))
            },
            nextStartAt: maybe(WallTime(nanoseconds: number())), reason: maybe(any(words)), decision: maybe(decision))
    }

    /// Also of those that are told from ones that are forgotten.
    @Test func whateverIsKeptIsReadBack() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<50 {
            let history = InstanceHistory()
            var told: [EventNotice] = []
            for _ in 0..<Int.random(in: 1...200) {
                let content = Bool.random() ? .change(Self.anyChange(&random)) : Self.happenings.randomElement()!.0
                let time = WallTime(nanoseconds: .random(in: 0 ... .max))
                let event = KeptEvent(content, time: time, at: .random(in: 1 ... .max))
                history.append(event)
                told.append(EventNotice(sequence: event.sequence, content: .event(event.event(of: "web"))))
            }
            let kept = min(told.count, ProtocolLimits.rememberedChanges)
            #expect(history.count == kept && history.forgotten == told.count - kept)
            #expect(history.events(of: "web", last: 64) == told.suffix(64))
        }
    }

    /// Who may not see a service is told no more of it than before.
    @Test func whatASentenceNamesIsKeptWithIt() {
        for (reason, isForEverybody) in [(Self.words[1], true), (Self.words[3], false), (Self.words[4], false)] {
            var (entries, end) = (HistoryEntries(), HistoryPoint())
            let change = Self.change(
                from: .stopped, state: .fatal, desired: .up, attempt: 0, cause: .boot, reason: reason)
            entries.append(Self.kept(.change(change), at: 1), from: &end)
            var reader = HistoryReader(entries, from: HistoryPoint())
            #expect(reader.next().isForEverybody == isForEverybody)
        }
    }

    /// There may be a hundred thousand of them, and each crash is four.
    @Test func aCrashIsAHundredBytes() {
        let history = InstanceHistory()
        var (time, sequence): (Int64, UInt64) = (1_790_000_000_000_000_000, 1)
        func append(_ from: ServiceState, _ state: ServiceState, attempt: UInt64, hasExit: Bool, hasDecision: Bool) {
            let pid = state == .starting || state == .running ? Int32(1_000_000 + Int32(attempt)) : nil
            let record = ExitRecord(
                attempt: attempt, pid: 1_000_000 + Int32(attempt), outcome: .signaled(.kill, coreDumped: false),
                ranFor: .seconds(300))
            let change = Self.change(
                from: from, state: state, ready: state == .running, desired: .up, attempt: attempt, pid: pid,
                restarts: Int(attempt), cause: .order(uid: 0, pid: 7, command: "supctl"),
                exit: hasExit ? KeptEvent.Exit(record: record, at: WallTime(nanoseconds: time), success: false) : nil,
                nextStartAt: hasDecision ? WallTime(nanoseconds: time + 100_000_000) : nil,
                reason: hasDecision ? "killed by SIGKILL" : nil,
                decision: hasDecision
                    ? EndDecision(.restart, by: .policy, policy: "always", delay: .milliseconds(100)) : nil)
            history.append(KeptEvent(.change(change), time: WallTime(nanoseconds: time), at: sequence))
            sequence += 1
        }
        for attempt in UInt64(1)...16 {
            append(.running, .stopping, attempt: attempt, hasExit: true, hasDecision: false)
            append(.stopping, .backoff, attempt: attempt, hasExit: true, hasDecision: true)
            time += 100_000_000
            append(.backoff, .starting, attempt: attempt + 1, hasExit: false, hasDecision: false)
            time += 2_000_000
            append(.starting, .running, attempt: attempt + 1, hasExit: false, hasDecision: false)
            (time, sequence) = (time + 300_000_000_000, sequence + 40_000)
        }
        #expect(history.count == 64 && history.byteCount <= 16 * 120, "\(history.byteCount)")
    }
}
