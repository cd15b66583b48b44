import CSupd
import CSystemd
import Glibc
package import SupdHost
import SupdPlugin

/// The daemon's side of what systemd offers a service: sd_notify(3), sockets handed over, and the journal.
///
/// The environment is read once, when it is made; nothing is taken out of it, as children get an environment of
/// their own. libsystemd is loaded only where `NOTIFY_SOCKET` or `LISTEN_FDS` says that there is somebody to speak to.
package final class SystemdLink: ServiceManagerLink {
    /// The sentence to log where systemd is there and cannot be spoken to, else nil.
    package let problem: String?
    /// Whether standard error is connected to the journal (`JOURNAL_STREAM` in systemd.exec(5)).
    package let hasJournal: Bool

    private let library: Libsystemd?
    private let notifySocket: String?
    private var sockets: [HandedOverSocket]
    private let journalSocket: JournalSocket
    private let streamPath: String

    private struct HandedOverSocket {
        var name: String
        var descriptor: Int32
    }

    /// The link of this process; `journalPath` is the journal's socket, `streamPath` that for streams.
    package init(
        journalPath: String = JournalSocket.standardPath, streamPath: String = JournalSocket.standardStreamPath
    ) {
        let notifySocket = Self.environment("NOTIFY_SOCKET")
        var library: Libsystemd?
        var problem: String?
        if notifySocket != nil || Self.environment("LISTEN_FDS") != nil {
            do throws(Libsystemd.LoadFailure) {
                library = try Libsystemd()
            } catch {
                problem = """
                    systemd started this daemon but cannot be told of it, and its sockets are not taken: \
                    \(error.reason); install libsystemd0
                    """
            }
        }
        self.library = library
        self.problem = problem
        self.notifySocket = library == nil ? nil : notifySocket
        hasJournal = Self.isStandardErrorTheJournal(Self.environment("JOURNAL_STREAM"))
        sockets = library.map(Self.handedOverSockets) ?? []
        journalSocket = JournalSocket(path: journalPath)
        self.streamPath = streamPath
    }

    deinit {
        for socket in sockets { close(socket.descriptor) }
    }

    /// Whether there is a service manager to tell (`NOTIFY_SOCKET`), and libsystemd to tell it with.
    package var hasServiceManager: Bool { notifySocket != nil }

    /// Sends `state` (sd_notify(3)) to the service manager. False where there is none, where it could not be sent, and
    /// where the manager is so far behind that sending would have to wait.
    @discardableResult
    package func notify(_ state: String) -> Bool {
        guard let library, let notifySocket, Self.hasRoom(notifySocket) else { return false }
        return library.notify(0, state) > 0
    }

    /// Sends one entry to the journal, never waiting: see `JournalSocket.send`.
    package func journal(message: UnsafeRawBufferPointer, fields: [JournalField]) -> WriteResult {
        journalSocket.send(message: message, fields: fields)
    }

    /// How many of the entries that were sent a journal that went since may not have read, at most.
    package func takeUnreadEntries() -> Int { journalSocket.takeUnreadEntries() }

    /// A stream to the journal for a child: its header is that of sd_journal_stream_fd(3), of the level 6 where a line has none.
    package func journalStream(identifier: String, hasLevels: Bool) -> Int32? {
        // Identifier, unit, level, whether lines begin with levels; and nothing is forwarded to syslog, kernel log and console.
        let header = Array("\(identifier)\n\n6\n\(hasLevels ? 1 : 0)\n0\n0\n0\n".utf8)
        let stream = header.withUnsafeBytes { supd_journal_stream(streamPath, $0.baseAddress, $0.count) }
        return stream < 0 ? nil : stream
    }

    /// Gives up the socket that was handed over under `name` (`FileDescriptorName=` in systemd.socket(5)).
    package func takeSocket(named name: String) -> Int32? {
        guard let index = sockets.firstIndex(where: { $0.name == name }) else { return nil }
        return sockets.remove(at: index).descriptor
    }

    /// Asks the service manager of the daemon's user; nil where it has none.
    package func delegates(unit: String) -> Bool? { UserManager.delegates(unit: unit) }

    /// libsystemd sends on a blocking socket. One of our own, connected to the same address, tells beforehand whether that
    /// would wait: a datagram socket is writable where its peer's queue has room. Addresses that are not of AF_UNIX
    /// (`vsock:`) have no such queue.
    private static func hasRoom(_ address: String) -> Bool {
        guard address.hasPrefix("/") || address.hasPrefix("@") else { return true }
        let socket = supd_datagram_connect(address, 0)
        guard socket >= 0 else { return false }
        defer { close(socket) }
        return supd_poll_writable(socket) > 0
    }

    /// libsystemd has checked `LISTEN_PID` and set close-on-exec.
    private static func handedOverSockets(_ library: Libsystemd) -> [HandedOverSocket] {
        var names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
        let count = library.listenFDsWithNames(0, &names)
        guard count > 0, let names else { return [] }
        defer { free(names) }
        return (0..<Int(count)).map { index in
            let name = names[index].map { String(cString: $0) } ?? ""
            free(names[index])
            return HandedOverSocket(name: name, descriptor: SD_LISTEN_FDS_START + Int32(index))
        }
    }

    /// `JOURNAL_STREAM` is inherited by whatever is started with another standard error: it holds only where device and inode
    /// are those of descriptor 2.
    private static func isStandardErrorTheJournal(_ stream: String?) -> Bool {
        guard let stream else { return false }
        let numbers = stream.split(separator: ":", omittingEmptySubsequences: false)
        guard numbers.count == 2, let device = UInt64(numbers[0]), let inode = UInt64(numbers[1]) else { return false }
        var status = stat()
        guard fstat(STDERR_FILENO, &status) == 0 else { return false }
        return UInt64(status.st_dev) == device && UInt64(status.st_ino) == inode
    }

    private static func environment(_ name: String) -> String? {
        guard let value = getenv(name), value[0] != 0 else { return nil }
        return String(cString: value)
    }
}
