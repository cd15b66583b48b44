import FakeDaemon
import SupdJSON
import SupdPlugin
import SupdProtocol
import Synchronization
import Testing

@testable import supctl

/// `wait`, as far as it decides by itself.
@Suite struct WaitTests {
    private static func seen(
        _ state: ServiceState, ready: Bool = false, health: ServiceHealth? = nil
    ) -> WaitWatch.Seen {
        var status = status(instance("web"), state, ready: ready, reason: "exit code 3")
        status.health = health.map { .known($0) }
        return WaitWatch.Seen(status)
    }

    /// States in which each condition is met, and those in which only an order could bring it about.
    @Test(arguments: [
        (Condition.running, [ServiceState.running], [ServiceState.exited, .fatal]),
        (.ready, [], [.exited, .fatal]), (.stopped, [.stopped, .exited, .fatal], []), (.exited, [.exited], [.fatal]),
        // Without a probe nothing will ever say so.
        (.healthy, [], [.running, .exited, .fatal]),
    ])
    func aStateMeetsAConditionOrLeavesItOpen(_ condition: Condition, met: [ServiceState], lost: [ServiceState]) {
        for state in ServiceState.allCases {
            #expect(condition.isMet(Self.seen(state)) == met.contains(state), "\(state)")
            #expect(condition.cannotBe(Self.seen(state)) == lost.contains(state), "\(state)")
        }
    }

    @Test func whatIsReadyOrHealthySaysSo() {
        #expect(Condition.ready.isMet(Self.seen(.exited, ready: true)), "a oneshot that has done its work")
        #expect(!Condition.ready.isMet(Self.seen(.running)))
        #expect(!Condition.ready.cannotBe(Self.seen(.running)))
        #expect(Condition.healthy.isMet(Self.seen(.running, ready: true, health: .healthy)))
        for health in [ServiceHealth.unhealthy, .unknown] {
            #expect(!Condition.healthy.isMet(Self.seen(.running, ready: true, health: health)))
            #expect(!Condition.healthy.cannotBe(Self.seen(.running, ready: true, health: health)))
        }
    }

    private func run(
        _ line: String, _ terminal: Terminal = .none, answer: @escaping @Sendable (Request, Peer) -> Void
    ) throws -> (Outcome, [String]) {
        let daemon = try FakeDaemon.start(answer)
        var invocation = try #require(parse(line))
        invocation.socket = daemon.path
        let written = Written()
        let outcome = Session(terminal: .none, errors: written.screen(terminal)).run(invocation)
        return (outcome, written.all)
    }

    private static let web = status(instance("web"), .starting, ready: false)

    private static func event(_ number: UInt64, _ state: ServiceState, at time: WallTime = now) -> Notice {
        let change = StateEvent(
            name: "web", from: .starting, state: state, ready: state == .running, desired: .up, attempt: 1,
            cause: .boot, reason: state == .fatal ? "given up" : nil)
        return .event(EventNotice(sequence: number, content: .event(Event(time: time, happening: .state(change)))))
    }

    @Test func itIsToldByEventsAndShowsOnATerminalWhatItWaitsFor() throws {
        let (outcome, written) = try run("wait web", Terminal(width: 80, canRedraw: true)) { request, peer in
            peer.reply(EventSubscription(sequence: 1, started: now, services: [Self.web]), to: request)
            // What was before the snapshot does not count.
            peer.tell(Self.event(1, .fatal, at: WallTime(nanoseconds: 0)))
            peer.tell(Self.event(2, .running))
        }
        #expect(outcome == Outcome())
        #expect(written.first?.contains("waiting until web (STARTING) is ready") == true, "\(written)")
        #expect(written.last == "\r\u{1B}[1A\u{1B}[J", "\(written)")
    }

    @Test func inAPipeItSaysNothingAndWhatIsLostIsAFailure() throws {
        let (outcome, written) = try run("wait web --for running") { request, peer in
            peer.reply(EventSubscription(sequence: 1, started: now, services: [Self.web]), to: request)
            peer.tell(Self.event(2, .fatal))
        }
        #expect(outcome == Outcome(status: .failed, errors: "supctl: web is FATAL: given up\n"))
        #expect(written.isEmpty)
    }

    @Test func whereEventsAreMissingItLooksAnew() throws {
        let asked = Mutex(0)
        let (outcome, _) = try run("wait web --json") { request, peer in
            let isFirst = asked.withLock {
                $0 += 1; return $0 == 1
            }
            let known = isFirst ? Self.web : status(instance("web"), .running)
            peer.reply(EventSubscription(sequence: 1, started: now, services: [known]), to: request)
            if isFirst { peer.tell(.event(EventNotice(sequence: 9, content: .gap(8)))) }
        }
        #expect(outcome.status == .done)
        #expect(
            outcome.output == #"{"condition":"ready","services":[{"name":"web","state":"RUNNING","met":true}]}"# + "\n")
    }

    /// They are in another state by then, and others have come into that; there may be more than one request may name.
    @Test func whatItHasFoundByItsStateIsWhatItGoesOnWith() throws {
        let asked = Mutex<[[String]]>([])
        let (outcome, _) = try run("wait state:starting --for running --json") { request, peer in
            guard case .eventsSubscribe(let params) = request.call else { return }
            let isFirst = asked.withLock {
                $0.append(params.services)
                return $0.count == 1
            }
            let others = isFirst ? [] : [status(instance("db"), .starting, ready: false)]
            let known = isFirst ? Self.web : status(instance("web"), .running)
            peer.reply(EventSubscription(sequence: 1, started: now, services: [known] + others), to: request)
            if isFirst { peer.tell(.event(EventNotice(sequence: 9, content: .gap(8)))) }
        }
        #expect(asked.withLock(\.self) == [["state:starting"], ["*"]])
        #expect(
            outcome.output
                == #"{"condition":"running","services":[{"name":"web","state":"RUNNING","met":true}]}"# + "\n")
    }

    /// It was removed where nothing told of it.
    @Test func whatIsGoneWhereItLooksAnewWillNeverBeSo() throws {
        let asked = Mutex(0)
        let (outcome, _) = try run("wait * --for ready") { request, peer in
            let isFirst = asked.withLock {
                $0 += 1
                return $0 == 1
            }
            let known = isFirst ? Self.web : status(instance("db"), .running)
            peer.reply(EventSubscription(sequence: 1, started: now, services: [known]), to: request)
            if isFirst { peer.tell(.event(EventNotice(sequence: 9, content: .gap(8)))) }
        }
        #expect(outcome.errors == "supctl: web was removed while waiting until web (STARTING) is ready\n")
    }

    /// By its name it is refused then.
    @Test func whatIsGoneByItsNameWillNeverBeSo() throws {
        let asked = Mutex(0)
        let (outcome, _) = try run("wait web --for ready") { request, peer in
            guard case .eventsSubscribe(let params) = request.call else { return }
            let isFirst = asked.withLock {
                $0 += 1
                return $0 == 1
            }
            if isFirst {
                peer.reply(EventSubscription(sequence: 1, started: now, services: [Self.web]), to: request)
                peer.tell(.event(EventNotice(sequence: 9, content: .gap(8))))
            } else if params.services == ["*"] {
                peer.reply(EventSubscription(sequence: 1, started: now, services: []), to: request)
            } else {
                peer.reply(error: .noSuchService(ServiceSelector("web"), suggestion: nil), to: request)
            }
        }
        #expect(outcome.errors == "supctl: web was removed while waiting until web (STARTING) is ready\n")
    }

    @Test func whatIsRemovedWillNeverBeSo() throws {
        let removed = Notice.event(
            EventNotice(sequence: 2, content: .event(Event(time: now, happening: .removed(RemovedEvent(name: "web"))))))
        let (outcome, _) = try run("wait web") { request, peer in
            peer.reply(EventSubscription(sequence: 1, started: now, services: [Self.web]), to: request)
            peer.tell(removed)
        }
        #expect(
            outcome
                == Outcome(
                    status: .failed,
                    errors: "supctl: web was removed while waiting until web (STARTING) is ready\n"))
        // What is to be stopped is, and the other is waited for.
        let (stopped, _) = try run("wait web db --for stopped") { request, peer in
            let services = [status(instance("web"), .stopped), status(instance("db"), .running)]
            peer.reply(EventSubscription(sequence: 1, started: now, services: services), to: request)
            peer.tell(removed)
            let change = StateEvent(
                name: "db", from: .running, state: .stopped, ready: false, desired: .down, attempt: 1, cause: .boot)
            peer.tell(.event(EventNotice(sequence: 3, content: .event(Event(time: now, happening: .state(change))))))
        }
        #expect(stopped == Outcome())
    }

    @Test func aDaemonThatEndsIsTold() throws {
        let (outcome, _) = try run("wait web") { request, peer in
            peer.reply(EventSubscription(sequence: 1, started: now, services: [Self.web]), to: request)
            peer.hangUp()
        }
        #expect(outcome.status == .noDaemon)
    }
}

extension Peer {
    fileprivate func tell(_ notice: Notice) {
        var writer = JSONWriter()
        notice.write(into: &writer)
        send(String(decoding: writer.bytes, as: UTF8.self))
    }
}
