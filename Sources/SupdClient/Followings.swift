import SupdConnection
import SupdPlugin

/// The connections that a client's sequences have, one each as the protocol wants it, and who waits for something to come on one.
///
/// A connection is polled only while somebody waits for its next message: what nobody asks for is not read, and the daemon sees that.
struct Followings {
    private struct Waiter {
        let number: Int
        let continuation: CheckedContinuation<ClientError?, Never>
        let deadline: MonotonicInstant?
        let timeout: Duration
    }

    private(set) var links = [Int: ClientLink]()
    private var waiters = [Int: Waiter]()
    private var last = 0

    /// Takes a connection, and gives it a number.
    mutating func add(_ link: ClientLink) -> Int {
        last += 1
        links[last] = link
        return last
    }

    /// Closes a connection. Nobody waits for it any more.
    mutating func remove(_ number: Int) { links[number] = nil }

    /// A number for who is about to wait.
    mutating func nextWaiter() -> Int {
        last += 1
        return last
    }

    /// Has `waiter` wait for the connection of that number: it is given nil when there is something, or why there is not.
    mutating func wait(
        _ waiter: Int, for number: Int, timeout: Duration?, _ continuation: CheckedContinuation<ClientError?, Never>
    ) {
        waiters[waiter] = Waiter(
            number: number, continuation: continuation, deadline: timeout.map { Clock.now.advanced(by: $0) },
            timeout: timeout ?? .zero)
    }

    /// Ends a wait; nothing where it has ended.
    mutating func end(_ waiter: Int, _ error: ClientError?) {
        waiters.removeValue(forKey: waiter)?.continuation.resume(returning: error)
    }

    /// What is waited for.
    var interest: ClientInterest {
        var interest = ClientInterest()
        for number in Set(waiters.values.map(\.number)) {
            if let link = links[number] { interest.sockets.append((link.descriptor, link.hasOutgoing)) }
        }
        interest.deadline = waiters.values.lazy.compactMap(\.deadline).min()
        return interest
    }

    /// Ends the waits for sockets that have events, and those whose time is over.
    mutating func wake(_ events: [Int32: Int16]) {
        guard !waiters.isEmpty else { return }
        let now = Clock.now
        for (number, waiter) in waiters {
            if let link = links[waiter.number], events[link.descriptor] != nil {
                end(number, nil)
            } else if let deadline = waiter.deadline, deadline <= now {
                end(number, .timedOut(after: waiter.timeout))
            }
        }
    }
}
