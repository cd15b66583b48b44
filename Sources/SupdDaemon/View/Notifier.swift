import SupdHost
import SupdPlugin

/// What the service manager is told, in order and never waiting.
///
/// A manager that does not read (it may be busy, stuck or gone) must not stop the daemon: what it does not take is kept,
/// a bounded number of messages, and tried again at a pace that slows down for as long as it takes nothing. The sentence
/// for STATUS is made and sent at a bounded pace: a thousand services that start are a few sentences, not a thousand.
struct Notifier {
    /// How soon a message that was not taken is tried again; after each try that fails, twice as long.
    static let shortestDelay: Duration = .milliseconds(100)
    /// The longest time between two tries.
    static let longestDelay: Duration = .seconds(10)
    /// The shortest time between two looks at the sentence.
    static let statusPace: Duration = .milliseconds(250)
    /// Messages kept at most; older ones are given up first.
    static let limit = 16

    private let host: any HostClock & HostTimers & HostServiceManager
    private let log: DaemonLog
    private var waiting: [String] = []
    /// The last sentence that the manager was told, or told something else in the place of.
    private var sentence = ""
    /// The sentence may be another by now.
    private var isStale = false
    private var lookedAt: MonotonicInstant?
    /// STOPPING=1 was sent.
    private var isStopping = false
    /// The last words were sent.
    private var isOver = false
    /// Since a message was not taken: when the next try is, and how long after it the one that follows. Else nil.
    private var trouble: (retryAt: MonotonicInstant, nextDelay: Duration)?
    private var givenUp = 0

    /// A notifier of the service manager above `host`.
    init(host: any HostClock & HostTimers & HostServiceManager, log: DaemonLog) {
        self.host = host
        self.log = log
    }

    /// Sends `state`, after what waits: at once also in trouble, since it may be what a deadline of the manager's hangs on. Who stops is
    /// not ready any more, whatever comes to an end meanwhile. With `sentence`, `state` has a STATUS of its own, and that one is not sent
    /// after it before it is another.
    mutating func send(_ state: String, insteadOf sentence: String? = nil) {
        guard host.hasServiceManager, !isOver, !(isStopping && state.hasPrefix("READY=1")) else { return }
        if state.hasPrefix("STOPPING=1") { isStopping = true }
        if let sentence {
            self.sentence = sentence
            isStale = false
        }
        // Of these only the last counts.
        if state.hasPrefix(Self.extending) { waiting.removeAll { $0.hasPrefix(Self.extending) } }
        waiting.append(state)
        if waiting.count > Self.limit {
            waiting.removeFirst()
            givenUp += 1
        }
        // What the sentence is by now, the timer brings.
        if sendWaiting(), isStale { arm(nextLook) }
    }

    private static let extending = "EXTEND_TIMEOUT_USEC="

    /// Sends EXTEND_TIMEOUT_USEC: the manager's own deadline is no sooner than `duration` from now (sd_notify(3)).
    mutating func extend(by duration: Duration) {
        send("\(Self.extending)\(duration.clampedNanoseconds / 1_000)")
    }

    /// Sends `state`, the last that the manager is told: the turn goes on, and what changes in it is not said over that. It is tried once, as
    /// the daemon does not live to try it again.
    mutating func end(with state: String) {
        isOver = true
        waiting = []
        host.notify(state)
    }

    /// Has the service manager know soon what `sentence` makes. Nothing where it does already.
    mutating func say(_ sentence: () -> String) {
        guard host.hasServiceManager, !isOver else { return }
        isStale = true
        // In trouble the timer is armed, and no sentence is worth a try of its own.
        if trouble == nil { retry(sentence) }
    }

    /// The timer has fired: sends what waits and may be sent now, and arms the timer where something is left.
    mutating func retry(_ sentence: () -> String) {
        guard sendWaiting(), isStale else { return }
        guard host.now >= nextLook else { return arm(nextLook) }
        let new = sentence()
        guard new == self.sentence || attempt("STATUS=\(new)") else { return }
        lookedAt = host.now
        self.sentence = new
        isStale = false
    }

    private var nextLook: MonotonicInstant { lookedAt?.advanced(by: Self.statusPace) ?? host.now }

    /// Sends the messages that wait; false where some are left, and the timer is armed.
    private mutating func sendWaiting() -> Bool {
        while let first = waiting.first {
            guard attempt(first) else { return false }
            waiting.removeFirst()
        }
        return true
    }

    private mutating func attempt(_ message: String) -> Bool {
        guard host.notify(message) else {
            putOff()
            return false
        }
        guard trouble != nil else { return true }
        trouble = nil
        let loss = givenUp == 0 ? "nothing was lost" : "\(plural(givenUp, "message")) given up"
        log.notice("the service manager takes messages again; \(loss)", kind: .managerTrouble)
        givenUp = 0
        return true
    }

    private mutating func putOff() {
        if trouble == nil {
            log.warning(
                "the service manager does not take messages (NOTIFY_SOCKET); they are kept and tried again",
                kind: .managerTrouble)
        }
        // A try ahead of its time changes nothing about the time.
        if let trouble, host.now < trouble.retryAt { return }
        let delay = trouble?.nextDelay ?? Self.shortestDelay
        let retryAt = host.now.advanced(by: delay)
        trouble = (retryAt, min(delay * 2, Self.longestDelay))
        arm(retryAt)
    }

    private func arm(_ deadline: MonotonicInstant) {
        host.arm(TimerKind.notifier.token(), at: deadline)
    }
}
