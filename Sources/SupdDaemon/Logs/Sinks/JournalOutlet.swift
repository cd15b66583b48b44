import DequeModule
import Glibc
import SupdHost
import SupdPlugin

/// The way to the journal, which the lines of many services and the daemon's own share.
///
/// It never waits: an entry the journal has no room for is kept in a bounded queue and tried again by a timer. A full queue is told by
/// `flow`; services that do not wait for it (`Claim.droppable`) lose their lines then, which are counted, and one entry tells how many.
/// A journal that is not there is tried again once a second, and what does not fit the queue meanwhile is dropped. What it had been given
/// and not read went with it: of that the most that it can be is told.
///
/// By a timer, not by epoll(7): a journal that reads on is told of after each entry, and one wake-up an entry costs more than one for all
/// that fit after two milliseconds.
final class JournalOutlet {
    /// Entries dropped since the daemon began.
    private(set) var droppedLines = 0
    /// Whether it has room.
    let flow: FlowControl
    /// False from a failure to reach the journal until an entry was taken again.
    private(set) var isReachable = true
    /// Whether nothing waits for it any more: what it has no room for is dropped.
    private(set) var isGivenUp = false
    /// Called once when the journal goes, and with nil when it is back.
    var reachabilityChanged: (ErrorNumber?) -> Void = { _ in }

    private let host: any HostClock & HostTimers & HostJournal
    private let timer: TimerToken
    private let byteLimit: Int
    /// What waits; nil where nothing does, as mostly: its type takes a tenth of a millisecond of the start to be made.
    private var queue: Deque<Entry>?
    private var queuedBytes = 0
    private var ownBytes = 0
    private var untoldLines = 0
    private var untoldUnread = 0
    private var delay: Duration = shortestDelay

    /// So many bytes of the daemon's own entries may be queued whatever those of services have filled.
    private static let reserve = 64 * 1024
    private static let entryCost = 256
    /// journald takes in some fifty entries in that time; its socket holds hundreds (net.unix.max_dgram_qlen).
    private static let shortestDelay: Duration = .milliseconds(2)
    private static let delayWhenStalled: Duration = .milliseconds(100)
    private static let delayWhenGone: Duration = .seconds(1)

    private struct Entry {
        var message: [UInt8]
        var fields: [JournalField]
        var isOwn = false

        var cost: Int { message.count + JournalOutlet.entryCost }
    }

    /// An outlet of `host`, whose queue takes `byteLimit` bytes and is tried again by `timer`.
    init(host: any HostClock & HostTimers & HostJournal, timer: TimerToken, byteLimit: Int = 256 * 1024) {
        self.host = host
        self.timer = timer
        self.byteLimit = byteLimit
        flow = FlowControl(title: "the journal", limit: byteLimit)
    }

    /// Bytes that wait to be sent.
    var pendingBytes: Int { queuedBytes }

    /// Sends one entry, or queues it, or drops it.
    func send(_ message: UnsafeRawBufferPointer, fields: [JournalField], as claim: Claim) {
        if queuedBytes == 0, untoldLines > 0 || untoldUnread > 0 {
            tellDropped()
            sendQueued()
        }
        if queuedBytes == 0 {
            switch attempt(message, fields) {
            case .done: return
            case .later: if !isGivenUp { armTimer() }
            }
        }
        let entry = Entry(message: Array(message), fields: fields, isOwn: claim == .own)
        guard hasRoom(for: entry.cost, as: claim) else {
            droppedLines += 1
            untoldLines += 1
            return
        }
        enqueue(entry)
        if isReachable { flow.added(pending: queuedBytes) }
    }

    /// Sends what waits as far as there is room; the timer calls this.
    func retry() {
        sendQueued()
        // Nobody waits for a journal that is gone.
        flow.took(pending: isReachable ? queuedBytes : 0)
    }

    /// Drops what waits for a journal that is gone, and answers how much that was; nothing where it is there. For the end of a drain.
    func giveUpUnlessReachable() -> Int {
        guard !isReachable, let count = queue?.count else { return 0 }
        forgetQueued()
        droppedLines += count
        return count
    }

    /// Waits for it no longer: what it has not taken is dropped, as is from now on what it has no room for. Answers how many lines were lost
    /// so, with those that were before and not told; nil for none.
    func giveUp() -> Int? {
        isGivenUp = true
        sendQueued()
        let count = queue?.count ?? 0
        droppedLines += count
        let lost = untoldLines + count
        untoldLines = 0
        forgetQueued()
        flow.took(pending: 0)
        return lost > 0 ? lost : nil
    }

    private func forgetQueued() {
        queue = nil
        (queuedBytes, ownBytes) = (0, 0)
        host.disarm(timer)
    }

    private func hasRoom(for cost: Int, as claim: Claim) -> Bool {
        if isGivenUp { return false }
        return switch claim {
        case .kept where isReachable: true
        case .kept, .droppable: untoldLines == 0 && queuedBytes + cost <= byteLimit
        case .own: queuedBytes + cost <= byteLimit || ownBytes + cost <= Self.reserve
        }
    }

    private func sendQueued() {
        var progress = false
        while let first = queue?.first {
            guard first.message.withUnsafeBytes({ attempt($0, first.fields) }) == .done else { break }
            progress = true
            queue?.removeFirst()
            queuedBytes -= first.cost
            if first.isOwn { ownBytes -= first.cost }
            tellDropped()
        }
        if queuedBytes == 0 {
            queue = nil
            delay = Self.shortestDelay
            host.disarm(timer)
        } else {
            delay = progress ? Self.shortestDelay : min(delay * 2, Self.delayWhenStalled)
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
            untoldUnread += host.takeUnreadEntries()
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
        guard isReachable, !isGivenUp, queuedBytes <= byteLimit / 2 else { return }
        if untoldLines > 0 { tell(untoldLines.dropped("the journal did not take")) }
        untoldLines = 0
        if untoldUnread > 0 {
            tell(
                "up to \(untoldUnread) of the last lines before this are lost: the journal ended without having read them"
            )
        }
        untoldUnread = 0
    }

    private func tell(_ text: String) {
        let fields = [
            JournalField("PRIORITY", SyslogLevel.warning.digit), JournalField("SYSLOG_IDENTIFIER", "supd"),
            JournalField("MESSAGE_ID", MessageKind.linesDropped.rawValue),
        ]
        enqueue(Entry(message: Array(text.utf8), fields: fields, isOwn: true))
    }

    private func enqueue(_ entry: Entry) {
        queuedBytes += entry.cost
        if entry.isOwn { ownBytes += entry.cost }
        if queue == nil { queue = [] }
        queue?.append(entry)
    }

    private func armTimer() {
        host.arm(timer, at: host.now.advanced(by: isReachable ? delay : Self.delayWhenGone))
    }
}

extension ErrorNumber {
    /// Whether nobody listens at the journal's socket (unix(7)).
    fileprivate var meansJournalIsGone: Bool {
        [ENOENT, ECONNREFUSED, ECONNRESET, ENOTCONN, EPIPE].contains(rawValue)
    }
}
