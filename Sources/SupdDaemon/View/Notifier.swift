import SupdHost
import SupdPlugin

/// What the service manager is told, in order and never waiting.
///
/// A manager that does not read (it may be busy, stuck or gone) must not stop the daemon: what it does not take is kept,
/// a bounded number of messages, and tried again at a pace that slows down for as long as it takes nothing. Of several
/// sentences for STATUS only the last one counts, and they are sent at a bounded pace: a thousand services that start
/// are a few sentences, not a thousand.
struct Notifier {
    /// How soon a message that was not taken is tried again; after each try that fails, twice as long.
    static let shortestDelay: Duration = .milliseconds(100)
    /// The longest time between two tries.
    static let longestDelay: Duration = .seconds(10)
    /// The shortest time between two sentences.
    static let statusPace: Duration = .milliseconds(250)
    /// Messages kept at most; older ones are given up first.
    static let limit = 16

    private let host: any HostClock & HostTimers & HostServiceManager
    private let log: DaemonLog
    private var waiting: [String] = []
    private var sentence = ""
    private var unsentSentence: String?
    private var sentenceSentAt: MonotonicInstant?
    /// Since a message was not taken: when the next try is, and how long after it the one that follows. Else nil.
    private var trouble: (retryAt: MonotonicInstant, nextDelay: Duration)?
    private var givenUp = 0

    /// A notifier of the service manager above `host`.
    init(host: any HostClock & HostTimers & HostServiceManager, log: DaemonLog) {
        self.host = host
        self.log = log
    }

    /// Sends `state`, after what waits: at once also in trouble, since it may be what a deadline of the manager's hangs on. Where it has a
    /// STATUS of its own, a sentence that waits is not sent after it.
    mutating func send(_ state: String) {
        guard host.hasServiceManager else { return }
        if state.split(separator: "\n").contains(where: { $0.hasPrefix("STATUS=") }) { unsentSentence = nil }
        waiting.append(state)
        if waiting.count > Self.limit {
            waiting.removeFirst()
            givenUp += 1
        }
        sendWaiting()
    }

    /// Has the service manager know `sentence` soon. Nothing where it does already.
    mutating func say(_ sentence: String) {
        guard host.hasServiceManager, sentence != self.sentence else { return }
        self.sentence = sentence
        unsentSentence = sentence
        // In trouble the timer is armed, and no sentence is worth a try of its own.
        if trouble == nil { sendWaiting() }
    }

    /// The timer has fired: sends what waits and may be sent now.
    mutating func retry() {
        sendWaiting()
    }

    /// Sends what waits and may be sent now, and arms the timer where something is left.
    private mutating func sendWaiting() {
        while let first = waiting.first {
            guard attempt(first) else { return }
            waiting.removeFirst()
        }
        guard let unsent = unsentSentence else { return }
        if let last = sentenceSentAt, host.now.duration(since: last) < Self.statusPace {
            return arm(last.advanced(by: Self.statusPace))
        }
        guard attempt("STATUS=\(unsent)") else { return }
        sentenceSentAt = host.now
        unsentSentence = nil
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
