public import SupdConnection
import SupdJSON
import SupdPlugin
public import SupdProtocol

extension SupdClient {
    /// Follows what happens to `services`, to everything where none is named; only events of `kinds`, where there are any. With `since`, the
    /// number of an event, goes on after that one.
    ///
    /// Throws `refused` with what the daemon says where it says no, and what calls throw where there is none. Has a connection of its own, which
    /// is closed once nothing holds the sequence any more.
    public func events(
        services: [String] = [], kinds: [EventKind] = [], since: UInt64? = nil
    ) async throws(ClientError) -> EventSequence {
        let params = EventParams(services: services, kinds: kinds, since: since)
        let (following, result) = try await follow(.eventsSubscribe(params))
        return EventSequence(following: following, subscription: try EventSubscription(result: result))
    }

    /// Follows what `services` write, those too that come later and that one of the names, globs and tags means; begins with the last `lines`
    /// of each. With `since`, the number of a line, goes on after that one, and `lines` is how many at most that were missed. Throws, and has
    /// a connection of its own, as `events` does.
    public func logs(
        following services: [String], lines: Int? = nil, since: UInt64? = nil
    ) async throws(ClientError) -> LineSequence {
        let params = FollowParams(services: services, lines: lines, since: since)
        let (following, result) = try await follow(.logsFollow(params))
        return LineSequence(following: following, subscription: try LogSubscription(result: result))
    }

    /// Opens a connection that follows what `call` asks for, and gives the daemon's answer.
    private func follow(_ call: Request.Call) async throws(ClientError) -> (Following, JSONValue) {
        guard !Task.isCancelled else { throw .cancelled }
        let link = ClientLink(try ControlSocket.connecting(to: path, timeout: .seconds(5)))
        let following = Following(client: self, number: followings.add(link))
        link.append(Request(id: .integer(1), call: call))
        while true {
            let reply = try Reply(line: try await message(of: following.number, timeout: Self.replyTimeout))
            // An error without an id is about the connection as a whole.
            switch reply.outcome {
            case .success(let result): return (following, result)
            case .failure(let error): throw .refused(error)
            }
        }
    }

    /// The next notice of a connection that follows something. One that this version does not know is passed over. Throws `refused` where
    /// the daemon says why it closes the connection.
    func notice(of number: Int) async throws(ClientError) -> Notice {
        while true {
            let message = try await message(of: number, timeout: nil)
            let dismissal: ProtocolError?
            do throws(WireError) {
                if let notice = try Notice.decode(message) { return notice }
                dismissal = try message.dismissal
            } catch {
                throw .unreadable(error)
            }
            if let dismissal { throw .refused(dismissal) }
        }
    }

    /// The next message of a connection, waited for within `timeout`.
    private func message(of number: Int, timeout: Duration?) async throws(ClientError) -> JSONValue {
        while true {
            guard !Task.isCancelled else { throw .cancelled }
            guard let link = followings.links[number] else { throw .closed }
            try link.flush()
            if let message = try link.receive() { return message }
            if let error = await readable(number, timeout: timeout) { throw error }
        }
    }

    /// Waits until a connection has something; gives why not where it has not.
    private func readable(_ number: Int, timeout: Duration?) async -> ClientError? {
        let waiter = followings.nextWaiter()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { followings.wait(waiter, for: number, timeout: timeout, $0) }
        } onCancel: {
            // Comes after the registration above, whenever it is called: both are done by the one thread.
            thread.run { [weak self] in
                self?.assumeIsolated { $0.followings.end(waiter, .cancelled) }
            }
        }
    }
}

/// A sequence's hold on its connection, which is closed when nothing holds this any more.
final class Following: Sendable {
    let client: SupdClient
    let number: Int

    init(client: SupdClient, number: Int) {
        self.client = client
        self.number = number
    }

    deinit {
        client.thread.run { [client, number] in client.assumeIsolated { $0.followings.remove(number) } }
    }

    func next() async throws(ClientError) -> Notice { try await client.notice(of: number) }
}

/// What happens in a daemon, as it happens (`events.subscribe`). Read once: a second iterator goes on where the first one is.
///
/// Never ends by itself: throws `closed` when the daemon ends, and `cancelled` where the task is cancelled. Nothing is read ahead of the reader but
/// what one read of the socket gives, so the daemon sees who is slow, and tells it by a `gap` how many events it has missed.
public struct EventSequence: AsyncSequence, Sendable {
    let following: Following
    /// What the daemon answered: what services are, and the number of the last event before those that follow.
    public let subscription: EventSubscription

    /// The events that come.
    public func makeAsyncIterator() -> Iterator { Iterator(following: following) }

    /// One event after the other.
    public struct Iterator: AsyncIteratorProtocol {
        let following: Following

        /// The next event, waited for as long as it takes.
        public mutating func next(isolation actor: isolated (any Actor)? = #isolation) async throws(ClientError)
            -> EventNotice?
        {
            while true {
                if case .event(let notice) = try await following.next() { return notice }
            }
        }
    }
}

/// What services write, as they write it (`logs.follow`). Read once: a second iterator goes on where the first one is.
///
/// Never ends by itself: throws `closed` when the daemon ends, and `cancelled` where the task is cancelled. Nothing is read ahead of the reader but
/// what one read of the socket gives, so the daemon sees who is slow, and tells it by a `gap` how many lines it has missed.
public struct LineSequence: AsyncSequence, Sendable {
    let following: Following
    /// What the daemon answered: the last lines of each instance, and the number of the last line before those that follow.
    public let subscription: LogSubscription

    /// The lines that come.
    public func makeAsyncIterator() -> Iterator { Iterator(following: following) }

    /// One line after the other.
    public struct Iterator: AsyncIteratorProtocol {
        let following: Following

        /// The next line, waited for as long as it takes.
        public mutating func next(isolation actor: isolated (any Actor)? = #isolation) async throws(ClientError)
            -> LineNotice?
        {
            while true {
                if case .line(let notice) = try await following.next() { return notice }
            }
        }
    }
}
