internal import CSupd
internal import Glibc

/// Where the daemon may have control groups of its own, and where not, and why.
enum ControlGroupPlace: Equatable {
    /// The group at `base` was given to the daemon (Delegate= of systemd). It is in `own`, which is `base` or below it.
    case delegated(base: ControlGroup, own: ControlGroup)
    /// Nobody manages groups here but the daemon: it makes one below its own.
    case below(ControlGroup)
    /// For this reason.
    case nowhere(String)

    /// Looks what the system says.
    static func find() -> ControlGroupPlace {
        guard let group = ownGroup(in: SmallFile.read("/proc/self/cgroup") ?? ""),
            let folder = folder(of: group, mounts: SmallFile.read("/proc/self/mountinfo") ?? "")
        else { return .nowhere("there are no control groups of version 2 here") }
        let own = ControlGroup(path: folder, name: group == "/" ? "" : group)
        if isDelegated(folder) { return .delegated(base: own, own: own) }
        // DelegateSubgroup= of systemd.resource-control(5).
        let parent = ControlGroup(path: Self.parent(of: folder), name: Self.parent(of: group))
        if isDelegated(parent.path) { return .delegated(base: parent, own: own) }
        // Who manages the hierarchy is told by sd_booted(3). Every group has one writer (systemd's CGROUP_DELEGATION).
        if access("/run/systemd/system", F_OK) == 0 {
            return .nowhere("systemd has not delegated the control group of supd to it: set Delegate=yes in its unit")
        }
        guard access(folder, W_OK) == 0 else { return .nowhere("the control group \(folder) cannot be written to") }
        return .below(own)
    }

    private static func parent(of path: String) -> String {
        String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    }

    private static func isDelegated(_ folder: String) -> Bool {
        guard !folder.isEmpty, access(folder, W_OK) == 0 else { return false }
        return supd_has_attribute(folder, "trusted.delegate") != 0 || supd_has_attribute(folder, "user.delegate") != 0
    }

    /// The group of version 2 that /proc/PID/cgroup names.
    static func ownGroup(in text: String) -> String? {
        for line in text.split(separator: "\n") where line.hasPrefix("0::") { return String(line.dropFirst(3)) }
        return nil
    }

    /// Where a group is found in the file system: by the mount of version 2 that shows it.
    static func folder(of group: String, mounts: String) -> String? {
        for line in mounts.split(separator: "\n") {
            // proc(5): ID PARENT DEVICE ROOT MOUNTPOINT OPTIONS [FIELDS…] - TYPE SOURCE OPTIONS
            let halves = line.split(separator: " - ", maxSplits: 1)
            let fields = halves[0].split(separator: " ")
            guard halves.count == 2, halves[1].hasPrefix("cgroup2 "), fields.count >= 5 else { continue }
            let root = unescaped(fields[3])
            let mount = unescaped(fields[4])
            if root == "/" { return group == "/" ? mount : mount + group }
            if group == root { return mount }
            if group.hasPrefix(root + "/") { return mount + group.dropFirst(root.count) }
        }
        return nil
    }

    /// Blanks and the like stand as `\040` in mountinfo.
    private static func unescaped(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3).compactMap {
                (UInt8(ascii: "0")...UInt8(ascii: "7")).contains($0) ? Int($0) - 48 : nil
            }
            if byte == UInt8(ascii: "\\"), digits.count == 3 {
                bytes.append(UInt8(truncatingIfNeeded: digits[0] * 64 + digits[1] * 8 + digits[2]))
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
