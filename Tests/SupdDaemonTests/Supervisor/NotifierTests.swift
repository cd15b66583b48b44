import SupdHost
import SupdPlugin
import SupdTesting
import Testing

@testable import SupdDaemon

/// What the service manager is told while it does not listen, in virtual time.
@Suite struct NotifierTests {
    /// A notifier, a host whose service manager can be gone, and when it was tried.
    private final class Bench {
        let host = SimulatedHost(seed: 1)
        private let log: DaemonLog
        var notifier: Notifier
        var isGone = false
        private var sentence = ""
        /// How often the sentence was made.
        private(set) var looks = 0
        private(set) var triesAt: [MonotonicInstant] = []

        init() {
            log = DaemonLog(
                level: .debug, standardError: StandardErrorOutlet(host: host, shape: .text), journal: nil)
            notifier = Notifier(host: host, log: log)
            host.failure = { [unowned self] call, _ in
                guard call == .notify else { return nil }
                triesAt.append(host.now)
                return isGone ? ErrorNumber(111) : nil
            }
        }

        /// The sentence is this now.
        func say(_ sentence: String) {
            self.sentence = sentence
            notifier.say { make() }
        }

        private func make() -> String {
            looks += 1
            return sentence
        }

        /// Lets the next timer fire.
        func runTimer() {
            var events: [HostEvent] = []
            host.wait(into: &events)
            #expect(events.map(\.isNotifierTimer) == [true])
            notifier.retry { make() }
        }

        /// The times between one try and the next, and forgets the tries but the last.
        func takePauses() -> [Duration] {
            let pauses = zip(triesAt.dropFirst(), triesAt).map { $0.duration(since: $1) }
            triesAt = triesAt.suffix(1)
            return pauses
        }

        /// As they are once the turn is over.
        var logLines: [Substring] {
            log.handOver()
            return String(decoding: host.errorOutput, as: UTF8.self).split(separator: "\n")
        }
    }

    private let bench = Bench()

    private static let growing: [Duration] = [100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000].map {
        .milliseconds($0)
    }

    @Test func aManagerThatIsGoneIsTriedMoreAndMoreSlowly() {
        bench.isGone = true
        bench.notifier.send("READY=1")
        for _ in Self.growing { bench.runTimer() }
        #expect(bench.takePauses() == Self.growing)
        #expect(bench.host.notifications == [])
    }

    @Test func afterASuccessThePaceBeginsAnew() {
        bench.isGone = true
        bench.notifier.send("READY=1")
        for _ in 1...5 { bench.runTimer() }
        bench.isGone = false
        bench.runTimer()
        #expect(bench.host.notifications == ["READY=1"])
        bench.isGone = true
        bench.notifier.send("STOPPING=1")
        _ = bench.takePauses()
        for _ in 1...3 { bench.runTimer() }
        #expect(bench.takePauses() == Array(Self.growing.prefix(3)))
    }

    /// Why a configuration was refused is not overwritten by what was to be said a moment before.
    @Test func aStatusThatIsSentAtOnceIsTheLastWord() {
        bench.say("one")
        bench.say("two")
        bench.notifier.send("READY=1\nSTATUS=refused", insteadOf: "two")
        bench.runTimer()
        #expect(bench.host.notifications == ["STATUS=one", "READY=1\nSTATUS=refused"])
        bench.say("two")
        bench.say("three")
        bench.runTimer()
        #expect(bench.host.notifications.dropFirst(2) == ["STATUS=three"])
    }

    /// A thousand services that start are a few sentences, each of which looks at all of them.
    @Test func theSentenceIsMadeAtABoundedPace() {
        for number in 1...1_000 { bench.say("\(number)") }
        #expect(bench.looks == 1)
        bench.runTimer()
        #expect(bench.looks == 2)
        #expect(bench.host.notifications == ["STATUS=1", "STATUS=1000"])
        // What comes to the same is not said again.
        for _ in 1...1_000 { bench.say("1000") }
        bench.runTimer()
        #expect(bench.looks == 3)
        #expect(bench.host.notifications.count == 2)
    }

    @Test func whoStopsIsNotReadyAnyMore() {
        bench.isGone = true
        bench.notifier.send("READY=1\nSTATUS=up", insteadOf: "up")
        bench.notifier.send("STOPPING=1")
        bench.notifier.send("READY=1\nSTATUS=reloaded", insteadOf: "up")
        bench.isGone = false
        bench.runTimer()
        bench.notifier.send("READY=1")
        #expect(bench.host.notifications == ["READY=1\nSTATUS=up", "STOPPING=1"])
    }

    @Test func ofExtensionsThatWaitTheLastIsSent() {
        bench.isGone = true
        bench.notifier.send("READY=1")
        for seconds in 1...Notifier.limit * 2 { bench.notifier.extend(by: .seconds(seconds)) }
        bench.isGone = false
        bench.runTimer()
        #expect(bench.host.notifications == ["READY=1", "EXTEND_TIMEOUT_USEC=\(Notifier.limit * 2)000000"])
    }

    @Test func aSentenceWaitsForTheTimerAndOnlyTheLastIsSent() {
        bench.isGone = true
        bench.say("one")
        for number in 2...100 { bench.say("\(number)") }
        #expect(bench.triesAt.count == 1)
        bench.runTimer()
        bench.isGone = false
        bench.runTimer()
        #expect(bench.takePauses() == Array(Self.growing.prefix(2)))
        #expect(bench.host.notifications == ["STATUS=100"])
    }

    @Test func aMessageIsTriedAtOnceAndLeavesThePaceAsItIs() {
        bench.isGone = true
        bench.notifier.send("READY=1")
        for _ in 1...6 { bench.runTimer() }
        _ = bench.takePauses()
        bench.notifier.send("STOPPING=1")
        bench.runTimer()
        bench.runTimer()
        #expect(bench.takePauses() == [.zero, .milliseconds(6_400), .seconds(10)])
        bench.isGone = false
        bench.notifier.send("EXTEND_TIMEOUT_USEC=1")
        #expect(bench.host.notifications == ["READY=1", "STOPPING=1", "EXTEND_TIMEOUT_USEC=1"])
    }

    @Test func theLogSaysItOnceWhenItGoesAndOnceWhenItIsBack() {
        for _ in 1...2 {
            bench.isGone = true
            bench.notifier.send("one")
            for _ in 1...10 { bench.runTimer() }
            bench.isGone = false
            bench.runTimer()
        }
        #expect(bench.logLines.count == 4)
        #expect(bench.logLines.filter { $0.contains("does not take messages (NOTIFY_SOCKET)") }.count == 2)
        #expect(bench.logLines.filter { $0.contains("takes messages again; nothing was lost") }.count == 2)
    }

    @Test func theOldestMessagesAreGivenUpAndCounted() {
        bench.isGone = true
        for number in 1...Notifier.limit + 3 { bench.notifier.send("\(number)") }
        bench.isGone = false
        bench.runTimer()
        #expect(bench.host.notifications == (4...Notifier.limit + 3).map(String.init))
        #expect(bench.logLines.last?.hasSuffix("takes messages again; 3 messages given up") == true)
    }
}

extension HostEvent {
    fileprivate var isNotifierTimer: Bool {
        if case .timer(let token) = self { token == TimerKind.notifier.token() } else { false }
    }
}
