import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol

/// The connections at the control socket, by slot: a slot's number names a connection in timers and waiting orders. And whose turn it is.
struct ConnectionTable {
    /// How many connections there may be.
    var limit = ProtocolLimits.connections
    /// The connections.
    private(set) var slots: [ClientConnection?] = []
    /// How many there are.
    private(set) var count = 0
    /// Slots whose output or standing has changed in this turn.
    private var touched: [Int] = []
    /// Slots with something to do, in the order of their turns: those that ask, and those that have only news to be told of. They take
    /// turns with each other, so that who asks waits for one of those that follow, however many these are.
    private var asking: [Int] = []
    private var following: [Int] = []
    private var isTurnOfFollowing = false
    /// Those of them that wait for what others do, until the next turn of the loop.
    private var parked: [Int] = []

    /// Why a client of `uid` may not have another connection of a daemon that runs as `own`, or nil. Some are kept for root, and
    /// some for the daemon's own user, so that nobody can keep out those who may do something about it.
    func refusal(uid: UInt32, own: UInt32) -> String? {
        let all = limit
        let kept = ProtocolLimits.connectionsKeptForRoot
        if uid == 0 {
            return count < all ? nil : "\(all) connections are open, which is the limit"
        }
        let room = all - kept - (uid == own ? 0 : ProtocolLimits.connectionsKeptForOwnUser)
        if count >= room { return "\(count) connections are open, and the rest is kept for root and supd's own user" }
        let used = slots.lazy.filter { $0?.peer.uid == uid }.count
        let limit = ProtocolLimits.connectionsPerUser
        return used < limit ? nil : "uid \(uid) has \(used) connections, which is the limit for one user"
    }

    /// The connection of `uid` that is to give way to another one of the same user: of those that lose least by it the one that has been
    /// silent for longest. Nil where none has been silent since `instant`, as who has just come is to be heard. One with work that goes on
    /// would keep its place until that ends.
    func dispensable(of uid: UInt32, silentSince instant: MonotonicInstant) -> Int? {
        let candidates = slots.indices.filter { slot in
            guard let connection = slots[slot] else { return false }
            return connection.peer.uid == uid && !connection.isClosing && connection.work == nil
                && connection.heardAt <= instant
        }
        return candidates.min { first, second in
            guard let first = slots[first], let second = slots[second] else { return false }
            return (first.worth.rawValue, first.heardAt) < (second.worth.rawValue, second.heardAt)
        }
    }

    mutating func add(_ connection: ClientConnection) -> Int {
        let slot = slots.firstIndex { $0 == nil } ?? slots.count
        if slot == slots.count { slots.append(connection) } else { slots[slot] = connection }
        connection.slot = slot
        count += 1
        return slot
    }

    mutating func remove(_ slot: Int) -> ClientConnection? {
        guard let connection = self[slot] else { return nil }
        slots[slot] = nil
        count -= 1
        for list in [\ConnectionTable.touched, \.asking, \.following, \.parked] {
            self[keyPath: list].removeAll { $0 == slot }
        }
        return connection
    }

    /// The connection in `slot`, if there is one.
    subscript(slot: Int) -> ClientConnection? { slots.indices.contains(slot) ? slots[slot] : nil }

    /// Has the connection in `slot` looked at before the turn ends.
    mutating func touch(_ slot: Int) {
        if let connection = self[slot] { touch(connection) }
    }

    private mutating func touch(_ connection: ClientConnection) {
        guard !connection.isTouched else { return }
        connection.isTouched = true
        touched.append(connection.slot)
    }

    /// Has a connection, which has moved, looked at before the turn ends, and get a turn where it wants one (`enqueue`). Nothing for one that
    /// was removed meanwhile.
    mutating func attend(to connection: ClientConnection, later: Bool = false) {
        guard self[connection.slot] === connection else { return }
        touch(connection)
        enqueue(connection, later: later)
    }

    /// The next one to be looked at before the turn ends.
    mutating func nextTouched() -> ClientConnection? {
        guard let slot = touched.popLast(), let connection = self[slot] else { return nil }
        connection.isTouched = false
        return connection
    }

    // MARK: Turns

    /// Has the connection get a turn where it wants one and has none yet.
    mutating func enqueue(_ slot: Int) {
        if let connection = self[slot] { enqueue(connection) }
    }

    /// The same of a connection; `later` in the loop's next turn.
    mutating func enqueue(_ connection: ClientConnection, later: Bool = false) {
        guard !connection.isQueued else { return }
        let asks = connection.asks
        guard asks || connection.mayTellNews else { return }
        connection.isQueued = true
        if later {
            parked.append(connection.slot)
        } else if asks {
            asking.append(connection.slot)
        } else {
            following.append(connection.slot)
        }
    }

    /// Lets those that waited for what others do look again.
    mutating func unpark() {
        guard !parked.isEmpty else { return }
        asking += parked
        parked = []
    }

    /// The one whose turn it is.
    mutating func nextInQueue() -> ClientConnection? {
        guard hasQueued else { return nil }
        let isFollowing = asking.isEmpty || (isTurnOfFollowing && !following.isEmpty)
        let slot = isFollowing ? following.removeFirst() : asking.removeFirst()
        isTurnOfFollowing = !isFollowing
        let connection = self[slot]
        connection?.isQueued = false
        return connection
    }

    /// Whether somebody wants a turn.
    var hasQueued: Bool { !asking.isEmpty || !following.isEmpty }
}
