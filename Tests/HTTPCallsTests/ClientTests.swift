import FakeServer
import HTTPCalls
import SupdPlugin
import Testing

#if !HTTP
    @Test func thereIsNoClientWithoutTheTrait() {
        #expect(HTTPCaller.client == nil)
    }
#else
    /// The real client and a server.
    @Suite(.timeLimit(.minutes(2)))
    struct ClientTests {
        private let caller: HTTPCaller

        init() throws {
            caller = try #require(HTTPCaller.client)
        }

        private func request(
            _ text: String, _ method: String = "GET", headers: [HTTPHeader] = [], body: String = ""
        ) throws -> HTTPRequest {
            let url = try HTTPURL(PluginOptions(["url": .text(text)]), "url")
            return HTTPRequest(method, url, headers: headers, body: Array(body.utf8))
        }

        /// Long for what answers.
        private let patience: Duration = .seconds(60)
        /// Short for what does not.
        private let instant: Duration = .milliseconds(50)

        private func failure(_ request: HTTPRequest, _ timeout: Duration) async -> String? {
            do {
                _ = try await caller.call(request, timeout)
                return nil
            } catch {
                return (error as? HTTPCallFailure)?.description ?? "\(type(of: error))"
            }
        }

        @Test func aRequestArrivesWithAllThatItSays() async throws {
            let server = try FakeServer.start { _, _ in .status(202, body: "queued\n") }
            let answer = try await caller.call(
                request(
                    server.url("/pool?name=web"), "PUT", headers: [HTTPHeader(name: "X-Key", value: "a b")],
                    body: "état"), patience)
            #expect("\(answer)" == "202 Accepted: queued")
            let seen = try #require(server.requests.first)
            #expect(seen.method == "PUT" && seen.target == "/pool?name=web" && seen.body == "état")
            #expect(seen.headers["x-key"] == "a b" && seen.headers["content-length"] == "5")
            #expect(seen.headers["host"] == "127.0.0.1:\(server.port)")
        }

        @Test func aRedirectionIsAnAnswerLikeOthers() async throws {
            let server = try FakeServer.start { _, _ in .header(302, "Location: /elsewhere") }
            #expect(try await caller.call(request(server.url("/")), patience).status == 302)
            #expect(server.requests.count == 1)
        }

        @Test func ofAnEndlessBodyOnlyTheTimeoutIsWaitedFor() async throws {
            let server = try FakeServer.start { _, _ in .endless }
            #expect(try await failure(request(server.url("/")), instant) == "no answer within 50ms")
        }

        @Test func aLongBodyIsNotReadToItsEnd() async throws {
            let server = try FakeServer.start { _, _ in .status(200, body: String(repeating: "x", count: 1 << 20)) }
            #expect(try await caller.call(request(server.url("/")), patience).text.count == 200)
        }

        @Test func aServerThatIsSilentIsNotWaitedForLonger() async throws {
            let server = try FakeServer.start { _, _ in .silence }
            #expect(try await failure(request(server.url("/")), instant) == "no answer within 50ms")
        }

        @Test func whoRefusesOrHangsUpIsNamedWithTheReason() async throws {
            let server = try FakeServer.start { _, _ in .hangUp }
            let cut = try await failure(request(server.url("/")), patience)
            #expect(cut == "the connection was closed before the answer", "\(cut ?? "")")
            server.shut()
            let refused = try await failure(request(server.url("/")), patience)
            #expect(refused == "ECONNREFUSED (Connection refused)")
        }

        @Test func aNameThatIsNotThereIsSaid() async throws {
            let said = try await failure(request("http://nowhere.invalid/"), patience)
            #expect(said?.hasPrefix("the name 'nowhere.invalid' was not found") == true, "\(said ?? "")")
        }

        @Test func aServerThatSpeaksNoTLSIsAFailure() async throws {
            let server = try FakeServer.start { _, _ in .status(200) }
            let url = "https" + server.url("/").dropFirst("http".count)
            // It is told nothing that it understands, so it waits for more; the client's patience is what ends it.
            #expect(try await failure(request(url), instant) != nil)
            #expect(server.requests.isEmpty)
        }

        @Test func aCancelledTaskHangsUpAtOnce() async throws {
            let (asked, ask) = AsyncStream.makeStream(of: Void.self)
            let (ended, end) = AsyncStream.makeStream(of: Void.self)
            let server = try FakeServer.start {
                _, _ in
                ask.yield()
                return .silence
            } onEnd: {
                end.yield()
            }
            let request = try request(server.url("/"))
            let task = Task { try await caller.call(request, .seconds(3600)) }
            for await _ in asked { break }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            for await _ in ended { break }
        }
    }
#endif
