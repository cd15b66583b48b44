internal import CSupd
internal import Glibc
internal import SupdPlugin

/// Reads what the daemon needs of /proc, with one buffer for all of it.
final class ProcFiles {
    private let ownPID: Int32
    private let buffer: UnsafeMutableRawBufferPointer
    /// The list of the first thread's children, kept open as it is read at nearly every exit; -1 where the kernel has no
    /// such file, and all of /proc has to be read.
    ///
    /// Orphans are given to that thread (find_new_reaper in the kernel's exit.c), and programs started by another
    /// (`LoopThread.run`). The kernel promises a whole list only while none of the listed is reaped (proc(5)), and nobody reaps but this thread.
    private let ownChildrenFile: Int32
    /// Kept open as well: it is read at each signal to a process group.
    private let lastNumberFile: Int32
    /// A look has failed since this was set to false, other than as there was nothing there: what was not seen may be there all the
    /// same.
    var wasBlind = false
    /// The same for want of descriptors or memory.
    var lackedMeans = false
    /// The process that is a part of the daemon. No list of children has it, as it is no child of the first thread's.
    var helper: () -> Int32? = { nil }
    /// Whether there is a /proc at all: where there never was one, no look at it is owed.
    let isThere: Bool
    /// Whether children are found by the lists of children, or by every process's parent.
    let readsLists: Bool

    init(ownPID: Int32, scansAllOfProc: Bool) {
        self.ownPID = ownPID
        buffer = .allocate(byteCount: 4096, alignment: 8)
        ownChildrenFile = scansAllOfProc ? -1 : supd_open("/proc/self/task/\(ownPID)/children", O_RDONLY, 0)
        readsLists = ownChildrenFile >= 0
        lastNumberFile = supd_open("/proc/sys/kernel/ns_last_pid", O_RDONLY, 0)
        isThere = access("/proc/self/stat", F_OK) == 0
    }

    deinit {
        closeDescriptor(ownChildrenFile)
        closeDescriptor(lastNumberFile)
        buffer.deallocate()
    }

    /// The daemon's children by adoption, dead ones that are not reaped included, and where the first thread starts programs those as well.
    /// Nil where /proc cannot be read.
    func ownChildren() -> [Int32]? {
        guard readsLists else {
            let helper = helper()
            return parents().map { all in (all[ownPID] ?? []).filter { $0 != helper } }
        }
        var children: [Int32] = []
        guard lseek(ownChildrenFile, 0, SEEK_SET) == 0, readNumbers(ownChildrenFile, into: &children) else {
            wasBlind = true
            return nil
        }
        return children
    }

    /// The children of another process, by the lists of its threads; also those that were listed and have ended since.
    ///
    /// While a list is read the process may reap one that was listed already, and then the kernel leaves out one that was not (proc(5)). Who
    /// was reaped is not listed the next time: so it is read again until all who were listed before still are.
    func children(of process: ProcStat) -> [Int32] {
        let pid = process.pid
        var children: [Int32] = []
        var seen: Set<Int32> = []
        func add(ofThread thread: Int32) {
            let file = open("/proc/\(pid)/task/\(thread)/children")
            guard file >= 0 else { return }
            defer { supd_close_briefly(file) }
            var listed: Set<Int32>?
            for _ in 0..<Self.passes {
                var numbers: [Int32] = []
                guard lseek(file, 0, SEEK_SET) == 0, readNumbers(file, into: &numbers) else {
                    wasBlind = true
                    break
                }
                let now = Set(numbers)
                children += numbers.filter { seen.insert($0).inserted }
                if now.isEmpty || listed?.isSubset(of: now) == true { break }
                listed = now
            }
        }
        // Its only thread has its own number.
        if process.threads == 1 { add(ofThread: pid) } else { forEachNumber(in: "/proc/\(pid)/task", add) }
        return children
    }

    /// So often is a list read at most: who has children that end all the time is a fork bomb, and is looked at again.
    private static let passes = 16

    /// Whether a process has one thread, and that no children. False also where that cannot be told.
    func isAlone(_ pid: Int32) -> Bool {
        // A link for each thread, beside those of every folder.
        guard readsLists, links(of: "/proc/\(pid)/task") == 3 else { return false }
        let file = open("/proc/\(pid)/task/\(pid)/children")
        guard file >= 0 else { return false }
        defer { supd_close_briefly(file) }
        return Glibc.read(file, buffer.baseAddress, 1) == 0
    }

    /// The number that a process or a thread was given last. Nil where this kernel does not tell (CONFIG_CHECKPOINT_RESTORE).
    func lastNumber() -> Int32? {
        let count = pread(lastNumberFile, buffer.baseAddress, buffer.count, 0)
        guard count > 0 else { return nil }
        var numbers = NumberReader(UnsafeRawBufferPointer(rebasing: buffer[..<count]), from: 0)
        return numbers.next().map { Int32(truncatingIfNeeded: $0) }
    }

    /// The threads of a process; none where it is gone.
    func threads(of pid: Int32) -> [Int32] {
        var threads: [Int32] = []
        forEachNumber(in: "/proc/\(pid)/task") { threads.append($0) }
        return threads
    }

    /// The children of every process, by reading all of /proc. Nil where it cannot be read.
    func parents() -> [Int32: [Int32]]? {
        var result = [Int32: [Int32]]()
        let wasRead = forEachNumber(in: "/proc") { pid in
            if let stat = stat(pid) { result[stat.parent, default: []].append(pid) }
        }
        return wasRead ? result : nil
    }

    /// Every process's number. Nil where /proc cannot be read.
    func allProcesses() -> [Int32]? {
        var pids: [Int32] = []
        return forEachNumber(in: "/proc") { pids.append($0) } ? pids : nil
    }

    /// What there is to know of a process; nil where it is gone, or could not be looked at (`wasBlind`).
    func stat(_ pid: Int32) -> ProcStat? {
        guard let bytes = read("/proc/\(pid)/stat") else { return nil }
        let stat = ProcStat(parsing: bytes)
        if stat == nil { wasBlind = true }
        return stat
    }

    /// Whether a process is not proved gone: it lives, or cannot be looked at.
    func mayLive(_ process: ProcessIdentity) -> Bool { mayLive(process.pid) { $0 == process } }

    /// The same of whoever has that number, if that one is meant.
    func mayLive(_ pid: Int32, _ isMeant: (ProcessIdentity) -> Bool = { _ in true }) -> Bool {
        let before = wasBlind
        wasBlind = false
        defer { wasBlind = wasBlind || before }
        guard let stat = stat(pid) else { return wasBlind }
        return isMeant(stat.identity) && stat.isLiving
    }

    /// The first name, below `base`, of the control group of version 2 that a process is in (cgroups(7)); nil where that is elsewhere.
    func group(of pid: Int32, below base: String) -> String? {
        guard let bytes = read("/proc/\(pid)/cgroup") else { return nil }
        let start = Array("0::\(base)/".utf8)
        guard let line = bytes.split(separator: UInt8(ascii: "\n")).first(where: { $0.starts(with: start) }) else {
            return nil
        }
        let name = line.dropFirst(start.count).prefix { $0 != UInt8(ascii: "/") }
        return name.isEmpty ? nil : String(decoding: name, as: UTF8.self)
    }

    /// The value, in KiB, of the line of a file that begins with `key`.
    func kibibytes(_ path: String, key: String) -> Int? {
        guard let bytes = read(path) else { return nil }
        let key = Array(key.utf8)
        for line in bytes.split(separator: UInt8(ascii: "\n")) where line.starts(with: key) {
            var numbers = NumberReader(UnsafeRawBufferPointer(rebasing: line), from: key.count)
            return numbers.next().map(Int.init)
        }
        return nil
    }

    /// The first numbers of a file.
    func numbers(_ path: String, count: Int) -> [Int]? {
        guard let bytes = read(path) else { return nil }
        var reader = NumberReader(bytes, from: 0)
        var values: [Int] = []
        while values.count < count, let value = reader.next() { values.append(Int(value)) }
        return values.count == count ? values : nil
    }

    /// The first 4,096 bytes of a file, until the next call.
    func read(_ path: String) -> UnsafeRawBufferPointer? {
        let file = open(path)
        guard file >= 0 else { return nil }
        defer { supd_close_briefly(file) }
        let count = Glibc.read(file, buffer.baseAddress, buffer.count)
        if count < 0, errno != ESRCH { noteBlindness(errno) }
        return count > 0 ? UnsafeRawBufferPointer(rebasing: buffer[..<count]) : nil
    }

    private func open(_ path: String) -> Int32 {
        let file = supd_open_briefly(path, O_RDONLY)
        if file < 0, file != -ENOENT, file != -ESRCH { noteBlindness(-file) }
        return file
    }

    private func noteBlindness(_ error: Int32) {
        wasBlind = true
        if ErrorNumber(error).isWant { lackedMeans = true }
    }

    /// False where it could not be read to its end; where the process is gone there is nothing.
    private func readNumbers(_ file: Int32, into numbers: inout [Int32]) -> Bool {
        var value: Int32 = 0
        var isWithin = false
        while true {
            let count = Glibc.read(file, buffer.baseAddress, buffer.count)
            if count < 0, errno == EINTR { continue }
            if count < 0, errno != ESRCH { return false }
            guard count > 0 else { break }
            for byte in buffer[..<count] {
                if byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
                    value = value &* 10 &+ Int32(byte - UInt8(ascii: "0"))
                    isWithin = true
                } else if isWithin {
                    numbers.append(value)
                    value = 0
                    isWithin = false
                }
            }
        }
        if isWithin { numbers.append(value) }
        return true
    }

    @discardableResult
    private func forEachNumber(in folder: String, _ body: (Int32) -> Void) -> Bool {
        let descriptor = open(folder)
        guard descriptor >= 0 else { return false }
        guard let stream = fdopendir(descriptor) else {
            supd_close_briefly(descriptor)
            wasBlind = true
            return false
        }
        defer {
            closedir(stream)
            supd_close_briefly(-1)
        }
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                // readdir(3): the end, or an error that only errno tells from it.
                guard errno != 0, errno != ENOENT, errno != ESRCH else { return true }
                wasBlind = true
                return false
            }
            let number = withUnsafePointer(to: &entry.pointee.d_name) { name in
                name.withMemoryRebound(to: CChar.self, capacity: 256) { strtol($0, nil, 10) }
            }
            if number > 0 { body(Int32(truncatingIfNeeded: number)) }
        }
    }
}

/// Out here, where `stat` is the call.
private func links(of path: String) -> UInt? {
    var status = stat()
    return stat(path, &status) == 0 ? UInt(status.st_nlink) : nil
}
