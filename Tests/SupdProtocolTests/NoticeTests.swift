import SupdJSON
import SupdPlugin
import SupdProtocol
import Testing

/// What the daemon tells those that follow something.
@Suite struct NoticeTests {
    private static let time = WallTime(nanoseconds: 1_709_164_800_123_000_000)

    private static let exit = LastExit(
        ExitRecord(attempt: 4, pid: 17, outcome: .exited(code: 3), ranFor: .milliseconds(1500)), at: time,
        success: false)

    private static let causes: [EventCause] = [
        .none, .boot, .order(uid: 1000, pid: 7), .reset(uid: 0, pid: 8),
        .order(uid: 1, pid: 7, command: "supctl"), .reset(uid: 0, pid: 8, command: "a b"), .dependency("db"),
        .dependency(nil),
        .plugin("cron"),
        .configuration, .signal("SIGHUP"), .drain,
    ]

    private static func state(_ cause: EventCause) -> Event.Happening {
        .state(
            StateEvent(
                name: "web@2", from: .running, state: .backoff, ready: false, desired: .up, attempt: 4, pid: nil,
                restarts: 3, cause: cause, exit: exit, nextStartAt: time, reason: "exit code 3",
                decision: EndDecision(.restart, by: .policy, policy: "always", delay: .seconds(2))))
    }

    private static let happenings: [Event.Happening] =
        causes.map(state) + [
            .health(HealthEvent(name: "web", from: .healthy, health: .unhealthy, problem: "refused")),
            .blocked(BlockedEvent(name: "web", blocked: nil, reason: "waits for db")),
            .blocked(
                BlockedEvent(
                    name: "web", blocked: ServiceBlock(by: ["db"], forGood: true),
                    reason: "cannot start without db (FATAL)")),
            .removed(RemovedEvent(name: "web@2")),
            .order(OrderEvent(order: "signal", services: ["a", "b"], count: 9, cause: causes[2], detail: "SIGHUP")),
            .apply(ApplyEvent(applied: true, text: "1 service is added", cause: .signal("SIGHUP"))),
            .drain(DrainEvent(step: .phase, text: "services")), .ready,
            .plugin(PluginEvent(plugin: "otlp", text: "event sink fails")),
        ]

    private func read(_ notice: Notice) throws -> Notice? {
        var writer = JSONWriter()
        notice.write(into: &writer)
        #expect(writer.bytes.last == 0x0A && !writer.bytes.dropLast().contains(0x0A))
        return try Notice.decode(try Reply.parse(writer.bytes.dropLast()))
    }

    @Test(arguments: happenings) func whatHasHappenedComesBack(_ happening: Event.Happening) throws {
        let event = Event(time: Self.time, happening: happening)
        let notice = Notice.event(EventNotice(sequence: 17, content: .event(event)))
        #expect(try read(notice) == notice)
    }

    @Test func everyKindIsTried() {
        #expect(Set(Self.happenings.compactMap(\.kind)) == Set(EventKind.allCases))
    }

    @Test func whatIsMissingComesBack() throws {
        let line = LogLine(time: Self.time, stream: .stderr, text: "a \u{7}", truncated: true)
        for notice: Notice in [
            .event(EventNotice(sequence: 17, content: .gap(12))), .event(EventNotice(sequence: 3, content: .caughtUp)),
            .line(LineNotice(name: "web@1", content: .gap(4))), .line(LineNotice(name: "web@1", content: .line(line))),
        ] { #expect(try read(notice) == notice) }
    }

    /// What a program in any language sees.
    @Test func aNoticeHasAMethodAndNoID() {
        var writer = JSONWriter()
        let event = Event(time: Self.time, happening: .drain(DrainEvent(step: .began, text: "SIGTERM")))
        Notice.event(EventNotice(sequence: 2, content: .event(event))).write(into: &writer)
        Notice.event(EventNotice(sequence: 9, content: .gap(7))).write(into: &writer)
        Notice.line(LineNotice(name: "web", content: .line(LogLine(time: Self.time, stream: .stdout, text: "up"))))
            .write(into: &writer)
        let time = #""time":"2024-02-29T00:00:00.123Z""#
        #expect(
            String(decoding: writer.bytes, as: UTF8.self) == """
                {"jsonrpc":"2.0","method":"event","params":{"sequence":2,\(time),"kind":"drain","step":"began","text":"SIGTERM"}}
                {"jsonrpc":"2.0","method":"event","params":{"sequence":9,"gap":7}}
                {"jsonrpc":"2.0","method":"line","params":{"name":"web",\(time),"stream":"stdout","text":"up"}}

                """)
    }

    /// A later daemon may tell of more.
    @Test func whatIsNotKnownIsPassedOver() throws {
        #expect(try Notice.decode(json(#"{"jsonrpc":"2.0","method":"moon","params":{}}"#)) == nil)
        #expect(try Notice.decode(json(#"{"jsonrpc":"2.0","id":1,"result":{}}"#)) == nil)
        let other =
            #"{"method":"event","params":{"sequence":1,"time":"2024-02-29T00:00:00.123Z","kind":"moon","phase":1}}"#
        let event = Event(time: Self.time, happening: .other("moon"))
        #expect(try Notice.decode(json(other)) == .event(EventNotice(sequence: 1, content: .event(event))))
        #expect(throws: WireError.self) { try Notice.decode(json(#"{"method":"event","params":{"sequence":1}}"#)) }
    }

    @Test func aSubscriptionComesBack() throws {
        let status = ServiceStatus(
            name: instance("db"), state: .running, desired: .up, since: Self.time, reason: "", type: .exec,
            restartPolicy: "no")
        let reply = EventSubscription(sequence: 12, started: Self.time, services: [status])
        #expect(try roundTrip(reply) == reply)
        #expect(text(EventSubscription(sequence: 1, started: Self.time)).hasSuffix(#""services":[]}"#))
    }
}
