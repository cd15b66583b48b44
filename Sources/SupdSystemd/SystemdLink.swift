import CSupd
import CSystemd
import Glibc
package import SupdHost
import SupdPlugin

/// The daemon's side of what systemd offers a service: sd_notify(3), the watchdog, sockets handed over, and the journal.
///
/// The environment is read once, when it is made; nothing is taken out of it, as children get an environment of
/// their own. libsystemd is loaded only where `NOTIFY_SOCKET` says that there is somebody to tell.
package final class SystemdLink: ServiceManagerLink {
    /// What to log where systemd is there and is not understood, or cannot be spoken to; a sentence each.
    package let problems: [String]
    /// Whether standard error is connected to the journal (`JOURNAL_STREAM` in systemd.exec(5)).
    package let hasJournal: Bool
    /// How often the service manager wants to hear `WATCHDOG=1` at least; nil where it does not.
    package let watchdogInterval: Duration?
    /// How many descriptors it keeps for the next start (FileDescriptorStoreMax=).
    package let storedDescriptors: Int

    private let library: Libsystemd?
    private let notifySocket: String?
    private var descriptors: [HandedOverDescriptor]
    private let journalSocket: JournalSocket
    private let streamPath: String

    /// The link of this process; `journalPath` is the journal's socket, `streamPath` that for streams.
    package init(
        journalPath: String = JournalSocket.standardPath, streamPath: String = JournalSocket.standardStreamPath
    ) {
        let said = ManagerEnvironment(pid: getpid(), Self.environment)
        var problems = said.problems
        let notifySocket = Self.environment("NOTIFY_SOCKET")
        var library: Libsystemd?
        if notifySocket != nil {
            do throws(Libsystemd.LoadFailure) {
                library = try Libsystemd()
            } catch {
                problems.append(
                    "systemd started this daemon but cannot be told of it: \(error.reason); install libsystemd0")
            }
        }
        self.library = library
        self.notifySocket = library == nil ? nil : notifySocket
        watchdogInterval = library == nil ? nil : said.watchdog
        storedDescriptors = library == nil ? 0 : said.storedDescriptors
        hasJournal = Self.isStandardErrorTheJournal(Self.environment("JOURNAL_STREAM"))
        descriptors = Self.handedOver(said.names, &problems)
        journalSocket = JournalSocket(path: journalPath)
        self.streamPath = streamPath
        self.problems = problems
    }

    deinit {
        for handedOver in descriptors { close(handedOver.descriptor) }
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

    /// The same with a descriptor, which stays the caller's.
    package func notify(_ state: String, with descriptor: BoundSocket) -> Bool {
        guard let library, let notifySocket, Self.hasRoom(notifySocket) else { return false }
        return withUnsafePointer(to: descriptor.descriptor) { library.notifyWithDescriptors(0, 0, state, $0, 1) > 0 }
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

    /// Whether a descriptor was handed over under `name` (`FileDescriptorName=` in systemd.socket(5)), and not taken yet.
    package func isHandedOver(_ name: String) -> Bool { descriptors.contains { $0.name == name } }

    /// The file of the first socket that was handed over under `name` and not taken yet; nil where there is none, or it has no file.
    package func path(ofSocketNamed name: String) -> String? {
        descriptors.first { $0.name == name }.flatMap { ControlSocketPath.path(of: $0.descriptor) }
    }

    /// Gives up the first descriptor that was handed over under `name`.
    package func takeDescriptor(named name: String) -> Int32? {
        guard let index = descriptors.firstIndex(where: { $0.name == name }) else { return nil }
        return descriptors.remove(at: index).descriptor
    }

    /// Gives up all that were handed over and not taken yet.
    package func takeDescriptors() -> [HandedOverDescriptor] {
        defer { descriptors = [] }
        return descriptors
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

    /// No child may have them but under a name of its own.
    private static func handedOver(_ names: [String], _ problems: inout [String]) -> [HandedOverDescriptor] {
        names.enumerated().compactMap { index, name in
            let descriptor = ManagerEnvironment.firstDescriptor + Int32(index)
            guard fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 else {
                problems.append(
                    "descriptor \(descriptor), which LISTEN_FDS says is handed over as '\(name)', is not open")
                return nil
            }
            return HandedOverDescriptor(name: name, descriptor: descriptor)
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
