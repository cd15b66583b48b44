import FakeDaemon
import SupdClient
import SupdConnection
import SupdPlugin
import SupdProtocol
import Synchronization
import Testing

/// `SupdClient.events` and `SupdClient.logs(following:)`.
@Suite(.timeLimit(.minutes(2))) struct FollowingTests {
    private static let time = WallTime(nanoseconds: 1_709_164_800_123_000_000)

    private static func event(_ number: UInt64) -> Notice {
        .event(EventNotice(sequence: number, content: .event(Event(time: time, happening: .ready))))
    }

    private static func line(_ text: String) -> Notice {
        .line(LineNotice(name: "web", content: .line(LogLine(time: time, stream: .stdout, text: text))))
    }

    /// What `next` throws; nil where it does not.
    private static func failure(_ next: () async throws(ClientError) -> some Any) async -> ClientError? {
        do throws(ClientError) {
            _ = try await next()
            return nil
        } catch {
            return error
        }
    }

    @Test func eventsComeInTheirOrderAndTheDaemonsEndIsThrown() async throws {
        let daemon = try FakeDaemon.start { request, peer in
            peer.reply(EventSubscription(sequence: 4, started: Self.time), to: request)
            for number in 5...7 { peer.send(Self.event(UInt64(number))) }
            // What a later daemon may tell is passed over.
            peer.send(#"{"jsonrpc":"2.0","method":"moon","params":{}}"# + "\n")
            peer.send(.event(EventNotice(sequence: 9, content: .gap(2))))
            peer.hangUp()
        }
        let client = try SupdClient(path: daemon.path)
        let events = try await client.events(services: ["web"], kinds: [.ready], since: 4)
        #expect(events.subscription.sequence == 4)
        var numbers: [UInt64] = []
        let error = await Self.failure { () async throws(ClientError) in
            for try await notice in events { numbers.append(notice.sequence) }
        }
        #expect(numbers == [5, 6, 7, 9])
        #expect(error == .closed && error?.description == "the daemon has closed the connection")
        #expect(
            daemon.requests.map(\.call) == [.eventsSubscribe(EventParams(services: ["web"], kinds: [.ready], since: 4))]
        )
    }

    @Test func linesComeBesideCallsOfTheSameClient() async throws {
        let followers = Mutex<[Peer]>([])
        let daemon = try FakeDaemon.start { request, peer in
            switch request.call {
            case .logsFollow:
                // Before the answer: what the client asks after it may be served first.
                followers.withLock { $0.append(peer) }
                let last = LogLine(time: Self.time, stream: .stdout, text: "last")
                let services = [ServiceLog(name: "web", lines: [last])]
                peer.reply(LogSubscription(sequence: 7, started: Self.time, services: services), to: request)
            default:
                // A call of the client's has followers told of it, who wait for that meanwhile.
                for peer in followers.withLock({ $0 }) { peer.send(Self.line("next")) }
                peer.reply(Acknowledgement(state: .running), to: request)
            }
        }
        let client = try SupdClient(path: daemon.path)
        let one = try await client.logs(following: ["web"], lines: 1, since: 4)
        #expect(one.subscription.sequence == 7 && one.subscription.started == Self.time)
        let two = try await client.logs(following: ["web"], lines: 1)
        #expect(one.subscription.services.flatMap(\.lines).map(\.text) == ["last"])
        try await withThrowingTaskGroup(of: LineNotice?.self) { group in
            for lines in [one, two] {
                group.addTask {
                    var iterator = lines.makeAsyncIterator()
                    return try await iterator.next()
                }
            }
            try await client.ping()
            for try await notice in group {
                #expect(notice?.content == .line(LogLine(time: Self.time, stream: .stdout, text: "next")))
            }
        }
    }

    @Test func aRefusalIsThrown() async throws {
        let error = ProtocolError(.noSuchService, "no service is named 'wbe'", suggestion: "web")
        let daemon = try FakeDaemon.start { $1.reply(error: error, to: $0) }
        let client = try SupdClient(path: daemon.path)
        #expect(await Self.failure { () async throws(ClientError) in try await client.events() } == .refused(error))
        let nobody = try SupdClient(path: "/nonexistent/control.sock")
        let failure = await Self.failure { () async throws(ClientError) in try await nobody.logs(following: ["*"]) }
        #expect(failure == .noDaemon(path: "/nonexistent/control.sock", ErrorNumber(2)))
    }

    @Test func aCancelledReaderIsToldAndItsConnectionIsClosed() async throws {
        let ended = AsyncStream<Void>.makeStream()
        let daemon = try FakeDaemon.start {
            $1.reply(EventSubscription(sequence: 0, started: Self.time), to: $0)
        } onEnd: {
            ended.continuation.yield()
        }
        let client = try SupdClient(path: daemon.path)
        let begun = AsyncStream<Void>.makeStream()
        let reader = Task { () async -> ClientError? in
            await Self.failure { () async throws(ClientError) in
                let events = try await client.events()
                begun.continuation.yield()
                for try await _ in events {}
            }
        }
        for await _ in begun.stream { break }
        reader.cancel()
        #expect(await reader.value == .cancelled)
        for await _ in ended.stream { break }
    }

    @Test func silenceInPlaceOfAnAnswerCanBeCancelled() async throws {
        // Cancelled where the request comes: a test has its turn in the pool when others let it, which may be later than an answer may be.
        let reader = Signalled<Task<ClientError?, Never>>()
        let daemon = try FakeDaemon.start { _, _ in
            reader.wait()
            reader.value?.cancel()
        }
        let client = try SupdClient(path: daemon.path)
        reader.set(Task { await Self.failure { () async throws(ClientError) in try await client.events() } })
        let error = await reader.value?.value
        #expect(error == .cancelled, "\(String(describing: error))")
    }

    /// A client that read ahead would have all of it by the time that so many calls are answered.
    @Test func whatIsNotAskedForIsNotRead() async throws {
        let (count, text) = (400, String(repeating: "x", count: 100_000))
        let isAllSent = Mutex(false)
        let daemon = try FakeDaemon.start { request, peer in
            guard case .logsFollow = request.call else {
                return peer.reply(Acknowledgement(state: .running), to: request)
            }
            peer.reply(LogSubscription(sequence: 0, started: Self.time), to: request)
            for _ in 0..<count { peer.send(Self.line(text)) }
            isAllSent.withLock { $0 = true }
            peer.send(Self.line("end"))
        }
        let client = try SupdClient(path: daemon.path)
        let lines = try await client.logs(following: ["web"])
        var iterator = lines.makeAsyncIterator()
        _ = try await iterator.next()
        for _ in 0..<500 { try await client.ping() }
        #expect(!isAllSent.withLock { $0 })
        var read = 1
        while case .line(let line)? = try await iterator.next()?.content, line.text != "end" { read += 1 }
        #expect(read == count)
    }
}
