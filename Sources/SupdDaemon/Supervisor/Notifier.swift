import SupdHost
import SupdPlugin

/// What the service manager is told, in order and never waiting.
///
/// A manager that does not read (it may be busy, or stuck) must not stop the daemon: what it has no room for is kept,
/// a bounded number of messages, and tried again. Of several sentences for STATUS only the last one counts, and they
/// are sent at a bounded pace: a thousand services that start are a few sentences, not a thousand.
struct Notifier {
    /// How soon a message is tried again that there was no room for.
    static let retryDelay: Duration = .milliseconds(100)
    /// The shortest time between two sentences.
    static let statusPace: Duration = .milliseconds(250)
    /// Messages kept at most; older ones are given up first.
    static let limit = 16

    private var waiting: [String] = []
    private var sentence = ""
    private var unsentSentence: String?
    private var sentenceSentAt: MonotonicInstant?

    /// Sends `state`, after what waits.
    mutating func send(_ state: String, host: any Host) {
        guard host.hasServiceManager else { return }
        waiting.append(state)
        if waiting.count > Self.limit { waiting.removeFirst() }
        retry(host: host)
    }

    /// Has the service manager know `sentence` soon. Nothing where it does already.
    mutating func say(_ sentence: String, host: any Host) {
        guard host.hasServiceManager, sentence != self.sentence else { return }
        self.sentence = sentence
        unsentSentence = sentence
        retry(host: host)
    }

    /// Sends what waits and may be sent now, and arms the timer where something is left.
    mutating func retry(host: any Host) {
        while let first = waiting.first {
            guard host.notify(first) else { return arm(host.now.advanced(by: Self.retryDelay), host) }
            waiting.removeFirst()
        }
        guard let unsent = unsentSentence else { return }
        if let last = sentenceSentAt, host.now.duration(since: last) < Self.statusPace {
            return arm(last.advanced(by: Self.statusPace), host)
        }
        guard host.notify("STATUS=\(unsent)") else { return arm(host.now.advanced(by: Self.retryDelay), host) }
        sentenceSentAt = host.now
        unsentSentence = nil
    }

    private func arm(_ deadline: MonotonicInstant, _ host: any Host) {
        host.arm(TimerKind.notifier.token(), at: deadline)
    }
}
