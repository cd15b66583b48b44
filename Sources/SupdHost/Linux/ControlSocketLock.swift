internal import CSupd
internal import Glibc
internal import SupdPlugin

/// The lock beside a control socket, which its daemon holds for life, and the note in it, which tells the next daemon what this one
/// leaves behind where it does not end cleanly.
struct ControlSocketLock {
    /// Its file.
    let path: String
    private(set) var descriptor: Int32
    /// What the note says.
    private(set) var record: DaemonRecord
    /// What it said before; nil where the daemon before ended cleanly, or there was none.
    let unclean: DaemonRecord?
    /// Why the note could not be written; nil where it is.
    private(set) var noteFailure: ErrorNumber?
    /// The note is kept as a link's target instead, which takes no block of the file system.
    private(set) var isNotedInLink = false

    /// Takes the lock beside `socket`, and writes the note, or says in `noteFailure` why that was not possible.
    init(beside socket: String, asksWhoListens: Bool = true) throws(SocketClaimFailure) {
        path = socket + ".lock"
        descriptor = try Self.take(path, attempts: Self.attempts, asksWhoListens: asksWhoListens)
        // One that left processes behind is taken up where it ended: its token is what they carry.
        unclean = DaemonRecord(reading: descriptor) ?? Self.linkedRecord(path)
        record = DaemonRecord(pid: getpid(), token: unclean?.token ?? DaemonRecord.newToken(), groups: unclean?.groups)
        writeNote()
    }

    /// Notes where the daemon's control groups are, for the one after it.
    mutating func note(groups: String) {
        guard record.groups != groups else { return }
        record.groups = groups
        writeNote()
    }

    /// Writes the note. Where there is no room for it, a link whose target says the same takes its place: on most file systems that
    /// is kept with the file's own data.
    mutating func writeNote() {
        noteFailure = record.write(to: descriptor)
        guard noteFailure != nil else {
            if unlink(link) == 0 || errno == ENOENT { isNotedInLink = false }
            return
        }
        if isNotedInLink, Self.linkedRecord(path) == record { return }
        unlink(link)
        // One that needs no block has fewer than 60 bytes, and the folder of groups can be found without the note.
        var short = record
        short.groups = nil
        isNotedInLink = symlink(record.text, link) == 0 || symlink(short.text, link) == 0
    }

    /// Where it is noted who leads the trees (`LeadersNote`).
    var leadersPath: String { path + ".leaders" }

    private var link: String { path + ".note" }

    private static func linkedRecord(_ path: String) -> DaemonRecord? {
        let link = path + ".note"
        var status = stat()
        guard lstat(link, &status) == 0, status.isLink, status.st_uid == 0 || status.st_uid == geteuid() else {
            return nil
        }
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4096) { buffer in
            guard let base = buffer.baseAddress, case let count = readlink(link, base, buffer.count), count > 0 else {
                return nil
            }
            return DaemonRecord(
                parsing: String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self))
        }
    }

    /// Says that the daemon leaves nothing behind: the next one has nothing to look for.
    func noteCleanEnd() {
        unlink(link)
        unlink(leadersPath)
        ftruncate(descriptor, 0)
    }

    /// Lets the lock go.
    func giveUp() { closeDescriptor(descriptor) }

    /// Whether the lock is what its path names.
    var isInPlace: Bool {
        var held = stat()
        var named = stat()
        return fstat(descriptor, &held) == 0 && lstat(path, &named) == 0 && held.isSameFile(as: named)
    }

    /// Whether the note says what was written, as far as that could be.
    var isNoteInPlace: Bool { noteFailure != nil || DaemonRecord(reading: descriptor) == record }

    /// Takes the lock again where somebody has removed its file. Throws `.inUse` where another daemon has taken it meanwhile.
    mutating func putBack() throws(SocketClaimFailure) {
        let new = try Self.take(path, attempts: 1, asksWhoListens: false)
        closeDescriptor(descriptor)
        descriptor = new
        writeNote()
    }

    // MARK: Taking it

    /// So often is a lock asked for whose note names a process that has ended, so many microseconds apart: children of a daemon that was
    /// killed hold what it had until they have come to their programs.
    private static let attempts = 100
    private static let pause: UInt32 = 10_000
    /// So often where it names one that is there and listens. Where that does not, it is on its way out, and holds it until then.
    private static let attemptsBesideOne = 20
    private static let attemptsBesideOneThatLeaves = 300

    private static func take(
        _ lockPath: String, attempts: Int, asksWhoListens: Bool
    ) throws(SocketClaimFailure) -> Int32 {
        let lock = supd_open(lockPath, O_RDWR | O_CREAT | O_NOFOLLOW, 0o600)
        guard lock >= 0 else {
            switch -lock {
            case ELOOP: throw .refused("the control socket's lock '\(lockPath)' is a symbolic link: remove it")
            case EISDIR: throw .refused("the control socket's lock '\(lockPath)' is a folder: remove it")
            case ENXIO: throw .refused("the control socket's lock '\(lockPath)' is a socket or a device: remove it")
            default: throw ControlSocketPath.failure(of: "open of \(lockPath)", -lock)
            }
        }
        do throws(SocketClaimFailure) {
            try check(lock, lockPath)
            try lockExclusively(lock, lockPath, attempts: attempts, asksWhoListens: asksWhoListens)
        } catch {
            closeDescriptor(lock)
            throw error
        }
        return lock
    }

    private static func check(_ lock: Int32, _ lockPath: String) throws(SocketClaimFailure) {
        var status = stat()
        guard fstat(lock, &status) == 0 else { throw .failed(call: "fstat of \(lockPath)", ErrorNumber(errno)) }
        guard status.isRegular else {
            let kind = status.st_mode & S_IFMT == S_IFIFO ? "FIFO" : "device"
            throw .refused("the control socket's lock '\(lockPath)' is a \(kind): remove it")
        }
        guard status.st_uid == 0 || status.st_uid == geteuid() else {
            throw .refused(
                "the control socket's lock '\(lockPath)' belongs to uid \(status.st_uid), and must be root's or of uid \(geteuid()): "
                    + "remove it")
        }
    }

    private static func lockExclusively(
        _ lock: Int32, _ lockPath: String, attempts: Int, asksWhoListens: Bool
    ) throws(SocketClaimFailure) {
        for attempt in 1... {
            let error = supd_lock_exclusively(lock)
            if error == 0 { return }
            guard error == -EWOULDBLOCK else { throw .failed(call: "flock of \(lockPath)", ErrorNumber(-error)) }
            // Read each time: the note may be of the daemon before whoever has taken the lock just now.
            let noted = LinuxHost.readNumber(lock)
            let isThere = noted.map { !hasEnded($0) } ?? true
            let asks = asksWhoListens && isThere && attempt % attemptsBesideOne == 0
            let isServed = asks && isServed(lockPath)
            if isServed || attempt >= (isThere && attempts > 1 ? attemptsBesideOneThatLeaves : attempts) {
                throw .inUse(pid: isThere ? noted : nil)
            }
            usleep(pause)
        }
    }

    /// Whether anybody listens on the socket of a lock.
    private static func isServed(_ lockPath: String) -> Bool {
        var pid: Int32 = 0
        return supd_asks_unix(String(lockPath.dropLast(".lock".count)), &pid) > 0
    }

    /// Whether there is no process of that number, or one that waits to be reaped.
    private static func hasEnded(_ pid: Int32) -> Bool {
        let pidfd = supd_pidfd_open(pid)
        // Of a thread's number: the process that had it has ended.
        guard pidfd >= 0 else { return [-ESRCH, -EINVAL, -ENOENT].contains(pidfd) }
        defer { closeDescriptor(pidfd) }
        var entry = pollfd(fd: pidfd, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, 0) > 0
    }
}
