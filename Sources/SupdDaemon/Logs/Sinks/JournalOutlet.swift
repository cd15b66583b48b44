import DequeModule
import Glibc
import SupdHost
import SupdPlugin

/// The way to the journal, which the lines of many services and the daemon's own share.
///
/// It never waits: an entry the journal has no room for is kept in a bounded queue and tried again by a timer; what does
/// not fit there is dropped and counted, and one entry tells how many at the place where they are missing. A journal that
/// is not there is tried again at a slower pace.
final class JournalOutlet {
    /// Entries dropped since the daemon began.
    private(set) var droppedLines = 0
    /// False from a failure to reach the journal until an entry was taken again.
    private(set) var isReachable = true
    /// Called once when the journal goes, and with nil when it is back.
    var reachabilityChanged: (ErrorNumber?) -> Void = { _ in }

    private let host: any Host
    private let timer: TimerToken
    private let byteLimit: Int
    private var queue: Deque<Entry> = []
    private var queuedBytes = 0
    private var untoldLines = 0
    private var delay: Duration = shortestDelay

    private static let reserve = 16 * 1024
    private static let entryCost = 256
    private static let shortestDelay: Duration = .milliseconds(20)
    private static let delayWhenGone: Duration = .seconds(1)
    private static let longestDelay: Duration = .seconds(30)

    private struct Entry {
        var message: [UInt8]
        var fields: [JournalField]

        var cost: Int { message.count + JournalOutlet.entryCost }
    }

    /// An outlet of `host`, whose queue takes `byteLimit` bytes and is tried again by `timer`.
    init(host: any Host, timer: TimerToken, byteLimit: Int = 256 * 1024) {
        self.host = host
        self.timer = timer
        self.byteLimit = byteLimit
    }

    /// Bytes that wait to be sent.
    var pendingBytes: Int { queuedBytes }

    /// Sends one entry, or queues it, or drops it. `isOwn` entries may still be queued where those of services have
    /// filled the queue.
    func send(_ message: UnsafeRawBufferPointer, fields: [JournalField], isOwn: Bool = false) {
        if queue.isEmpty, untoldLines > 0 {
            tellDropped()
            retry()
        }
        if queue.isEmpty {
            switch attempt(message, fields) {
            case .done: return
            case .later: armTimer()
            }
        }
        let entry = Entry(message: Array(message), fields: fields)
        let isDropping = untoldLines > 0 && !isOwn
        guard !isDropping, queuedBytes + entry.cost <= byteLimit + (isOwn ? Self.reserve : 0) else {
            droppedLines += 1
            untoldLines += 1
            return
        }
        enqueue(entry)
    }

    /// Sends what waits as far as there is room; the timer calls this.
    func retry() {
        var progress = false
        while let first = queue.first {
            guard first.message.withUnsafeBytes({ attempt($0, first.fields) }) == .done else { break }
            progress = true
            queue.removeFirst()
            queuedBytes -= first.cost
            tellDropped()
        }
        if queue.isEmpty {
            queue = []
            delay = Self.shortestDelay
            host.disarm(timer)
        } else {
            let longest = isReachable ? Self.delayWhenGone : Self.longestDelay
            delay = progress ? Self.shortestDelay : min(delay * 2, longest)
            armTimer()
        }
    }

    private enum Outcome {
        /// Taken, or refused for good and counted.
        case done
        /// To be tried again.
        case later
    }

    private func attempt(_ message: UnsafeRawBufferPointer, _ fields: [JournalField]) -> Outcome {
        switch host.journal(message: message, fields: fields) {
        case .wrote:
            if !isReachable {
                isReachable = true
                reachabilityChanged(nil)
            }
            return .done
        case .wouldBlock:
            return .later
        case .failed(let error) where error.meansJournalIsGone:
            delay = max(delay, Self.delayWhenGone)
            if isReachable {
                isReachable = false
                reachabilityChanged(error)
            }
            return .later
        case .failed:
            // This entry can never be sent; the ones behind it must not wait for it.
            droppedLines += 1
            untoldLines += 1
            return .done
        }
    }

    private func tellDropped() {
        guard untoldLines > 0, queuedBytes <= byteLimit / 2 else { return }
        let text = untoldLines.dropped("the journal did not take")
        let fields = [
            JournalField("PRIORITY", LogPriority.warning.digit), JournalField("SYSLOG_IDENTIFIER", "supd"),
        ]
        untoldLines = 0
        enqueue(Entry(message: Array(text.utf8), fields: fields))
    }

    private func enqueue(_ entry: Entry) {
        queuedBytes += entry.cost
        queue.append(entry)
    }

    private func armTimer() {
        host.arm(timer, at: host.now.advanced(by: delay))
    }
}

extension ErrorNumber {
    /// Whether nobody listens at the journal's socket (unix(7)).
    fileprivate var meansJournalIsGone: Bool {
        [ENOENT, ECONNREFUSED, ECONNRESET, ENOTCONN, EPIPE].contains(rawValue)
    }
}
