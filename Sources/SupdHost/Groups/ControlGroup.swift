internal import Glibc

/// One control group of version 2, by its folder (the kernel's cgroup-v2 manual).
struct ControlGroup: Equatable {
    let path: String
    /// Its name in /proc/PID/cgroup; nil where that is not known.
    var name: String?

    /// The group of this name directly below it.
    func below(_ child: String) -> ControlGroup {
        ControlGroup(path: "\(path)/\(child)", name: name.map { "\($0)/\(child)" })
    }

    /// What one of its files says, without the line's end.
    func read(_ file: String) -> String? {
        SmallFile.read("\(path)/\(file)").map { text in String(text.prefix { $0 != "\0" }) }
    }

    /// Writes one of its files; the error's number, or 0.
    func write(_ file: String, _ value: String) -> Int32 { SmallFile.write("\(path)/\(file)", value) }

    /// The value behind `key` in a file of `key value` lines.
    func number(_ key: String, in file: String) -> Int? {
        for line in (read(file) ?? "").split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2, words[0] == key { return Int(words[1]) }
        }
        return nil
    }

    /// Whether it, or a group below it, has a living process. Nil where it is not there.
    var isPopulated: Bool? { number("populated", in: "cgroup.events").map { $0 != 0 } }

    /// The controllers that it may pass on to groups below it.
    var controllers: [Substring] {
        (read("cgroup.controllers") ?? "").split { $0 == " " || $0 == "\n" }
    }

    /// How many processes of it the kernel has killed for want of memory; nil where nothing counts that.
    var outOfMemoryKills: Int? {
        number("oom_kill", in: "memory.events.local") ?? number("oom_kill", in: "memory.events")
    }

    /// The groups directly below it.
    var children: [ControlGroup] {
        (SmallFile.names(in: path) ?? []).compactMap { name in
            var status = stat()
            let child = "\(path)/\(name)"
            guard lstat(child, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return nil }
            return ControlGroup(path: child)
        }
    }

    /// It and the groups below it, from the top, as deep as `depth`.
    func tree(depth: Int = 16) -> [ControlGroup] {
        guard depth > 0 else { return [self] }
        return [self] + children.flatMap { $0.tree(depth: depth - 1) }
    }

    /// Its living processes and those of the groups below it.
    func processes() -> [Int32] {
        tree().flatMap { group in (group.read("cgroup.procs") ?? "").split(separator: "\n").compactMap { Int32($0) } }
            .filter { $0 > 0 }
    }

    /// Whether a process is in it or in a group below it.
    func contains(_ pid: Int32) -> Bool {
        guard let name else { return processes().contains(pid) }
        guard let group = ControlGroupPlace.ownGroup(in: SmallFile.read("/proc/\(pid)/cgroup") ?? "") else {
            return false
        }
        return group == name || group.hasPrefix(name + "/")
    }

    /// Makes it; the error's number, or 0. One that is there already is taken.
    func make() -> Int32 {
        guard mkdir(path, 0o755) != 0 else { return 0 }
        return errno == EEXIST ? 0 : errno
    }

    /// Removes it with the groups below it; false where processes are in it, or it cannot be removed.
    @discardableResult
    func remove() -> Bool {
        if rmdir(path) == 0 || errno == ENOENT { return true }
        guard errno == EBUSY || errno == ENOTEMPTY else { return false }
        for child in children { child.remove() }
        return rmdir(path) == 0
    }
}
