import SupdPlugin
import SupdProtocol
import Testing

@testable import supctl

/// What `why` prints.
@Suite struct WhyTests {
    static func ago(_ duration: Duration) -> WallTime {
        WallTime(nanoseconds: now.nanoseconds - duration.clampedNanoseconds)
    }

    static func end(_ code: Int32, ago duration: Duration, ran: Duration = .milliseconds(300)) -> LastExit {
        LastExit(
            ExitRecord(attempt: 1, pid: 9, outcome: .exited(code: code), ranFor: ran), at: ago(duration), success: false
        )
    }

    static func event(_ duration: Duration, _ happening: Event.Happening) -> EventNotice {
        EventNotice(sequence: 7, content: .event(Event(time: ago(duration), happening: happening)))
    }

    static func change(
        _ from: ServiceState, _ to: ServiceState, pid: Int32? = nil, restarts: Int = 0, exit: LastExit? = nil,
        desired: DesiredState = .up, cause: EventCause = .boot, reason: String? = nil, decision: EndDecision? = nil
    ) -> Event.Happening {
        .state(
            StateEvent(
                name: "web", from: from, state: to, ready: false, desired: desired, attempt: 2, pid: pid,
                restarts: restarts, cause: cause, exit: exit, reason: reason, decision: decision))
    }

    private static let again = EndDecision(.restart, by: .policy, policy: "on-failure", delay: .seconds(8))

    /// One that ends again and again.
    static let crashing: ServiceWhy = {
        var crash = status(instance("web"), .backoff, ready: false, lastExit: end(1, ago: .seconds(4)))
        crash.since = ago(.seconds(4))
        crash.nextStartAt = ago(.seconds(-8))
        crash.reason = "exit code 1, last said \"no\", run again by its policy 'on-failure'"
        let reason = crash.reason
        func cycle(_ seconds: Int, restarts: Int) -> [EventNotice] {
            let exit = end(1, ago: .seconds(seconds))
            let start = Duration.seconds(seconds) + .milliseconds(300)
            return [
                event(start, change(.backoff, .stopped, restarts: restarts, reason: "waits for a start slot")),
                event(start, change(.stopped, .starting, restarts: restarts)),
                event(start, change(.starting, .running, pid: 4711)),
                event(.seconds(seconds), change(.running, .stopping, exit: exit)),
                event(
                    .seconds(seconds),
                    change(.stopping, .backoff, exit: exit, reason: reason, decision: again)),
            ]
        }
        return ServiceWhy(
            status: crash, cause: .boot, decision: again,
            waitsFor: ServiceWait(.backoff, "its next start", until: ago(.seconds(-8))),
            remedies: [
                Remedy("starts again", at: ago(.seconds(-8))),
                Remedy("starts it at once, and forgets its failures", command: "supctl start web"),
            ],
            history: cycle(54, restarts: 1) + cycle(24, restarts: 2) + cycle(4, restarts: 3), forgotten: 2,
            log: ServiceLog(name: "web", lines: [LogLine(time: ago(.seconds(4)), stream: .stderr, text: "no\u{1B}[2J")])
        )
    }()

    @Test func whatNeverRanDidNotRunForATime() {
        var why = Self.crashing
        why.status.lastExit?.ranFor = .zero
        why.history = []
        let text = WhyParagraph(why, now: now).text
        #expect(text.contains("it ended with exit code 1 at 2024-02-28 23:59:56Z. The policy"), "\(text)")
    }

    @Test func aCrashLoopIsAParagraphItsChainItsLinesAndWhatHelps() {
        #expect(
            WhyText.text([Self.crashing], now: now, terminal: .none)
                == #"""
                web has been in BACKOFF for 4s: it ended with exit code 1 three times within 50s, last at 2024-02-28 23:59:56Z after 300ms. The policy 'on-failure' starts it again in 8s. Nobody ordered it down.

                What happened:
                                         …  2 changes before these
                  2024-02-28 23:59:05.700Z  BACKOFF → STARTING, run again
                  2024-02-28 23:59:05.700Z  STARTING → RUNNING, pid 4711
                  2024-02-28 23:59:06.000Z  RUNNING → STOPPING, exit code 1
                  2024-02-28 23:59:06.000Z  STOPPING → BACKOFF, exit code 1, last said "no", run again by its policy 'on-failure'
                  2024-02-28 23:59:35.700Z  BACKOFF → STARTING, run again
                  2024-02-28 23:59:35.700Z  STARTING → RUNNING, pid 4711
                  2024-02-28 23:59:36.000Z  RUNNING → STOPPING, exit code 1
                  2024-02-28 23:59:36.000Z  STOPPING → BACKOFF, exit code 1, last said "no", run again by its policy 'on-failure'
                  2024-02-28 23:59:55.700Z  BACKOFF → STARTING, run again
                  2024-02-28 23:59:55.700Z  STARTING → RUNNING, pid 4711
                  2024-02-28 23:59:56.000Z  RUNNING → STOPPING, exit code 1
                  2024-02-28 23:59:56.000Z  STOPPING → BACKOFF, exit code 1, last said "no", run again by its policy 'on-failure'

                Its last lines:
                  2024-02-28T23:59:56.000Z web ! no\u{1B}[2J

                What would change it:
                  by itself in 8s   starts again
                  supctl start web  starts it at once, and forgets its failures

                """#)
    }

    @Test func whatCouldNotBeDoneStandsBehindHowOften() {
        var why = Self.crashing
        let failure = SpawnFailure(stage: .exec, error: ErrorNumber(2), subject: "/bin/wbe")
        func end(ago duration: Duration) -> LastExit {
            LastExit(
                ExitRecord(attempt: 1, pid: nil, outcome: .spawnFailed(failure), ranFor: .zero), at: Self.ago(duration),
                success: false)
        }
        why.status.lastExit = end(ago: .seconds(4))
        why.history = [9, 4].map {
            Self.event(
                .seconds($0), Self.change(.starting, .backoff, exit: end(ago: .seconds($0)), decision: Self.again))
        }
        let text = paragraph(why)
        #expect(
            text.contains(
                "it could not start twice within 5s, last at 2024-02-28 23:59:56Z: exec of /bin/wbe: ENOENT (No such file or directory)."
            ), "\(text)")
    }

    @Test func aChangeOfHealthSaysThatItIsOne() {
        func text(_ from: ServiceHealth, _ to: ServiceHealth, _ problem: String?) -> String {
            EventText.sentence(
                .health(HealthEvent(name: "web", from: from, health: to, problem: problem)), named: false)
        }
        #expect(text(.unknown, .healthy, nil) == "health unknown → healthy")
        #expect(text(.healthy, .unhealthy, "unhealthy: refused") == "health healthy → unhealthy, refused")
        #expect(
            text(.healthy, .unknown, "its health is not known: x")
                == "health healthy → unknown, its health is not known: x")
    }

    private func paragraph(_ why: ServiceWhy) -> String { WhyParagraph(why, now: now).text }

    /// An order to start is a new beginning: what was before it is not counted.
    @Test func endsBeforeTheLastOrderAreNotCounted() {
        var why = Self.crashing
        let order = OrderEvent(order: "start", services: ["web"], count: 1, cause: .order(uid: 0, pid: 1))
        why.history.insert(Self.event(.seconds(20), .order(order)), at: 10)
        #expect(paragraph(why).contains("it ended with exit code 1 at 2024-02-28 23:59:56Z after 300ms."))
        why.history.remove(at: 10)
        why.status.lastExit = Self.end(2, ago: .seconds(4))
        #expect(paragraph(why).contains("it ended with exit code 2 at "))
    }

    /// An order to many is one line of the story of each: what the others are called is not part of it.
    @Test(arguments: [
        (1, ""), (2, ", together with another"), (19, ", together with 18 others"),
    ])
    func anOrderToManySaysHowManyOthers(_ count: Int, expected: String) {
        var why = Self.why(.stopped)
        let names = (1...min(count, 16)).map { "web@\($0)" }
        let order = OrderEvent(
            order: "signal", services: names, count: count, cause: Self.somebody, detail: "SIGHUP")
        why.history = [Self.event(.seconds(4), .order(order))]
        let lines = StoryText.lines(why, now: now, last: 20).map(\.text)
        #expect(lines == ["signal SIGHUP ordered by uid 1000, pid 7 (supctl)\(expected)"])
    }

    private static func why(
        _ state: ServiceState, desired: DesiredState = .up, reason: String = "", exit: LastExit? = nil,
        cause: EventCause = .boot, decision: EndDecision? = nil, wait: ServiceWait? = nil, type: ServiceType = .exec
    ) -> ServiceWhy {
        let shown = status(
            instance("web"), state, desired: desired, lastExit: exit, reason: reason, type: type)
        return ServiceWhy(
            status: shown, cause: cause, decision: decision, waitsFor: wait, log: ServiceLog(name: "web", lines: []))
    }

    private static let somebody = EventCause.order(uid: 1000, pid: 7, command: "supctl")

    private static let sentences: [(why: ServiceWhy, text: String)] = {
        var all: [(why: ServiceWhy, text: String)] = []
        func add(_ why: ServiceWhy, _ text: String) { all.append((why, text)) }
        add(
            why(
                .stopped, desired: .down, reason: "stopped by order of uid 1000, pid 7 (supctl)", cause: somebody),
            "web has been STOPPED for 1min 5s: it was stopped by order of uid 1000, pid 7 (supctl).")
        add(
            why(.stopped, desired: .down, reason: "not enabled", cause: .none),
            "web has been STOPPED for 1min 5s: it is not enabled, and nobody has started it.")
        add(
            why(
                .stopped, reason: "cannot start without db (FATAL)", cause: somebody,
                wait: ServiceWait(.failedDependency, "db (FATAL)", services: ["db"])),
            "web is wanted up and has been STOPPED for 1min 5s: it cannot start without db (FATAL). "
                + "It was ordered up by uid 1000, pid 7 (supctl).")
        add(
            why(
                .starting, reason: "started with supd, not ready: refused",
                wait: ServiceWait(.readiness, "its readiness: refused", until: now)),
            "web has been STARTING for 1min 5s: it was started with supd. It waits for its readiness: refused, "
                + "until 00:00:00Z at the latest.")
        add(
            why(.running, reason: "run again after exit code 1"),
            "web has been RUNNING for 1min 5s: it was run again after exit code 1.")
        add(
            why(
                .fatal, exit: end(1, ago: .zero),
                decision: EndDecision(
                    .giveUp, by: .startLimit, policy: "always", detail: "started 3 times within 10s")),
            "web has been in FATAL for 1min 5s: it ended with exit code 1 at 00:00:00Z after 300ms. "
                + "It was given up: started 3 times within 10s. Nobody ordered it down.")
        add(
            why(
                .exited, exit: exit(code: 0), decision: EndDecision(.stay, by: .oneshot, policy: "no"), type: .oneshot),
            "web has been in EXITED for 1min 5s: it ended with exit code 0 at 00:00:00Z after 1s. "
                + "It is a oneshot, and its work is done.")
        add(
            why(
                .exited, desired: .down, exit: end(9, ago: .zero), cause: somebody,
                decision: EndDecision(.stay, by: .restartPrevent, policy: "always")),
            "web has been in EXITED for 1min 5s: it ended with exit code 9 at 00:00:00Z after 300ms. "
                + "Its restart_prevent_exit_status leaves it as it is. "
                + "It is wanted down since then, by uid 1000, pid 7 (supctl).")
        add(
            why(
                .stopping, desired: .down, reason: "stopped with supd, SIGTERM sent",
                wait: ServiceWait(.exit, "process 12 to end")),
            "web has been STOPPING for 1min 5s: stopped with supd, SIGTERM sent. It waits for process 12 to end.")
        return all
    }()

    @Test func everyStateIsSaidInSentences() {
        for (why, text) in Self.sentences { #expect(WhyParagraph(why, now: now).text == text) }
        #expect(Set(Self.sentences.map(\.why.status.state)).count == ServiceState.allCases.count - 1)
    }

    @Test func theWayItEndedIsSaidInWords() {
        func ended(_ outcome: ExitOutcome, command: ServiceCommand? = nil) -> String {
            let record = ExitRecord(attempt: 1, pid: nil, outcome: outcome, command: command, ranFor: .seconds(1))
            return WhyParagraph(
                Self.why(.backoff, exit: LastExit(record, at: now, success: false), decision: Self.again), now: now
            ).text
        }
        #expect(ended(.signaled(.kill, coreDumped: false)).contains(": it was killed by SIGKILL at 00:00:00Z"))
        #expect(ended(.exited(code: 4), command: .startPre).contains(": it failed at exec_start_pre: exit code 4 at "))
        let missing = SpawnFailure(stage: .exec, error: ErrorNumber(2), subject: "/bin/wbe")
        #expect(ended(.spawnFailed(missing)).contains(": it could not start: exec of /bin/wbe: ENOENT"))
    }

    @Test(arguments: 1...130) func noLineIsLongerThanTheTerminal(_ width: Int) {
        let text = WhyText.text([Self.crashing], now: now, terminal: Terminal(width: width))
        for line in text.split(separator: "\n") { #expect(DisplayText.width(of: String(line)) <= width, "\(line)") }
        // Nothing is lost but what is cut on purpose: lines of the log.
        let words = text.split(whereSeparator: { " \n".contains($0) }).joined()
        #expect(width < 24 || words.contains("Nobodyordereditdown."))
    }

    @Test func ofAVeryLongChainTheLastIsShown() {
        var why = Self.crashing
        why.history = (0..<64).map { Self.event(.seconds(64 - $0), Self.change(.starting, .running, pid: Int32($0))) }
        let text = WhyText.text([why], now: now, terminal: .none)
        #expect(text.contains("…  46 changes before these; --json has what is remembered of them\n"))
        (why.history, why.forgotten) = (Array(why.history.suffix(1)), 1)
        #expect(WhyText.text([why], now: now, terminal: .none).contains("…  1 change before these\n"))
        #expect(text.contains(", pid 44\n") && !text.contains(", pid 43\n") && text.contains(", pid 63\n"))
    }
}
