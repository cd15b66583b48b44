internal import CSupd
internal import Glibc
internal import SupdPlugin

/// What the memory of a process says of it: its arguments and its environment (proc(5): cmdline, environ).
struct ProcessSighting: Hashable, Sendable {
    var mark: MarkSighting
    /// The value of its `SUPD_INVOCATION`, where it has one.
    var invocation: String?
    /// Its arguments, joined by blanks; nil where it shows none.
    var command: String?
}

/// What a look at a process's environment tells of the mark.
enum MarkSighting: Hashable, Sendable {
    case mark(TreeMark)
    /// It has none, or the daemon may not look.
    case unmarked
    /// There is nothing to see at the moment: the process has given its memory up on its way out and is not a zombie yet, or it is in
    /// the middle of execve(2), or the look at it has not come back. Also an environment whose beginning has no mark, and that is
    /// longer than what is looked at.
    case hidden
    /// The look could not be made: there was no descriptor for it, or no memory.
    case failed
}

/// Reads both from any thread but the loop's. The kernel takes the lock of the process's memory for it, which whoever shares that
/// memory can hold for ever (a page fault that hangs in a file system); and an environment can be made to look as long as the
/// address space (prctl(2), PR_SET_MM_MAP). So every read has a limit, and nobody waits for it without one (`ProcessLooks`).
enum ProcessMemory {
    /// So much of an environment is looked at. The daemon puts its mark first into that of its children.
    static let environmentLimit = 128 * 1024
    /// So much of a command is shown.
    static let commandLimit = 4096

    /// Nil where the number is not that process's, or not any more.
    static func look(at process: ProcessIdentity) -> ProcessSighting? {
        let command = read("/proc/\(process.pid)/cmdline", limit: commandLimit)
        let environment = readEnvironment(of: process.pid)
        guard isThere(process) else { return nil }
        var sighting = ProcessSighting(mark: .unmarked, command: shown(command.bytes))
        if let search = environment.search, let found = search.found {
            sighting.mark = .mark(found)
            sighting.invocation = String(decoding: search.value, as: UTF8.self)
        } else if environment.isCut {
            sighting.mark = .hidden
        } else if environment.search == nil, command.bytes.isEmpty {
            // One that runs has arguments at least, however empty its environment, and everybody may read them. That the
            // environment may not be read says nothing: without memory it counts as root's.
            sighting.mark = environment.hasFailed || command.hasFailed ? .failed : .hidden
        } else if environment.hasFailed {
            sighting.mark = .failed
        }
        return sighting
    }

    private struct Piece {
        var bytes: [UInt8] = []
        var hasFailed = false
    }

    private struct Environment {
        /// Nil where there was nothing to see.
        var search: MarkSearch?
        var isCut = false
        var hasFailed = false
    }

    /// Whether an error says that there was nothing to look with, and not that there is nothing to see. EIO: of memory that is just taken away.
    private static func isWant(_ error: Int32) -> Bool { ErrorNumber(error).isWant || error == EIO }

    private static func readEnvironment(of pid: Int32) -> Environment {
        var environment = Environment()
        var file = supd_open_briefly("/proc/\(pid)/environ", O_RDONLY)
        // One of another user may be looked at by that user, which root without CAP_SYS_PTRACE is for as long as it takes
        // (ptrace(2), setfsuid(2)).
        if file == -EACCES || file == -EPERM { file = supd_open_as_owner("/proc/\(pid)", "environ") }
        guard file >= 0 else {
            environment.hasFailed = isWant(-file)
            return environment
        }
        defer { supd_close_briefly(file) }
        var total = 0
        withUnsafeTemporaryAllocation(byteCount: 16 * 1024, alignment: 1) { buffer in
            while environment.search?.found == nil {
                guard total < environmentLimit else {
                    environment.isCut = true
                    return
                }
                let count = Glibc.read(file, buffer.baseAddress, buffer.count)
                guard count > 0 else {
                    environment.hasFailed = count < 0 && isWant(errno)
                    return
                }
                total += count
                environment.search = environment.search ?? MarkSearch()
                environment.search?.add(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            }
        }
        return environment
    }

    private static func read(_ path: String, limit: Int) -> Piece {
        let file = supd_open_briefly(path, O_RDONLY)
        guard file >= 0 else { return Piece(hasFailed: isWant(-file)) }
        defer { supd_close_briefly(file) }
        return withUnsafeTemporaryAllocation(byteCount: limit, alignment: 1) { buffer in
            let count = Glibc.read(file, buffer.baseAddress, buffer.count)
            guard count >= 0 else { return Piece(hasFailed: isWant(errno)) }
            return Piece(bytes: Array(buffer[..<count]))
        }
    }

    /// Whether the number is still that process's: numbers are used again, and what was read may be another's.
    private static func isThere(_ process: ProcessIdentity) -> Bool {
        let stat = read("/proc/\(process.pid)/stat", limit: 1024)
        // Nobody else can have got the number without anything to look with.
        if stat.hasFailed { return true }
        return stat.bytes.withUnsafeBytes { ProcStat(parsing: $0) }?.startTime == process.startTime
    }

    private static func shown(_ command: [UInt8]) -> String? {
        var arguments = command[...]
        while arguments.last == 0 { arguments.removeLast() }
        guard !arguments.isEmpty else { return nil }
        return ProcFiles.shown(arguments.map { $0 == 0 ? UInt8(ascii: " ") : $0 })
    }
}
