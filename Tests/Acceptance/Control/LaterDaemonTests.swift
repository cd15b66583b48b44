import FakeDaemon
import SupdPlugin
import SupdProtocol
import Testing

/// supctl beside a daemon of a later version, whose replies have words that it does not know: it shows them as they come.
@Suite(.daemons)
struct LaterDaemonTests {
    private static let time = WallTime(nanoseconds: 1_709_164_800_123_000_000)
    private static let name = ServiceName("web").map { InstanceName(service: $0, index: nil) }

    /// A service with a word of its own wherever there is one.
    private static func paused() throws -> ServiceStatus {
        var status = ServiceStatus(
            name: try #require(name), state: .running, health: .healthy, desired: .up, pid: 12, since: time,
            reason: "by the hour", type: .exec, restartPolicy: "always")
        status.state = WireWord(rawValue: "PAUSED")
        status.health = WireWord(rawValue: "dozing")
        status.desired = WireWord(rawValue: "sideways")
        status.type = WireWord(rawValue: "lambda")
        let record = ExitRecord(attempt: 1, pid: 9, outcome: .exited(code: 3), ranFor: .seconds(1))
        status.lastExit = LastExit(record, at: time, success: false)
        status.lastExit?.forced = WireWord(rawValue: "curfew")
        status.lastExit?.command = WireWord(rawValue: "exec_pause")
        return status
    }

    private static func why() throws -> ServiceWhy {
        var decision = EndDecision(.restart, by: .policy, policy: "always")
        decision.outcome = WireWord(rawValue: "hibernate")
        decision.basis = WireWord(rawValue: "tariff")
        var wait = ServiceWait(.spawn, "dawn")
        wait.kind = WireWord(rawValue: "daylight")
        var probe = ProbeAnswer(name: "http", purpose: .health)
        probe.purpose = WireWord(rawValue: "mood")
        var line = LogLine(time: time, stream: .stdout, text: "good night")
        line.stream = WireWord(rawValue: "audit")
        return ServiceWhy(
            status: try paused(), cause: .other("almanac"), probe: probe, decision: decision, waitsFor: wait,
            history: [event(try change())], log: ServiceLog(name: "web", lines: [line]))
    }

    private static func change() throws -> Event.Happening {
        var change = StateEvent(
            name: "web", from: .running, state: .stopped, ready: false, desired: .up, attempt: 1,
            cause: .other("almanac"), reason: "it is late")
        change.state = WireWord(rawValue: "PAUSED")
        return .state(change)
    }

    private static func event(_ happening: Event.Happening) -> EventNotice {
        EventNotice(sequence: 1, content: .event(Event(time: time, happening: happening)))
    }

    /// What such a daemon answers.
    private static func answer(_ request: Request, _ peer: Peer) throws {
        switch request.call {
        case .serviceStatus: peer.reply(ServiceList(services: [try paused()]), to: request)
        case .serviceStart: peer.reply(ServiceResults(services: [ServiceResult(status: try paused())]), to: request)
        case .serviceWhy: peer.reply(ServiceWhys(services: [try why()]), to: request)
        case .serviceTree:
            var tree = ServiceTree(name: "web", state: .running, pid: 12, processes: [])
            tree.state = WireWord(rawValue: "PAUSED")
            peer.reply(ServiceTrees(services: [tree]), to: request)
        case .tasksList:
            var task = TaskStatus(
                name: "lullaby", kind: .job, phase: .jobs, state: .running, age: .zero, registeredAt: "A.swift:1")
            (task.kind, task.phase, task.state) = (.other("song"), .other("dusk"), .other("humming"))
            var list = TaskList(registry: .open, tasks: [task])
            list.registry = .other("ajar")
            peer.reply(list, to: request)
        case .serviceDependencies:
            var web = RelatedService(name: "web", isAsked: true, states: [:])
            web.states = StateCounts(of: [.other("PAUSED")])
            var relation = ServiceRelation(.wants, "db")
            relation.kind = WireWord(rawValue: "dreams_of")
            web.needs = [relation]
            peer.reply(
                ServiceDependencies(services: [web, RelatedService(name: "db", states: [.running: 1])]), to: request)
        case .serviceDefinition:
            var key = DefinedKey(key: "nice", value: "5", origin: .standard)
            key.origin = WireWord(rawValue: "folklore")
            peer.reply(
                ServiceDefinitions(services: [DefinedService(name: "web", changed: false, keys: [key])]), to: request)
        case .configPlan:
            var key = ConfigurationPlanReply.Key(key: "nice", old: "1", new: "2", effect: .atOnce)
            key.effect = WireWord(rawValue: "at-dawn")
            var service = ConfigurationPlanReply.Service(name: "web", kind: .changed, keys: [key])
            service.kind = WireWord(rawValue: "lulled")
            peer.reply(ConfigurationPlanReply(token: "3f2a", path: "/c", services: [service]), to: request)
        case .supervisorPing:
            var pong = Acknowledgement(state: .running)
            pong.state = WireWord(rawValue: "MUSING")
            peer.reply(pong, to: request)
        case .supervisorStatus:
            var status = SupervisorStatus(
                state: .running, pid: 1, version: "9", since: time, uptime: .seconds(1), status: "fine",
                residentBytes: nil, proportionalBytes: nil, services: [:], tasks: 1, connections: 1, config: nil,
                socket: "/s", processTracking: .other("dowsing"))
            status.state = WireWord(rawValue: "MUSING")
            peer.reply(status, to: request)
        case .supervisorShutdown:
            var phase = DrainedPhase(phase: .jobs, duration: .zero, outcome: .completed)
            (phase.phase, phase.outcome) = (.other("dusk"), .other("lulled"))
            peer.reply(
                DrainReport(cause: "SIGTERM", startedAt: time, duration: .zero, exitCode: 0, phases: [phase]),
                to: request)
        case .logsRead:
            peer.reply(LogRead(services: [try why().log]), to: request)
        case .eventsSubscribe:
            peer.reply(EventSubscription(sequence: 1, started: time, services: [try paused()]), to: request)
            var step = DrainEvent(step: .phase, text: "at dusk")
            step.step = WireWord(rawValue: "dozed")
            for happening in [try change(), .drain(step)] { peer.send(.event(event(happening))) }
            peer.send(.event(EventNotice(sequence: 1, content: .caughtUp)))
        default: peer.hangUp()
        }
    }

    /// What is asked, what is to be seen of the answer, and what is exited with: what is in no state that is known is not known to be up.
    @Test(arguments: [
        ("status", ["web   PAUSED   12 ", "by the hour"], 3),
        ("status web", ["? web", "Active: PAUSED since", "Health: dozing", "Waits for: dawn"], 3),
        ("start web", ["web   PAUSED   12 "], 0),
        (
            "why web",
            [
                "web has been PAUSED for", ": by the hour. Its tariff has decided: hibernate. It waits for dawn.",
                "RUNNING → PAUSED, it is late", "web (audit) good night",
            ], 0
        ),
        ("tree", ["web PAUSED, 0 processes"], 0),
        ("tasks", ["lullaby  song  dusk   humming", "registry ajar, 1 task"], 0),
        ("list-dependencies web", ["? web PAUSED", "db RUNNING (dreams_of)"], 0),
        ("cat web", ["nice = 5  # folklore"], 0),
        ("plan", ["lulled  web  nice: 1 → 2 (at-dawn)"], 0),
        ("ping", ["supd is MUSING"], 0),
        ("info", ["state: MUSING, up 1s", "processes: by dowsing"], 0),
        ("shutdown --wait", ["dusk", "lulled"], 0),
        ("logs web", ["web (audit) good night"], 0),
        ("events --since 0", ["web: RUNNING → PAUSED, it is late", "drain: dozed at dusk"], 0),
    ])
    func wordsThatAreNotKnownAreShownAsTheyCome(_ line: String, shown: [String], code: Int) async throws {
        let daemon = try FakeDaemon.start { request, peer in
            do {
                try Self.answer(request, peer)
            } catch {
                peer.hangUp()
            }
        }
        let output = try await run(
            Programs.supctl, line.split(separator: " ").map(String.init),
            environment: ["SUPD_SOCKET": daemon.path, "LANG": "C.UTF-8"])
        #expect(output.code == Int32(code), "\(output)")
        #expect(output.error.isEmpty, "\(output.error)")
        for text in shown { #expect(output.output.contains(text), "\(text) in \(output.output)") }
    }
}
