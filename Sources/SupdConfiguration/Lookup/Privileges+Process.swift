import Glibc

extension Privileges {
    /// Those of this process (capabilities(7)).
    static func ofProcess() -> Privileges {
        var privileges = Privileges()
        let has = capabilities()
        for (capability, word) in [
            (Capability.setuid, Privileges.Identifying.setuid), (.setgid, .setgid), (.chown, .chown),
        ]
        where !has.contains(capability) { privileges.lacking.insert(word) }
        if !has.contains(.sysNice) {
            let limit = limit(of: .nice)
            let allowed = limit.map { 20 - Int(min($0.rlim_cur, 40)) } ?? 20
            privileges.lowestNice = min(Int(getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0)), allowed)
        }
        if !has.contains(.sysResource) {
            privileges.lowestOOMScore = number("/proc/self/oom_score_adj") ?? 0
            for name in ResourceName.allCases {
                guard let limit = limit(of: name) else { continue }
                privileges.hardLimits[name.number] = UInt64(limit.rlim_max)
            }
        }
        if !has.contains(.netBindService) {
            privileges.lowestPort = UInt16(
                clamping: number("/proc/sys/net/ipv4/ip_unprivileged_port_start") ?? 1024)
        }
        privileges.controllers = geteuid() == 0 ? kernelsControllers() : usersControllers()
        return privileges
    }

    private static func limit(of resource: ResourceName) -> rlimit? {
        var limit = rlimit()
        return getrlimit(__rlimit_resource_t(UInt32(resource.number)), &limit) == 0 ? limit : nil
    }

    private enum Capability: Int, CaseIterable {
        case chown = 0
        case setgid = 6
        case setuid = 7
        case netBindService = 10
        case sysNice = 23
        case sysResource = 24
    }

    private static func capabilities() -> Set<Capability> {
        let line = text("/proc/self/status")?.split(separator: "\n").first { $0.hasPrefix("CapEff:\t") }
        guard let line, let bits = UInt64(line.dropFirst(8), radix: 16) else { return Set(Capability.allCases) }
        return Set(Capability.allCases.filter { bits & 1 << $0.rawValue != 0 })
    }

    /// Those of version 2, also where it is beside version 1; nil where there is none.
    private static func kernelsControllers() -> Set<String>? {
        let lists = ["/sys/fs/cgroup/cgroup.controllers", "/sys/fs/cgroup/unified/cgroup.controllers"]
        return lists.lazy.compactMap(words(in:)).first
    }

    /// What root's systemd has delegated to the user's, whose units may have it delegated in turn; nil where there is none.
    private static func usersControllers() -> Set<String>? {
        let uid = geteuid()
        let folder = "/sys/fs/cgroup/user.slice/user-\(uid).slice/user@\(uid).service"
        return words(in: folder + "/cgroup.controllers")
    }

    private static func words(in path: String) -> Set<String>? {
        text(path).map { text in Set(text.split { $0 == " " || $0 == "\n" }.map(String.init)) }
    }

    private static func number(_ path: String) -> Int? { text(path).flatMap { Int($0.prefix { $0 != "\n" }) } }

    private static func text(_ path: String) -> String? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = read(file, &buffer, buffer.count)
        return count < 0 ? nil : String(decoding: buffer.prefix(count), as: UTF8.self)
    }
}
