import CAcceptance
import Glibc
import ProtocolSchema
import Synchronization
import TestThreads

/// A control socket before a daemon's own, for clients that are used as they are: it passes on what both sides say, and holds every line of either
/// to the protocol's schema.
final class SchemaProxy: Sendable {
    /// What was said on all connections. Their threads have it, and may outlive the proxy by a moment.
    private final class Hearing: Sendable {
        private let all = Mutex<(methods: Set<String>, problems: [String])>(([], []))

        var methods: Set<String> { all.withLock { $0.methods } }
        var problems: [String] { all.withLock { $0.problems } }

        func note(_ problems: [String], _ line: ArraySlice<UInt8>) {
            guard !problems.isEmpty else { return }
            all.withLock { $0.problems.append("\(String(decoding: line, as: UTF8.self)): \(problems)") }
        }

        /// A request of the client's, which is to be right whatever the daemon says to it.
        func note(request line: ArraySlice<UInt8>) {
            do {
                let text = String(decoding: line, as: UTF8.self)
                note(try ProtocolSchema.current().problems(ofText: text, as: "request"), line)
                guard let method = try JSONValue(parsing: text).method.string else { return }
                all.withLock { _ = $0.methods.insert(method) }
            } catch {
                note(["\(error)"], line)
            }
        }
    }

    let path: String
    private let listener: Descriptor
    private let hearing = Hearing()

    /// The methods that were asked for.
    var methods: Set<String> { hearing.methods }
    /// What was said that is against the schema.
    var problems: [String] { hearing.problems }

    /// Listens at `path`, for the daemon at `daemon`.
    init(at path: String, before daemon: String) throws {
        self.path = path
        listener = try Descriptor(answer: acceptance_listen(path), of: "listening at \(path)")
        let (listener, hearing) = (listener, hearing)
        try startThread {
            var polled = pollfd(fd: listener.number, events: Int16(POLLIN), revents: 0)
            while poll(&polled, 1, -1) > 0 {
                // It was shut down, or the test's descriptors are used up.
                guard let client = try? Descriptor(answer: acceptance_accept(listener.number), of: "") else { return }
                try? startThread { Self.serve(client, daemon, hearing) }
            }
        }
    }

    deinit {
        shutdown(listener.number, Int32(SHUT_RDWR))
    }

    /// One connection, to its end.
    private static func serve(_ client: Descriptor, _ path: String, _ hearing: Hearing) {
        guard let daemon = try? Descriptor(answer: acceptance_connect(path), of: "connecting") else { return }
        var conversation = Conversation()
        var (asked, said): ([UInt8], [UInt8]) = ([], [])
        var polled = [client, daemon].map { pollfd(fd: $0.number, events: Int16(POLLIN), revents: 0) }
        while poll(&polled, 2, -1) >= 0 {
            if polled[0].revents != 0 {
                switch try? client.readChunk() {
                case .bytes(let bytes)?:
                    conversation.send(bytes)
                    for line in lines(of: bytes, behind: &asked) { hearing.note(request: line) }
                    guard pass(bytes, to: daemon) else { return }
                case .nothingNow?: break
                case .end?, nil:
                    shutdown(daemon.number, Int32(SHUT_WR))
                    polled[0].fd = -1
                }
            }
            guard polled[1].revents != 0 else { continue }
            switch try? daemon.readChunk() {
            case .bytes(let bytes)?:
                for line in lines(of: bytes, behind: &said) { hearing.note(conversation.problems(ofLine: line), line) }
                guard pass(bytes, to: client) else { return }
            case .nothingNow?: break
            case .end?, nil: return
            }
        }
    }

    /// The whole lines that there are with these bytes; what is left is put into `rest`.
    private static func lines(of bytes: [UInt8], behind rest: inout [UInt8]) -> [ArraySlice<UInt8>] {
        let all = (rest + bytes).split(separator: 0x0A, omittingEmptySubsequences: false)
        rest = Array(all.last ?? [])
        return Array(all.dropLast())
    }

    /// Whether the other end has taken them all.
    private static func pass(_ bytes: [UInt8], to other: Descriptor) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            do {
                rest = rest.dropFirst(try other.writeSome(rest) ?? 0)
            } catch {
                return false
            }
            var polled = pollfd(fd: other.number, events: Int16(POLLOUT), revents: 0)
            if !rest.isEmpty { poll(&polled, 1, -1) }
        }
        return true
    }
}
