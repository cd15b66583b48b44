import Glibc
import SupdSystemd
import Testing

/// The streams that children write to by themselves.
@Suite struct JournalStreamTests {
    let folder: SocketFolder
    let path: String

    init() throws {
        folder = try SocketFolder()
        path = folder.path + "/stdout"
    }

    @Test(arguments: [true, false])
    func aStreamBeginsWithItsHeaderAndIsForWritingAlone(hasLevels: Bool) throws {
        let listener = try StreamListener(path: path)
        let stream = try #require(
            SystemdLink(streamPath: path).journalStream(identifier: "web@2", hasLevels: hasLevels))
        defer { close(stream) }
        #expect(fcntl(stream, F_GETFD) == FD_CLOEXEC)
        #expect(fcntl(stream, F_GETFL) & O_NONBLOCK == 0)
        var byte: UInt8 = 0
        #expect(read(stream, &byte, 1) == 0)
        #expect(write(stream, "said\n", 5) == 5)
        let header = "web@2\n\n6\n\(hasLevels ? 1 : 0)\n0\n0\n0\n"
        #expect(try listener.text(of: header.utf8.count + 5) == header + "said\n")
    }

    @Test func whereNobodyListensThereIsNone() throws {
        let link = SystemdLink(streamPath: path)
        #expect(link.journalStream(identifier: "web", hasLevels: true) == nil)
        // One who listens and has no room for another is not waited for.
        let listener = try StreamListener(path: path, backlog: 0)
        var streams: [Int32] = []
        defer { for stream in streams { close(stream) } }
        while streams.count < 64, let stream = link.journalStream(identifier: "web", hasLevels: true) {
            streams.append(stream)
        }
        #expect(!streams.isEmpty && streams.count < 64)
        withExtendedLifetime(listener) {}
    }
}

/// A stream socket that a test binds in the place of journald's.
private final class StreamListener {
    private let path: String
    private let socket: Int32

    init(path: String, backlog: Int32 = 8) throws {
        self.path = path
        socket = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(107)) }
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard bound == 0, listen(socket, backlog) == 0 else { throw DatagramReceiver.Failure(call: "bind to \(path)") }
    }

    deinit {
        close(socket)
        unlink(path)
    }

    /// So many bytes of the next connection.
    func text(of count: Int) throws -> String {
        let connection = accept(socket, nil, nil)
        guard connection >= 0 else { throw DatagramReceiver.Failure(call: "accept") }
        defer { close(connection) }
        var bytes = [UInt8](repeating: 0, count: count)
        guard recv(connection, &bytes, count, Int32(MSG_WAITALL)) == count else {
            throw DatagramReceiver.Failure(call: "recv")
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
