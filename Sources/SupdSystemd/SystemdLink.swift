import CSystemd
import Glibc
public import SupdHost
import SupdPlugin

/// systemd above the daemon: what it is told, the journal it gave, and the sockets it handed over.
public final class SystemdLink: ServiceManagerLink {
    /// Whether there is a service manager to tell (NOTIFY_SOCKET).
    public let hasServiceManager: Bool
    /// Whether standard error is connected to the journal (systemd.exec(5), JOURNAL_STREAM).
    public let hasJournal: Bool

    private let journalSocket: JournalSocket
    private var sockets: [String: Int32] = [:]

    /// Reads what systemd put into the environment. The sockets it handed over are this link's from now on.
    public convenience init() {
        self.init(journalPath: JournalSocket.standardPath)
    }

    init(journalPath: String) {
        hasServiceManager = Self.variable("NOTIFY_SOCKET") != nil
        hasJournal = Self.isJournal(STDERR_FILENO, Self.variable("JOURNAL_STREAM"))
        journalSocket = JournalSocket(path: journalPath)
        takeSockets()
    }

    /// Sends `state` (sd_notify(3)). False where there is nobody, or it could not be sent.
    @discardableResult
    public func notify(_ state: String) -> Bool { hasServiceManager && sd_notify(0, state) > 0 }

    /// Sends one entry to the journal, never waiting.
    public func journal(message: UnsafeRawBufferPointer, fields: [JournalField]) -> WriteResult {
        journalSocket.send(message, fields: fields)
    }

    /// Gives up the socket that was handed over under `name`.
    public func takeSocket(named name: String) -> Int32? { sockets.removeValue(forKey: name) }

    private func takeSockets() {
        var names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
        // LISTEN_PID is checked there, and the descriptors are made close-on-exec; the variables are taken away.
        let count = sd_listen_fds_with_names(1, &names)
        guard count > 0, let names else { return }
        for index in 0..<Int(count) {
            guard let name = names[index] else { continue }
            sockets[String(cString: name)] = SD_LISTEN_FDS_START + Int32(index)
            free(name)
        }
        free(names)
    }

    /// `JOURNAL_STREAM` is the device and inode of what systemd connected: they differ where somebody redirected it.
    static func isJournal(_ descriptor: Int32, _ stream: String?) -> Bool {
        guard let parts = stream?.split(separator: ":", omittingEmptySubsequences: false), parts.count == 2,
            let device = UInt64(parts[0]), let inode = UInt64(parts[1])
        else { return false }
        var status = stat()
        return fstat(descriptor, &status) == 0 && UInt64(status.st_dev) == device && UInt64(status.st_ino) == inode
    }

    private static func variable(_ name: String) -> String? {
        guard let value = getenv(name) else { return nil }
        let text = String(cString: value)
        return text.isEmpty ? nil : text
    }
}
