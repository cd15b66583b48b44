/// A request, whole in memory.
public struct HTTPRequest: Hashable, Sendable, CustomStringConvertible {
    /// `GET`, `POST`.
    public var method: String
    /// Where it goes.
    public var url: HTTPURL
    /// What it says of itself, beside what HTTP wants (Host, Content-Length).
    public var headers: [HTTPHeader]
    /// Its body; empty for none.
    public var body: [UInt8]

    /// A request of these.
    public init(_ method: String, _ url: HTTPURL, headers: [HTTPHeader] = [], body: [UInt8] = []) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }

    /// `POST http://127.0.0.1:8080/drain`.
    public var description: String { "\(method) \(url)" }
}

/// What came back.
public struct HTTPAnswer: Hashable, Sendable, CustomStringConvertible {
    /// The most that is read of a body: an answer is there for its status, and for a line that says why.
    public static let bodyLimit = 4096

    /// 200, 503. Redirections are not followed: 302 is an answer like others.
    public var status: Int
    /// The status in words.
    public var reason: String
    /// The first line of the body that is not blank, at most 200 characters of it; empty where there is none.
    public var text: String

    /// An answer with the first line of `body`.
    public init(status: Int, reason: String, body: [UInt8] = []) {
        self.status = status
        self.reason = reason
        let lines = String(decoding: body, as: UTF8.self).split(whereSeparator: \.isNewline)
        text = lines.first { !$0.allSatisfy(\.isWhitespace) }.map { String($0.prefix(200)) } ?? ""
    }

    /// `503 Service Unavailable: 3 sessions left`.
    public var description: String {
        let line = reason.isEmpty ? "\(status)" : "\(status) \(reason)"
        return text.isEmpty ? line : "\(line): \(text)"
    }
}

/// Why there was no answer, as a sentence.
public struct HTTPCallFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The sentence.
    public let description: String

    /// The failure that says `description`.
    public init(_ description: String) { self.description = description }
}

/// What makes HTTP requests.
public struct HTTPCaller: Sendable {
    /// Sends a request and reads the answer, for at most `timeout` in all. Throws `HTTPCallFailure` where none came, and
    /// `CancellationError` where the calling task is cancelled, promptly.
    public let call: @Sendable (_ request: HTTPRequest, _ timeout: Duration) async throws -> HTTPAnswer

    /// A caller that calls by `call`.
    public init(call: @escaping @Sendable (HTTPRequest, Duration) async throws -> HTTPAnswer) {
        self.call = call
    }

    /// What an option that needs one is refused with where there is none.
    public static let absence =
        "needs HTTP, which this supd is built without; build one that has it: contrib/build --traits HTTP"

    #if !HTTP
        /// The process's own HTTP client: none, without the trait HTTP.
        public static let client: HTTPCaller? = nil
    #endif
}
