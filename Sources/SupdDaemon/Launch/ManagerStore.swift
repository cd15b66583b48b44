import DequeModule
import SupdHost
import SupdPlugin

/// What the service manager keeps for the next daemon (systemd.service(5), FileDescriptorStoreMax=): the sockets that supd listens on for
/// services, and what services have had kept. So a supd that is killed, or stopped to be started again, loses no connection that waits.
///
/// The manager is told in order, never waiting: what it does not take is tried again at a pace that slows down. Where it keeps nothing, nothing is
/// told.
final class ManagerStore {
    /// How soon a message that was not taken is tried again, and the longest time between two tries.
    private static let shortestDelay = Notifier.shortestDelay
    private static let longestDelay = Notifier.longestDelay

    private struct Entry {
        var name: String
        var polls: Bool
        var isSent: Bool
    }

    private enum Message {
        case keep(BoundSocket)
        case remove(name: String)
    }

    private let host: any HostClock & HostTimers & HostServiceManager
    private let log: DaemonLog
    private var kept = [BoundSocket: Entry]()
    private var waiting: Deque<Message> = []
    private var lastNumber: UInt64 = 0
    /// Since a message was not taken: the time to the try after the next. Else nil.
    private var delay: Duration?
    /// It was said that there is no room for more.
    private var saidFull = false

    /// The store of the service manager above `host`.
    init(host: any HostClock & HostTimers & HostServiceManager, log: DaemonLog) {
        self.host = host
        self.log = log
    }

    /// How many there are. For audits.
    var count: Int { kept.count }

    /// Has a descriptor kept, for as long as it is open here or until `letGo`.
    func keep(_ descriptor: BoundSocket, _ kind: StoredName.Kind, of owner: String) {
        guard host.storedDescriptors > 0 else { return }
        guard kept.count < host.storedDescriptors else {
            if !saidFull {
                log.warning(
                    "the service manager keeps \(plural(host.storedDescriptors, "descriptor")) at most "
                        + "(FileDescriptorStoreMax=): those of \(owner), and what comes after, are lost when supd is restarted",
                    kind: .storeFull)
            }
            saidFull = true
            return
        }
        guard let name = StoredName(kind, of: owner, number: lastNumber + 1).text else { return }
        lastNumber += 1
        var polls = false
        if case .descriptor(_, _, true) = kind { polls = true }
        kept[descriptor] = Entry(name: name, polls: polls, isSent: false)
        waiting.append(.keep(descriptor))
        if delay == nil { send() }
    }

    /// A descriptor is about to be closed for good: true where the manager has it, and is told to close it as well.
    @discardableResult
    func letGo(_ descriptor: BoundSocket) -> Bool {
        guard let entry = forget(descriptor), entry.isSent else { return false }
        waiting.append(.remove(name: entry.name))
        if delay == nil { send() }
        return true
    }

    /// A descriptor is about to be closed here, and goes to the next daemon where the manager has it.
    func leave(_ descriptor: BoundSocket) { forget(descriptor) }

    @discardableResult
    private func forget(_ descriptor: BoundSocket) -> Entry? {
        guard let entry = kept.removeValue(forKey: descriptor) else { return nil }
        saidFull = false
        if !entry.isSent {
            // Its number is another's soon.
            waiting.removeAll { if case .keep(descriptor) = $0 { true } else { false } }
        }
        return entry
    }

    /// Takes out of what was handed over what an earlier daemon has had kept. The manager keeps it on, until it is let go.
    func takeBack(_ given: inout [HandedOverSocket]) -> [(name: StoredName, socket: HandedOverSocket)] {
        var taken: [(name: StoredName, socket: HandedOverSocket)] = []
        given.removeAll { given in
            guard let name = StoredName(given.name) else { return false }
            var polls = false
            if case .descriptor(_, _, true) = name.kind { polls = true }
            kept[given.socket] = Entry(name: given.name, polls: polls, isSent: true)
            lastNumber = max(lastNumber, name.number)
            taken.append((name, given))
            return true
        }
        return taken.sorted { $0.name.number < $1.name.number }
    }

    /// The timer has fired, or something is to be told: sends what waits, and arms the timer where something is left.
    func send() {
        while let message = waiting.first {
            guard tell(message) else {
                let next = delay ?? Self.shortestDelay
                delay = min(next * 2, Self.longestDelay)
                return host.arm(TimerKind.managerStore.token(), at: host.now.advanced(by: next))
            }
            waiting.removeFirst()
        }
        delay = nil
    }

    private func tell(_ message: Message) -> Bool {
        switch message {
        case .remove(let name): return host.notify("FDSTOREREMOVE=1\nFDNAME=\(name)")
        case .keep(let descriptor):
            guard let entry = kept[descriptor] else { return true }
            let poll = entry.polls ? "" : "\nFDPOLL=0"
            guard host.notify("FDSTORE=1\nFDNAME=\(entry.name)\(poll)", with: descriptor) else { return false }
            kept[descriptor]?.isSent = true
            return true
        }
    }
}
