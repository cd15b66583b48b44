#if HTTP
    import AsyncHTTPClient
    import NIOCore
    import NIOHTTP1
    import NIOPosix
    import SupdPlugin

    extension HTTPCaller {
        /// The process's own HTTP client. It begins with its first request, on a thread of its own, and ends with the
        /// process.
        public static let client: HTTPCaller? = HTTPCaller { request, timeout in
            try await withThrowingTaskGroup(of: HTTPAnswer?.self) { group in
                group.addTask { try await answer(to: request) }
                group.addTask {
                    try await Task.sleep(for: timeout, clock: .suspending)
                    return nil
                }
                // Whoever is left is cancelled, and ends at once.
                defer { group.cancelAll() }
                guard let answer = try await group.next() ?? nil else {
                    throw HTTPCallFailure("no answer within \(timeout.text)")
                }
                return answer
            }
        }

        private static let shared: HTTPClient = {
            // The caller's timeout is the only one.
            var configuration = HTTPClient.Configuration(
                redirectConfiguration: .disallow, timeout: .init(connect: .hours(24)),
                connectionPool: .init(idleTimeout: .seconds(5)))
            // Whether and when a connection is tried again is decided by who calls.
            configuration.connectionPool.retryConnectionEstablishment = false
            configuration.httpVersion = .http1Only
            return HTTPClient(
                eventLoopGroup: MultiThreadedEventLoopGroup(numberOfThreads: 1), configuration: configuration)
        }()

        private static func answer(to request: HTTPRequest) async throws -> HTTPAnswer {
            var call = HTTPClientRequest(url: request.url.text)
            call.method = NIOHTTP1.HTTPMethod(rawValue: request.method)
            for header in request.headers { call.headers.add(name: header.name, value: header.value) }
            if !request.body.isEmpty { call.body = .bytes(ByteBuffer(bytes: request.body)) }
            do {
                let response = try await shared.execute(call, deadline: .distantFuture)
                var body: [UInt8] = []
                for try await piece in response.body {
                    body += piece.readableBytesView.prefix(HTTPAnswer.bodyLimit - body.count)
                    if body.count == HTTPAnswer.bodyLimit { break }
                }
                return HTTPAnswer(
                    status: Int(response.status.code), reason: response.status.reasonPhrase, body: body)
            } catch {
                guard !Task.isCancelled else { throw CancellationError() }
                throw HTTPCallFailure(sentence(of: error))
            }
        }

        private static func sentence(of error: any Error) -> String {
            switch error {
            case let error as NIOConnectionError:
                guard let failure = error.connectionErrors.first else {
                    return "the name '\(error.host)' was not found: \(error)"
                }
                return sentence(of: failure.error)
            case let error as IOError: return "\(ErrorNumber(error.errnoCode))"
            case let error as HTTPClientError where error == .remoteConnectionClosed:
                return "the connection was closed before the answer"
            case let error as HTTPClientError: return error.shortDescription
            default: return "\(error)"
            }
        }
    }
#endif
