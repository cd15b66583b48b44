import SupdJSON
import SupdPlugin
import SupdProtocol
import Testing

@Suite struct ServiceWhyTests {
    private static let time = WallTime(nanoseconds: 1_709_164_800_123_000_000)

    private static let status = ServiceStatus(
        name: instance("web"), state: .backoff, desired: .up, since: time, reason: "exit code 3", type: .exec,
        restartPolicy: "always")

    private static let whole = ServiceWhy(
        status: status, cause: .order(uid: 1000, pid: 7, command: "supctl"),
        source: ServiceSource(file: "/etc/supd/supd.toml", line: 12, changed: true),
        probe: ProbeAnswer(name: "http", purpose: .health, problem: "refused", at: time),
        decision: EndDecision(.giveUp, by: .startLimit, policy: "always", detail: "started 10 times within 5min"),
        waitsFor: ServiceWait(.failedDependency, "db (FATAL)", services: ["db"], until: time),
        remedies: [Remedy("starts db", command: "supctl start db"), Remedy("starts again", at: time)],
        history: [
            EventNotice(
                sequence: 7,
                content: .event(
                    Event(
                        time: time,
                        happening: .state(
                            StateEvent(
                                name: "web", from: .stopping, state: .backoff, ready: false, desired: .up, attempt: 2,
                                cause: .boot)))))
        ],
        forgotten: 3, log: ServiceLog(name: "web", lines: [LogLine(time: time, stream: .stdout, text: "up")]))

    @Test func allOfItComesBack() throws {
        let bare = ServiceWhy(status: Self.status, cause: .boot, log: ServiceLog(name: "web", lines: []))
        for why in [Self.whole, bare] { #expect(try roundTrip(why) == why) }
        let list = ServiceWhys(services: [Self.whole, bare])
        #expect(try roundTrip(list) == list)
    }

    @Test(arguments: ServiceWait.Kind.allCases) func everyWaitComesBack(_ kind: ServiceWait.Kind) throws {
        let wait = ServiceWait(kind, "it")
        #expect(try roundTrip(wait) == wait)
    }

    @Test func itHasTheStatusAndItsOwn() throws {
        let why = try json(text(Self.whole)).objectValue
        #expect(why?["status"] == (try json(text(Self.status))) && why?["name"] == "web")
        let cause: JSONValue = ["kind": "order", "uid": 1000, "pid": 7, "command": "supctl"]
        #expect(why?["cause"] == cause)
        let source: JSONValue = ["file": "/etc/supd/supd.toml", "line": 12, "changed": true]
        #expect(why?["source"] == source)
        let decision: JSONValue = [
            "outcome": "give-up", "by": "start-limit", "policy": "always", "detail": "started 10 times within 5min",
        ]
        #expect(why?["decision"] == decision)
    }

    @Test func aWaitOfALaterDaemonIsStillShown() throws {
        let wait = try ServiceWait(from: json(#"{"kind":"moon","text":"the moon","services":[],"until":null}"#))
        #expect(wait.kind == .other("moon") && wait.text == "the moon")
    }
}
