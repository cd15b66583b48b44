internal import CSupd
internal import Glibc
internal import SupdPlugin

/// A folder of a hierarchy of control groups, version 2 (the kernel's cgroup-v2 manual), and its files.
struct GroupFolder: Hashable {
    let path: String

    /// The last part of its path.
    var name: String { path.split(separator: "/").last.map(String.init) ?? "" }

    /// The folder `name` in it.
    func child(_ name: String) -> GroupFolder { GroupFolder(path: path == "/" ? "/\(name)" : "\(path)/\(name)") }

    /// A file of it, whole; nil where it cannot be read.
    func read(_ file: String, hasLongLines: Bool = false) -> String? {
        try? text(of: file, hasLongLines: hasLongLines).get()
    }

    /// A file of it, whole, or the error's number.
    private func text(of file: String, hasLongLines: Bool = false) -> Result<String, ErrorNumber> {
        let descriptor = supd_open_briefly("\(path)/\(file)", O_RDONLY)
        guard descriptor >= 0 else { return .failure(ErrorNumber(-descriptor)) }
        defer { supd_close_briefly(descriptor) }
        var bytes: [UInt8] = []
        return withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { buffer in
            while true {
                let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
                if count == 0 { return .success(String(decoding: bytes, as: UTF8.self)) }
                if count < 0, errno != EINTR { return .failure(ErrorNumber(errno)) }
                bytes.append(contentsOf: buffer[..<max(0, count)])
                // The kernel gives as many whole lines as there is room for, so here these were all.
                if count > 0, count < buffer.count / 2, !hasLongLines {
                    return .success(String(decoding: bytes, as: UTF8.self))
                }
            }
        }
    }

    /// Writes `value` into a file that is there, with one call, as the kernel wants it.
    func write(_ value: String, into file: String) throws(ErrorNumber) {
        let descriptor = supd_open_briefly("\(path)/\(file)", O_WRONLY)
        guard descriptor >= 0 else { throw ErrorNumber(-descriptor) }
        defer { supd_close_briefly(descriptor) }
        let written = value.utf8.withContiguousStorageIfAvailable { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        if written ?? 0 < 0 { throw ErrorNumber(errno) }
    }

    /// Makes it, and answers whether that was needed: false where it is there.
    @discardableResult
    func make() throws(ErrorNumber) -> Bool {
        if mkdir(path, 0o755) == 0 { return true }
        guard errno == EEXIST else { throw ErrorNumber(errno) }
        return false
    }

    /// Removes it where no process and no group is in it.
    func removeAlone() -> Bool { rmdir(path) == 0 }

    /// Removes it and the groups below it, the lowest first. False where processes are in it: then those below it stay as well,
    /// which may be the work of these.
    @discardableResult
    func remove() -> Bool {
        // As a rule it is empty, or not there.
        if rmdir(path) == 0 || errno == ENOENT { return true }
        if isPopulated == true { return false }
        // And of those in it most have none in them.
        let others = (childNames ?? []).map(child).filter { rmdir($0.path) != 0 && errno != ENOENT }
        for folder in others.flatMap({ ($0.descendants() ?? []).reversed() + [$0] }) { rmdir(folder.path) }
        return rmdir(path) == 0 || errno == ENOENT
    }

    // MARK: What it says

    /// What its cgroup.events says: whether a process is in it or below it, and whether all that is are kept from running, by its own
    /// cgroup.freeze or that of a group above it. Nil where it cannot say: it is gone, or no control group.
    var events: (isPopulated: Bool, isFrozen: Bool)? {
        guard let text = read("cgroup.events") else { return nil }
        var isPopulated: Bool?
        var isFrozen = false
        for line in text.utf8.split(separator: UInt8(ascii: "\n")) {
            // Of a line "key number" the last digit is enough.
            let isSet = line.last != UInt8(ascii: "0")
            if line.starts(with: "populated ".utf8) { isPopulated = isSet }
            if line.starts(with: "frozen ".utf8) { isFrozen = isSet }
        }
        return isPopulated.map { ($0, isFrozen) }
    }

    /// Whether a process is in it or below it. Nil where it cannot say.
    var isPopulated: Bool? { events?.isPopulated }

    /// Whether there is no such group.
    var isGone: Bool { access(path, F_OK) != 0 && errno == ENOENT }

    /// Whether the kernel says that no process is in it or below it, or that it is gone.
    var isProvedEmpty: Bool { isPopulated.map { !$0 } ?? isGone }

    /// Whether its processes are kept from running, by its own cgroup.freeze or that of a group above it.
    var isFrozen: Bool { read("cgroup.freeze").map { $0.hasPrefix("1") } == true || events?.isFrozen == true }

    /// The controllers that it may use.
    var controllers: [String] { words(of: "cgroup.controllers") }

    /// The controllers that the groups in it may use.
    var enabledControllers: [String] { words(of: "cgroup.subtree_control") }

    /// How often the kernel has killed in it as its memory was used up; nil without the memory controller.
    var outOfMemoryKills: Int? {
        guard let kills = number("oom_kill", in: "memory.events") else { return nil }
        return number("oom_kill", in: "memory.events.local") ?? kills
    }

    /// Which processes are in it and below it; nil where that could not be read. A threaded group names its own only by their threads.
    var processes: [Int32]? {
        guard let below = descendants() else { return nil }
        var pids: [Int32] = []
        for folder in [self] + below {
            var text = folder.text(of: "cgroup.procs")
            if case .failure(let error) = text, error.rawValue == EOPNOTSUPP {
                text = folder.text(of: "cgroup.threads")
            }
            switch text {
            case .success(let text): pids += text.split(separator: "\n").compactMap { Int32($0) }
            case .failure(let error): guard Self.isAbsence(error.rawValue) else { return nil }
            }
        }
        return pids
    }

    /// Those right in it, without what is below.
    var ownProcesses: [Int32] { words(of: "cgroup.procs").compactMap { Int32($0) } }

    /// Whether an error says that the group is not there any more.
    private static func isAbsence(_ error: Int32) -> Bool { error == ENOENT || error == ENODEV }

    /// The names of the groups right in it; nil where they could not be read.
    var childNames: [String]? {
        let descriptor = supd_open_briefly(path, O_RDONLY | O_DIRECTORY)
        guard descriptor >= 0, let stream = fdopendir(descriptor) else {
            supd_close_briefly(descriptor)
            return Self.isAbsence(-descriptor) ? [] : nil
        }
        defer {
            closedir(stream)
            supd_close_briefly(-1)
        }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else { return errno == 0 || Self.isAbsence(errno) ? names : nil }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if entry.pointee.d_type == DT_DIR, name != ".", name != ".." { names.append(name) }
        }
    }

    /// No more are looked at: who may make groups may make them without end.
    private static let descendantsMaximum = 4096

    /// The groups below it, each before those that are below itself; nil where they could not be read.
    private func descendants() -> [GroupFolder]? {
        var found: [GroupFolder] = []
        var waiting = [self]
        while let folder = waiting.popLast(), found.count < Self.descendantsMaximum {
            if folder.isLowest { continue }
            guard let names = folder.childNames else { return nil }
            for name in names {
                let child = folder.child(name)
                found.append(child)
                waiting.append(child)
            }
        }
        return found
    }

    /// Whether no group is in it. By its links, of which each folder in it is one more than two; some file systems count none.
    var isLowest: Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_nlink == 2
    }

    private func words(of file: String) -> [String] {
        (read(file) ?? "").split { $0 == " " || $0 == "\n" }.map(String.init)
    }

    /// The number behind `key` in a file of such lines.
    private func number(_ key: String, in file: String) -> Int? {
        for line in (read(file) ?? "").split(separator: "\n") {
            let parts = line.split(separator: " ")
            if parts.count == 2, parts[0] == key { return Int(parts[1]) }
        }
        return nil
    }
}
