import SupdPlugin
import SupdProtocol
import Testing

@testable import supctl

/// What `events` and `logs -f` show.
@Suite struct FollowTests {
    private func text(_ happening: Event.Happening, hasColour: Bool = false) -> String {
        let event = Event(time: now, happening: happening)
        return EventText.text(EventNotice(sequence: 7, content: .event(event)), hasColour: hasColour)
    }

    private func state(_ from: ServiceState, _ to: ServiceState, exit: LastExit? = nil, reason: String? = nil)
        -> StateEvent
    {
        StateEvent(
            name: "web@1", from: from, state: to, ready: false, desired: .up, attempt: 2,
            pid: to == .running ? 12 : nil,
            cause: .order(uid: 1000, pid: 5), exit: exit, reason: reason)
    }

    @Test func anEventIsALineThatSaysWhy() {
        let start = "2024-02-29T00:00:00.000Z #7 "
        #expect(
            text(.state(state(.stopped, .starting))) == start
                + "web@1: STOPPED → STARTING, started by uid 1000, pid 5\n")
        let order = OrderEvent(
            order: "stop", services: ["a"], count: 1, cause: .order(uid: 0, pid: 7, command: "supctl"))
        #expect(text(.order(order)) == start + "stop of a ordered by uid 0, pid 7 (supctl)\n")
        #expect(text(.state(state(.starting, .running))) == start + "web@1: STARTING → RUNNING, pid 12\n")
        #expect(
            text(.state(state(.running, .stopping, exit: exit(code: 3)))) == start
                + "web@1: RUNNING → STOPPING, exit code 3\n")
        #expect(
            text(.state(state(.running, .stopping, reason: "was unhealthy (refused), SIGTERM sent"))) == start
                + "web@1: RUNNING → STOPPING, was unhealthy (refused), SIGTERM sent\n")
        #expect(
            text(.state(state(.stopping, .backoff, reason: "exit code 3, run again"))) == start
                + "web@1: STOPPING → BACKOFF, exit code 3, run again\n")
        #expect(
            text(
                .order(
                    OrderEvent(order: "signal", services: ["a", "b"], count: 5, cause: .plugin("x"), detail: "SIGHUP")))
                == start + "signal SIGHUP of a, b and 3 more ordered by plugin 'x'\n")
        let names = (1...16).map { "web@\($0)" }
        let scale = OrderEvent(order: "scale", services: names, count: 20, cause: .plugin("x"), detail: "3")
        #expect(text(.order(scale)) == start + "scale web to 3 ordered by plugin 'x'\n")
        #expect(EventText.sentence(.order(scale), named: false) == "scale to 3 ordered by plugin 'x'")
        #expect(
            text(.apply(ApplyEvent(applied: false, text: "no\u{1B}[1m", cause: .signal("SIGHUP")))) == start
                + "configuration not taken over by SIGHUP: no\\u{1B}[1m\n")
        #expect(
            text(.blocked(BlockedEvent(name: "web", blocked: nil, reason: "waits for db")))
                == start + "web: waits for db\n")
        #expect(text(.removed(RemovedEvent(name: "web@1"))) == start + "web@1: removed\n")
        #expect(text(.drain(DrainEvent(step: .phase, text: "jobs"))) == start + "drain: phase jobs\n")
    }

    @Test func whatIsMissingIsSaid() {
        let gap = EventNotice(sequence: 40, content: .gap(1))
        #expect(EventText.text(gap, hasColour: false) == "-- 1 event missed, up to number 40 --\n")
        #expect(EventText.text(EventNotice(sequence: 40, content: .caughtUp), hasColour: false).isEmpty)
    }

    @Test func coloursAreForTerminalsAlone() {
        #expect(text(.state(state(.starting, .fatal)), hasColour: true).contains("\u{1B}[31m"))
        #expect(!text(.state(state(.starting, .fatal))).contains("\u{1B}"))
    }

    @Test func eachServiceHasAColourOfItsOwn() {
        var colours = ServiceColours()
        let names = (0..<8).map { "s\($0)" }
        let (first, again) = (names.map { colours.colour(of: $0) }, names.map { colours.colour(of: $0) })
        #expect(Set(first).count == names.count && first == again)
        var text = ""
        LogText.append(LogLine(time: now, stream: .stdout, text: "up"), of: "web", in: .cyan, to: &text)
        #expect(text == "2024-02-29T00:00:00.000Z \u{1B}[36mweb |\u{1B}[0m up\n")
    }
}
