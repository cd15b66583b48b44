internal import CSupd
internal import Glibc
internal import SupdPlugin

/// The control socket of this daemon, whoever made it, and the lock beside it, which is held until the daemon ends.
///
/// What was removed is put back: without its socket nobody reaches the daemon, and without its lock another one would start beside it.
struct ControlSocketClaim {
    let path: String
    /// The socket's file, where this daemon made it, which is removed at the end. The lock's stays: who removes a file that others lock makes
    /// two locks of one.
    private(set) var file: SocketFile?
    /// Nil where the lock beside a socket that was handed over could not be had.
    private(set) var lock: ControlSocketLock?
    /// The listening socket.
    private(set) var listener: Int32
    /// Why there is no lock.
    private var lockFailure: String?

    private static let backlog: Int32 = 128

    /// Checks `path`, takes the lock, removes a stale socket and binds.
    init(path: String) throws(SocketClaimFailure) {
        self.path = path
        try ControlSocketPath.checkLength(path)
        try ControlSocketPath.prepareFolder(of: path)
        let lock = try ControlSocketLock(beside: path)
        do throws(SocketClaimFailure) {
            try Self.removeStale(path, questions: Self.questions)
            listener = try Self.bind(path)
        } catch {
            lock.giveUp()
            throw error
        }
        self.lock = lock
        file = SocketFile(path)
    }

    /// Takes the lock beside a socket that a service manager made and handed over, and beside `path` where that one has no file. A
    /// folder that the daemon may not write to is no reason to serve nobody; another daemon is.
    init(handedOver listener: Int32, path configured: String) throws(SocketClaimFailure) {
        self.listener = listener
        path = ControlSocketPath.path(of: listener) ?? configured
        let folder = ControlSocketPath.folder(of: path)
        guard access(folder, F_OK) == 0 else {
            lockFailure = "there is no '\(folder)'"
            return
        }
        try ControlSocketPath.prepareFolder(of: path)
        do throws(SocketClaimFailure) {
            // Who listens there is this one.
            lock = try ControlSocketLock(beside: path, asksWhoListens: false)
        } catch {
            if case .inUse = error { throw error }
            guard access(folder, W_OK) != 0 else { throw error }
            lockFailure = error.sentence(path)
        }
    }

    /// What the note beside the socket says.
    var record: DaemonRecord? { lock?.record }

    /// What it said before; nil where there was nothing to look for.
    var unclean: DaemonRecord? { lock?.unclean }

    /// Where it is noted who leads the trees of a daemon without control groups; nil without a lock.
    var leadersPath: String? { lock?.leadersPath }

    /// Says that the daemon leaves nothing behind.
    func noteCleanEnd() { lock?.noteCleanEnd() }

    /// Lets the lock go.
    func giveUp() { lock?.giveUp() }

    /// Notes where the daemon's control groups are. False where that could not be written.
    mutating func note(groups: String) -> Bool {
        lock?.note(groups: groups)
        return isNoted
    }

    /// Whether the note could be written, where there is a lock to write it into.
    var isNoted: Bool { lock?.noteFailure == nil }

    // MARK: Keeping it

    /// The files to keep an eye on.
    var files: [String] { [path, path + ".lock"] }

    /// Puts back what is not as it should be.
    mutating func mend() -> ControlSocketState {
        var state = ControlSocketState()
        do throws(SocketClaimFailure) {
            try mendLock(&state)
            try mendSocket(&state)
        } catch {
            state.troubles.append(.init(error.sentence(path), isGrave: true))
        }
        if let lockFailure {
            state.troubles.append(
                .init(
                    "there is no lock beside the control socket \(path), so another supd may start beside this one: "
                        + lockFailure, isGrave: true, isLasting: true))
        }
        if let failure = lock?.noteFailure, let lock {
            let consequence =
                lock.isNotedInLink
                ? "it is kept as \(lock.path).note meanwhile"
                : "if this supd is killed, the next one does not find its processes, and starts a second copy of each"
            state.troubles.append(
                .init(
                    "the note for the next supd could not be written into \(lock.path): \(failure); \(consequence)",
                    isGrave: !lock.isNotedInLink))
        }
        return state
    }

    private mutating func mendLock(_ state: inout ControlSocketState) throws(SocketClaimFailure) {
        guard lock != nil else { return }
        if lock?.isInPlace == false {
            try ControlSocketPath.prepareFolder(of: path)
            try lock?.putBack()
            state.restored.append(path + ".lock")
        } else if lock?.noteFailure != nil {
            lock?.writeNote()
        } else if lock?.isNoteInPlace == false {
            // Whoever takes over where this daemon is killed would find nothing to look for, and start a second copy of everything.
            lock?.writeNote()
            state.rewritten.append(path + ".lock")
        }
    }

    private mutating func mendSocket(_ state: inout ControlSocketState) throws(SocketClaimFailure) {
        guard let file else {
            var status = stat()
            guard ControlSocketPath.path(of: listener) != nil, lstat(path, &status) != 0, errno == ENOENT else {
                return
            }
            // Whoever made it listens on what nobody can reach any more.
            return state.troubles.append(
                .init(
                    "the control socket \(path) was removed, and is its service manager's to make: restart its socket unit",
                    isGrave: true, isLasting: true))
        }
        guard !file.isInPlace else { return }
        try ControlSocketPath.prepareFolder(of: path)
        try Self.removeStale(path, questions: 1)
        listener = try Self.bind(path)
        self.file = SocketFile(path)
        state.restored.append(path)
        state.hasNewListener = true
    }

    // MARK: The socket's file

    private static func bind(_ path: String) throws(SocketClaimFailure) -> Int32 {
        let listener = supd_listen_unix(path, backlog)
        guard listener >= 0 else { throw ControlSocketPath.failure(of: "bind of \(path)", -listener) }
        return listener
    }

    /// So often is a socket asked whether anybody listens, so many microseconds apart: one whose daemon is on its way out has lost
    /// its lock already, and not its listener.
    private static let questions = 20
    private static let questionPause: UInt32 = 10_000

    private static func removeStale(_ path: String, questions: Int) throws(SocketClaimFailure) {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            if errno == ENOENT { return }
            throw ControlSocketPath.failure(of: "lstat of \(path)", errno)
        }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw .refused("'\(path)' is not a socket, and is not removed to make place for the control socket")
        }
        // The lock is held; but its file may have been removed, and another daemon hold what was the lock before.
        var pid: Int32 = 0
        for question in 0..<questions {
            guard supd_asks_unix(path, &pid) > 0 else { break }
            if question == questions - 1 { throw .inUse(pid: pid > 0 ? pid : nil) }
            usleep(questionPause)
        }
        guard unlink(path) == 0 || errno == ENOENT else {
            throw ControlSocketPath.failure(of: "unlink of \(path)", errno)
        }
    }
}
