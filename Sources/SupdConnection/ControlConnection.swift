import Glibc
public import SupdJSON
package import SupdPlugin
public import SupdProtocol

/// A connection to a daemon that waits for each answer: for a program that does one thing after the other.
///
/// Closed when this value ends. For a program that must not block a thread there is `SupdClient` of the module of
/// that name.
public struct ControlConnection: ~Copyable {
    /// How long connecting may take where the daemon's queue of connections is full.
    public static let connectTimeout: Duration = .seconds(5)

    private let socket: ControlSocket
    private var framer = LineFramer(limit: ProtocolLimits.replyBytes)
    private var writer = JSONWriter(reservingCapacity: 256)
    private var lastID: Int64 = 0
    /// Why the daemon closes the connection, where it said so between notices.
    private var dismissal: ProtocolError?

    /// Connects to the daemon that serves the socket at `path`.
    ///
    /// Throws `noDaemon`, `noAccess`, `badPath`, `notTaken` or `failed`.
    public init(connectingTo path: String, timeout: Duration = connectTimeout) throws(ClientError) {
        socket = try ControlSocket.connecting(to: path, timeout: timeout)
    }

    /// The socket's own, to be waited for with poll(2) beside others.
    package var descriptor: Int32 { socket.descriptor }

    /// Takes over a connected stream socket, and closes it when this value ends.
    package init(adopting descriptor: Int32) {
        socket = ControlSocket(adopting: descriptor)
    }

    /// Ends the connection: the daemon has it no more. This value is of no more use.
    package func hangUp() { socket.hangUp() }

    /// Sends one request and waits for its result, at most `timeout`, or for ever where that is nil.
    ///
    /// A daemon that answers with an error is `refused`. After `timedOut` the connection can be used again: the late
    /// reply is passed over. After any other error but `refused` it is of no more use.
    public mutating func call(_ call: Request.Call, timeout: Duration?) throws(ClientError) -> JSONValue {
        let deadline = timeout.map { Clock.now.advanced(by: $0) }
        let id = try begin(call, deadline: deadline, timeout: timeout)
        return try result(of: id, deadline: deadline, timeout: timeout)
    }

    /// Sends two requests in one write and waits for the results of both, in whichever order they come.
    ///
    /// Throws as `call(_:timeout:)` does; where both are refused, the error of the first.
    package mutating func call(
        _ first: Request.Call, and second: Request.Call, timeout: Duration?
    ) throws(ClientError) -> (first: JSONValue, second: JSONValue) {
        let deadline = timeout.map { Clock.now.advanced(by: $0) }
        writer.removeAll()
        let ids = (first: encode(first), second: encode(second))
        try send(deadline: deadline, timeout: timeout)
        var found: (first: JSONValue?, second: JSONValue?)
        var refusal: ProtocolError?
        while true {
            let reply = try receive(deadline: deadline, timeout: timeout)
            switch reply.outcome {
            case .success(let result) where reply.id == ids.first: found.first = result
            case .success(let result) where reply.id == ids.second: found.second = result
            case .failure(let error) where reply.id == ids.second: refusal = error
            case .failure(let error) where reply.id == ids.first || reply.id == nil: throw .refused(error)
            case .success, .failure: continue
            }
            guard let first = found.first else { continue }
            if let refusal { throw .refused(refusal) }
            if let second = found.second { return (first, second) }
        }
    }

    /// Adds a request to what is sent next, and answers its id.
    private mutating func encode(_ call: Request.Call) -> RequestID {
        lastID += 1
        let id = RequestID.integer(lastID)
        Request(id: id, call: call).encode(into: &writer)
        return id
    }

    /// Sends one request, whose result `result(of:timeout:)` waits for; see `call(_:timeout:)`.
    package mutating func begin(_ call: Request.Call, timeout: Duration?) throws(ClientError) -> RequestID {
        try begin(call, deadline: timeout.map { Clock.now.advanced(by: $0) }, timeout: timeout)
    }

    /// Waits at most `timeout` for the result of a request that was sent. After `timedOut` it can be waited for again,
    /// unless another request was sent meanwhile.
    package mutating func result(of id: RequestID, timeout: Duration?) throws(ClientError) -> JSONValue {
        try result(of: id, deadline: timeout.map { Clock.now.advanced(by: $0) }, timeout: timeout)
    }

    private mutating func begin(
        _ call: Request.Call, deadline: MonotonicInstant?, timeout: Duration?
    ) throws(ClientError) -> RequestID {
        writer.removeAll()
        let id = encode(call)
        try send(deadline: deadline, timeout: timeout)
        return id
    }

    private mutating func result(
        of id: RequestID, deadline: MonotonicInstant?, timeout: Duration?
    ) throws(ClientError) -> JSONValue {
        while true {
            let reply = try receive(deadline: deadline, timeout: timeout)
            switch reply.outcome {
            case .success(let result) where reply.id == id:
                return result
            case .failure(let error) where reply.id == id || reply.id == nil:
                // No id: the daemon refused the connection as a whole, being at a limit.
                throw .refused(error)
            case .success, .failure:
                continue
            }
        }
    }

    /// Sends one request and waits for its result as `T`; see `call(_:timeout:)`.
    public mutating func call<T: WireValue>(
        _ call: Request.Call, timeout: Duration?, as: T.Type = T.self
    ) throws(ClientError) -> T {
        try T(result: try self.call(call, timeout: timeout))
    }

    /// What comes on a connection that has subscribed to something and is asked other things beside.
    package enum Arrival {
        case notice(Notice)
        case reply(Reply)
    }

    /// Waits until `deadline` for what comes next; throws `timedOut`, with `timeout`, where nothing did.
    package mutating func next(deadline: MonotonicInstant?, timeout: Duration?) throws(ClientError) -> Arrival {
        while true {
            if let arrival = try framer.nextArrival() { return arrival }
            try readMore(deadline: deadline, timeout: timeout)
        }
    }

    /// Waits for what the daemon tells of what was subscribed to, and gives all that has come, each with its params as they came.
    /// Empty once nobody reads `output` any more, a pipe or a socket of this process: there may be nothing to tell for long. With -1 nobody
    /// has to.
    ///
    /// Throws `closed` when the daemon is gone, `refused` where it says why it closes the connection, and `timedOut` where nothing has come until `deadline`. Is not for a connection on which a reply is waited for.
    package mutating func notices(
        whileRead output: Int32 = -1, until deadline: MonotonicInstant? = nil
    ) throws(ClientError) -> [(notice: Notice, params: JSONValue)] {
        while true {
            let notices = try framer.takeNotices(&dismissal)
            guard notices.isEmpty else { return notices }
            if let dismissal { throw .refused(dismissal) }
            switch socket.read(into: &framer) {
            case .bytes: continue
            case .wouldBlock: guard try waitForNotices(output, deadline) else { return [] }
            case .end: throw .closed
            case .failed(let error): throw .failed(call: "recv", error)
            }
        }
    }

    /// False where nobody reads `output` any more, which poll(2) tells unasked.
    private func waitForNotices(_ output: Int32, _ deadline: MonotonicInstant?) throws(ClientError) -> Bool {
        var descriptors = [
            pollfd(fd: socket.descriptor, events: Int16(POLLIN), revents: 0), pollfd(fd: output, events: 0, revents: 0),
        ]
        while true {
            let count = poll(&descriptors, 2, Clock.pollTimeout(until: deadline))
            if count > 0 { break }
            if count == 0 {
                guard let deadline, Clock.now >= deadline else { continue }
                throw .timedOut(after: .zero)
            }
            guard errno == EINTR else { throw .failed(call: "poll", ErrorNumber(errno)) }
        }
        return descriptors[1].revents & Int16(POLLERR | POLLHUP) == 0
    }

    private func send(deadline: MonotonicInstant?, timeout: Duration?) throws(ClientError) {
        let bytes = writer.bytes
        var sent = 0
        while sent < bytes.count {
            let transfer = bytes.withUnsafeBytes { socket.write(UnsafeRawBufferPointer(rebasing: $0[sent...])) }
            switch transfer {
            case .bytes(let count): sent += count
            case .wouldBlock: try wait(for: Int16(POLLOUT), deadline: deadline, timeout: timeout)
            // What the daemon said before it closed may still be there to be read.
            case .end: return
            case .failed(let error): throw .failed(call: "send", error)
            }
        }
    }

    private mutating func receive(deadline: MonotonicInstant?, timeout: Duration?) throws(ClientError) -> Reply {
        while true {
            if let reply = try framer.nextReply() { return reply }
            try readMore(deadline: deadline, timeout: timeout)
        }
    }

    /// Reads what is there, or waits until something is.
    private mutating func readMore(deadline: MonotonicInstant?, timeout: Duration?) throws(ClientError) {
        switch socket.read(into: &framer) {
        case .bytes: break
        case .wouldBlock: try wait(for: Int16(POLLIN), deadline: deadline, timeout: timeout)
        case .end: throw .closed
        case .failed(let error): throw .failed(call: "recv", error)
        }
    }

    private func wait(for events: Int16, deadline: MonotonicInstant?, timeout: Duration?) throws(ClientError) {
        var descriptor = pollfd(fd: socket.descriptor, events: events, revents: 0)
        while true {
            let count = poll(&descriptor, 1, Clock.pollTimeout(until: deadline))
            if count > 0 { return }
            if count == 0 {
                // poll's own limit is 24 days: a later deadline takes several.
                guard let deadline, Clock.now >= deadline else { continue }
                throw .timedOut(after: timeout ?? .zero)
            }
            guard errno == EINTR else { throw .failed(call: "poll", ErrorNumber(errno)) }
        }
    }
}

extension LineFramer {
    /// All complete notices, up to an error that is about the connection as a whole; other lines are passed over.
    fileprivate mutating func takeNotices(
        _ dismissal: inout ProtocolError?
    ) throws(ClientError) -> [(notice: Notice, params: JSONValue)] {
        var notices: [(notice: Notice, params: JSONValue)] = []
        while dismissal == nil, let json = try nextDocument() {
            do throws(WireError) {
                guard let notice = try Notice.decode(json) else {
                    dismissal = try json.dismissal
                    continue
                }
                notices.append((notice, json.objectValue?["params"] ?? .null))
            } catch {
                throw .unreadable(error)
            }
        }
        return notices
    }

    /// The next complete notice or reply, nil where there is none yet; notices that this version does not know are passed over.
    fileprivate mutating func nextArrival() throws(ClientError) -> ControlConnection.Arrival? {
        while let json = try nextDocument() {
            do throws(WireError) {
                if let notice = try Notice.decode(json) { return .notice(notice) }
                if json.objectValue?["method"] == nil { return .reply(try Reply(json)) }
            } catch {
                throw .unreadable(error)
            }
        }
        return nil
    }

    /// The next complete reply, nil where there is none yet.
    fileprivate mutating func nextReply() throws(ClientError) -> Reply? {
        guard let json = try nextDocument() else { return nil }
        return try Reply(line: json)
    }

    /// The next complete line as JSON, nil where there is none yet.
    package mutating func nextDocument() throws(ClientError) -> JSONValue? {
        let json: JSONValue?
        var failure: WireError?
        do throws(LineTooLong) {
            json = try withNextLine { line in
                do throws(WireError) {
                    return try Reply.parse(line)
                } catch {
                    failure = error
                    return .null
                }
            }
        } catch {
            throw .unreadable(WireError(path: "", problem: "the reply is longer than \(error.limit) bytes"))
        }
        if let failure { throw .unreadable(failure) }
        return json
    }
}

extension JSONValue {
    /// The error that this says, where it is about the connection as a whole: then that is closed.
    package var dismissal: ProtocolError? {
        get throws(WireError) {
            guard let object = objectValue, object["method"] == nil, object["error"] != nil else { return nil }
            let reply = try Reply(self)
            guard reply.id == nil, case .failure(let error) = reply.outcome else { return nil }
            return error
        }
    }
}
