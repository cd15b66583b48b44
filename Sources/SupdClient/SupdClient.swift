import Glibc
public import SupdJSON
public import SupdConnection
import SupdPlugin
public import SupdProtocol

/// A client of the daemon for Swift programs: calls are async, may run at once, and share one connection.
///
/// It works on a thread of its own and blocks none of Swift's pool. It connects at the first call, and again at the
/// next one after the connection was lost; it never sends a request twice by itself. A task that is cancelled gets
/// `cancelled` at once, while the order it gave may still be carried out.
public actor SupdClient {
    /// How long a reply may take beyond the time the request itself allows.
    public static let replyTimeout: Duration = .seconds(10)

    private struct Call {
        /// Nil once the caller has been told: what is left is the request at the daemon, which still counts there.
        var continuation: CheckedContinuation<Result<JSONValue, ClientError>, Never>?
        var deadline: MonotonicInstant?
        var timeout: Duration?
    }

    /// The socket's path.
    public nonisolated let path: String
    nonisolated let thread: ClientThread
    private var link: ClientLink?
    private var lastID: Int64 = 0
    private var calls = [Int64: Call]()
    /// Calls not sent yet, oldest first, because the daemon takes no more at once.
    private var queued: [(id: Int64, call: Request.Call)] = []
    /// The connections of sequences.
    var followings = Followings()

    /// A client of the daemon at `path`, or at the place where one is looked for by this program's user and environment
    /// (`SocketLocation.forThisProcess`). Does not connect yet. Throws `failed` where no thread can be had.
    public init(path: String? = nil) throws(ClientError) {
        self.path = path ?? SocketLocation.forThisProcess().path
        thread = try ClientThread()
        thread.serve(self)
    }

    deinit {
        thread.stop()
    }

    /// The client's own thread.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    /// Sends one request and gives its result as JSON, within `timeout`, or whenever it comes where that is nil.
    public func call(_ call: Request.Call, timeout: Duration? = replyTimeout) async throws(ClientError) -> JSONValue {
        guard !Task.isCancelled else { throw .cancelled }
        lastID += 1
        let id = lastID
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                calls[id] = Call(
                    continuation: continuation, deadline: timeout.map { Clock.now.advanced(by: $0) }, timeout: timeout)
                queued.append((id, call))
                sendQueued()
            }
        } onCancel: {
            // Comes after the registration above, whenever it is called: both are done by the one thread.
            thread.run { [weak self] in
                self?.assumeIsolated { $0.giveUp(id, .cancelled) }
            }
        }
        return try result.get()
    }

    /// Sends one request and gives its result as `T`; see `call(_:timeout:)`.
    public func call<T: WireValue>(
        _ call: Request.Call, timeout: Duration? = replyTimeout, as: T.Type = T.self
    ) async throws(ClientError) -> T {
        try T(result: try await self.call(call, timeout: timeout))
    }

    private func sendQueued() {
        while let next = queued.first, calls.count - queued.count < ProtocolLimits.requestsInFlight {
            do throws(ClientError) {
                if link == nil { link = ClientLink(try ControlSocket.connecting(to: path, timeout: .seconds(5))) }
                queued.removeFirst()
                link?.append(Request(id: .integer(next.id), call: next.call))
                try link?.flush()
            } catch {
                lose(error)
            }
        }
    }

    /// The caller is told now; the request is taken back where it was not sent.
    private func giveUp(_ id: Int64, _ error: ClientError) {
        guard let continuation = calls[id]?.continuation else { return }
        calls[id]?.continuation = nil
        calls[id]?.deadline = nil
        if let index = queued.firstIndex(where: { $0.id == id }) {
            queued.remove(at: index)
            calls[id] = nil
        }
        continuation.resume(returning: .failure(error))
    }

    /// The connection is of no more use: every call on it, and every one that waits for it, fails.
    private func lose(_ error: ClientError) {
        link = nil
        queued = []
        let lost = calls
        calls = [:]
        for id in lost.keys.sorted() { lost[id]?.continuation?.resume(returning: .failure(error)) }
    }

    private func take(_ reply: Reply) {
        guard case .integer(let id)? = reply.id, let call = calls.removeValue(forKey: id) else {
            // An error without an id is about the connection as a whole.
            if reply.id == nil, case .failure(let error) = reply.outcome { lose(.refused(error)) }
            return
        }
        call.continuation?.resume(returning: reply.outcome.mapError { .refused($0) })
    }

    private func receive() {
        do throws(ClientError) {
            while let line = try link?.receive() { take(try Reply(line: line)) }
            sendQueued()
        } catch {
            lose(error)
        }
    }

    private func expire() {
        guard calls.values.contains(where: { $0.deadline != nil }) else { return }
        let now = Clock.now
        for (id, call) in calls {
            if let deadline = call.deadline, deadline <= now { giveUp(id, .timedOut(after: call.timeout ?? .zero)) }
        }
    }
}

extension SupdClient: ClientThreadOwner {
    nonisolated func interest() -> ClientInterest {
        assumeIsolated { this in
            var interest = this.followings.interest
            if let link = this.link { interest.sockets.append((link.descriptor, link.hasOutgoing)) }
            interest.deadline = (this.calls.values.compactMap(\.deadline) + [interest.deadline].compactMap(\.self))
                .min()
            return interest
        }
    }

    nonisolated func handle(events: [Int32: Int16]) {
        assumeIsolated { this in
            if let link = this.link, let events = events[link.descriptor] {
                if events & Int16(POLLOUT) != 0 {
                    do throws(ClientError) { try link.flush() } catch { this.lose(error) }
                }
                if events & ~Int16(POLLOUT) != 0 { this.receive() }
            }
            this.followings.wake(events)
            this.expire()
        }
    }
}
