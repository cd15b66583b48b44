internal import Glibc

/// Where the control group of version 2 lies that a process is in.
struct OwnControlGroup: Hashable {
    /// Its folder.
    var folder: GroupFolder
    /// The folder that the hierarchy is mounted on: nothing above it can be reached.
    var mount: GroupFolder
    /// Which folder of the hierarchy that is, without a slash at the end.
    private var root = ""

    /// As it is now.
    static var current: OwnControlGroup? {
        let proc = GroupFolder(path: "/proc/self")
        return OwnControlGroup(
            cgroup: proc.read("cgroup") ?? "", mountinfo: proc.read("mountinfo", hasLongLines: true) ?? "")
    }

    /// What /proc/PID/cgroup says of who is in a folder of this hierarchy; nothing for its top.
    func path(of folder: GroupFolder) -> String { root + folder.path.dropFirst(mount.path.count) }

    /// The parent's folder; nil at the top of what is mounted.
    var parent: GroupFolder? {
        guard folder != mount, let slash = folder.path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return nil }
        return GroupFolder(path: String(folder.path[..<slash]))
    }

    /// Reads /proc/PID/cgroup (cgroups(7)) and /proc/PID/mountinfo (proc(5)). Nil where no hierarchy of version 2 is mounted, or
    /// the group lies outside of what is. On a machine with both versions, that of version 2 is mounted beside the others.
    init?(cgroup: String, mountinfo: String) {
        // Byte by byte: a machine may have hundreds of mounts, and whoever starts waits for this.
        let isOwn = { (line: ArraySlice<UInt8>) in line.starts(with: "0::/".utf8) }
        guard let line = Array(cgroup.utf8).split(separator: UInt8(ascii: "\n")).first(where: isOwn) else { return nil }
        let own = String(decoding: line.dropFirst(3), as: UTF8.self)
        for line in Array(mountinfo.utf8).split(separator: UInt8(ascii: "\n")) {
            // 41 31 0:38 ROOT MOUNTPOINT options [optional fields] - TYPE source options
            let fields = line.split(separator: UInt8(ascii: " "))
            guard let dash = fields.firstIndex(where: { $0.elementsEqual("-".utf8) }), dash >= 5,
                dash + 1 < fields.count, fields[dash + 1].elementsEqual("cgroup2".utf8)
            else { continue }
            guard let below = Self.path(own, below: Self.unescaped(fields[3])) else { continue }
            mount = GroupFolder(path: Self.unescaped(fields[4]))
            root = Self.unescaped(fields[3])
            if root == "/" { root = "" }
            folder = below.isEmpty ? mount : mount.child(below)
            return
        }
        return nil
    }

    /// `path` as seen from `root`, without a slash before it; nil where it is not below.
    private static func path(_ path: String, below root: String) -> String? {
        // Seen from within a namespace of control groups, what lies outside has such a path (cgroup_namespaces(7)).
        guard !path.hasPrefix("/..") else { return nil }
        if root == "/" { return String(path.dropFirst()) }
        if path == root { return "" }
        return path.hasPrefix(root + "/") ? String(path.dropFirst(root.count + 1)) : nil
    }

    /// Blanks and backslashes are written in octal there.
    private static func unescaped(_ field: ArraySlice<UInt8>) -> String {
        var bytes: [UInt8] = []
        var rest = field
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\\"), rest.count >= 3,
                let value = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8)
            {
                bytes.append(value)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
