internal import Glibc

/// Where the control group of version 2 lies that a process is in.
struct OwnControlGroup: Hashable {
    /// Its folder.
    var folder: GroupFolder
    /// The folder that the hierarchy is mounted on: nothing above it can be reached.
    var mount: GroupFolder

    /// The parent's folder; nil at the top of what is mounted.
    var parent: GroupFolder? {
        guard folder != mount, let slash = folder.path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return nil }
        return GroupFolder(path: String(folder.path[..<slash]))
    }

    /// Reads /proc/PID/cgroup (cgroups(7)) and /proc/PID/mountinfo (proc(5)). Nil where no hierarchy of version 2 is mounted, or
    /// the group lies outside of what is. On a machine with both versions, that of version 2 is mounted beside the others.
    init?(cgroup: String, mountinfo: String) {
        guard let line = cgroup.split(separator: "\n").first(where: { $0.hasPrefix("0::/") }) else { return nil }
        let own = String(line.dropFirst(3))
        for line in mountinfo.split(separator: "\n") {
            // 41 31 0:38 ROOT MOUNTPOINT options [optional fields] - TYPE source options
            let halves = line.split(separator: " - ", maxSplits: 1).map { $0.split(separator: " ") }
            guard halves.count == 2, halves[1].first == "cgroup2", halves[0].count >= 5 else { continue }
            let root = Self.unescaped(halves[0][3])
            guard let below = Self.path(own, below: root) else { continue }
            mount = GroupFolder(path: Self.unescaped(halves[0][4]))
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
    private static func unescaped(_ field: Substring) -> String {
        guard field.utf8.contains(UInt8(ascii: "\\")) else { return String(field) }
        var bytes: [UInt8] = []
        var rest = Array(field.utf8)[...]
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
