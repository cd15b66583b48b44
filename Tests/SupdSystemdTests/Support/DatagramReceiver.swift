import Glibc

/// A datagram socket that a test binds in the place of journald or of the service manager.
final class DatagramReceiver {
    let path: String
    private let socket: Int32

    struct Failure: Error {
        var call: String
        var error = errno
    }

    /// What came: the datagram, or the contents of the memfd that came with an empty one.
    struct Entry {
        var bytes: [UInt8]
        /// The seals of the memfd; nil where it was a plain datagram.
        var seals: Int32?
        var text: String { String(decoding: bytes, as: UTF8.self) }
    }

    init(path: String) throws {
        self.path = path
        socket = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { throw Failure(call: "socket") }
        unlink(path)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(107)) }
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard bound == 0 else {
            close(socket)
            throw Failure(call: "bind to \(path)")
        }
    }

    deinit {
        close(socket)
        unlink(path)
    }

    /// The next entry, waited for up to `seconds`; nil where none came.
    func next(seconds: Int32 = 10) throws -> Entry? {
        var poller = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        guard poll(&poller, 1, seconds * 1000) > 0 else { return nil }
        var data = [UInt8](repeating: 0, count: 256 * 1024)
        var control = [UInt8](repeating: 0, count: 64)
        let (count, controlCount) = data.withUnsafeMutableBytes { data in
            control.withUnsafeMutableBytes { control in
                var part = iovec(iov_base: data.baseAddress, iov_len: data.count)
                return withUnsafeMutablePointer(to: &part) { part in
                    var message = msghdr()
                    message.msg_iov = part
                    message.msg_iovlen = 1
                    message.msg_control = control.baseAddress
                    message.msg_controllen = control.count
                    return (recvmsg(socket, &message, 0), message.msg_controllen)
                }
            }
        }
        guard count >= 0 else { throw Failure(call: "recvmsg") }
        guard controlCount > 0 else { return Entry(bytes: Array(data[..<count]), seals: nil) }
        // cmsg(3): a header of a size_t and two ints, then the one descriptor.
        let header = MemoryLayout<cmsghdr>.size
        let memory = control.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: header, as: Int32.self) }
        defer { close(memory) }
        var status = stat()
        guard fstat(memory, &status) == 0 else { throw Failure(call: "fstat") }
        var contents = [UInt8](repeating: 0, count: Int(status.st_size))
        guard pread(memory, &contents, contents.count, 0) == contents.count else { throw Failure(call: "pread") }
        return Entry(bytes: contents, seals: fcntl(memory, Self.getSeals))
    }

    /// Sends empty datagrams of its own until its queue takes no more, without waiting.
    func fillQueue() throws {
        let sender = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer { close(sender) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(107)) }
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(sender, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard connected == 0 else { throw Failure(call: "connect to \(path)") }
        var byte: UInt8 = 0
        while send(sender, &byte, 1, Int32(MSG_DONTWAIT)) == 1 {}
    }

    /// fcntl(2): F_LINUX_SPECIFIC_BASE + 10.
    private static let getSeals: Int32 = 1034
}

/// A folder for one test's sockets, removed with what is in it.
final class SocketFolder {
    let path: String

    init() throws {
        var template = Array("/tmp/supd-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw DatagramReceiver.Failure(call: "mkdtemp") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        rmdir(path)
    }
}
