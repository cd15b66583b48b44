import SupdProtocol
import Testing

/// A client that goes over limits of the control socket: what it does, and what it gets for it.
struct HostileClient: Sendable, CustomTestStringConvertible {
    /// What it does it to.
    struct Target: Sendable {
        /// The configuration, by the folder that the daemon has.
        var configuration: @Sendable (TemporaryFolder) -> String = { _ in TOML.child("web", ["wait"]) }
        var program = Programs.supd
        /// Whom the daemon runs as, where that is not who runs the tests.
        var user: UInt32?
        /// Whether it takes root to be many.
        var needsRoot = false
        /// Whether the daemon is at its end afterwards.
        var isEnded = false

        static let usual = Target()

        /// The usual one with another configuration.
        static func configured(_ text: String) -> Target { Target(configuration: { _ in text }) }
    }

    /// The limits, each as docs/protocol.md names it.
    let limits: [String]
    let testDescription: String
    let target: Target
    /// Does it, and looks what comes of it.
    let attack: @Sendable (Daemon) async throws -> Void

    init(
        _ description: String, over limits: String..., target: Target = .usual,
        attack: @escaping @Sendable (Daemon) async throws -> Void
    ) {
        testDescription = description
        self.limits = limits
        self.target = target
        self.attack = attack
    }

    static let all = refused + ofRequests + ofConnections + ofMemory + ofFollowers

    /// A request of one line.
    static func request(_ method: String, _ params: String = "{}", id: String = "1") -> String {
        #"{"jsonrpc":"2.0","id":\#(id),"method":"\#(method)","params":\#(params)}"# + "\n"
    }

    /// The same that nobody waits for.
    static func notification(_ method: String, _ params: String) -> String {
        #"{"jsonrpc":"2.0","method":"\#(method)","params":\#(params)}"# + "\n"
    }

    /// Asks the same again and again, as fast as it is taken.
    static func insist(
        _ connection: Connection, _ request: String, times: Int, on fits: (JSONValue) -> Bool
    ) async throws {
        async let sending: Void = connection.send(String(repeating: request, count: times))
        for _ in 0..<times {
            let reply = try await connection.reply()
            guard fits(reply) else { throw Failure("\(request.prefix(200)): \(reply.text.prefix(500))") }
        }
        try await sending
    }

    /// As another user, as often as that.
    static func strangers(_ count: Int, of uid: UInt32, _ daemon: Daemon) throws -> [Connection] {
        try (0..<count).map { _ in try Connection(to: daemon.socket, uid: uid, gid: uid) }
    }
}
