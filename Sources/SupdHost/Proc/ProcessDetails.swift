internal import CSupd
internal import Glibc
internal import SupdPlugin

extension LinuxHost {
    /// What there is to know of these processes (proc(5)); those that are gone are left out.
    public func details(of processes: [Int32]) -> [ProcessDetail] {
        processes.compactMap { procfs.detail($0) }
    }
}

extension ProcFiles {
    /// The most of a command that is shown, in bytes.
    private static let commandLimit = 4096

    fileprivate func detail(_ pid: Int32) -> ProcessDetail? {
        guard pid > 0, let stat = stat(pid), let line = SmallFile.read("/proc/\(pid)/stat") else { return nil }
        guard let bracket = line.lastIndex(of: ")") else { return nil }
        let fields = line[line.index(after: bracket)...].split(separator: " ")
        // From field 3: utime and stime are 14 and 15, the start time 22 (proc(5)).
        guard fields.count > 19, let user = Int64(fields[11]), let system = Int64(fields[12]) else { return nil }
        let pages = (SmallFile.read("/proc/\(pid)/statm") ?? "").split(separator: " ")
        let resident = pages.count > 1 ? Int(pages[1]) ?? 0 : 0
        return ProcessDetail(
            pid: pid, parent: stat.parent, command: command(of: pid, stat: line, bracket: bracket),
            state: Character(UnicodeScalar(stat.state)), processorTime: Self.ticks(user + system),
            residentBytes: resident * Int(sysconf(Int32(_SC_PAGESIZE))),
            age: max(.zero, Self.sinceBoot() - Self.ticks(Int64(clamping: stat.startTime))))
    }

    /// Its arguments; what has none, as a kernel's thread or a zombie, by its name in brackets.
    private func command(of pid: Int32, stat: String, bracket: String.Index) -> String {
        let arguments = SmallFile.read("/proc/\(pid)/cmdline") ?? ""
        let words = arguments.split(separator: "\0", omittingEmptySubsequences: false)
        var text = words.joined(separator: " ")
        while text.hasSuffix(" ") { text.removeLast() }
        if text.isEmpty, let open = stat.firstIndex(of: "("), open < bracket {
            text = "[" + stat[stat.index(after: open)..<bracket] + "]"
        }
        var shown = ""
        for scalar in text.unicodeScalars {
            guard shown.utf8.count < Self.commandLimit else { break }
            shown.unicodeScalars.append(scalar.isUnsafeInALine ? "?" : scalar)
        }
        return shown
    }

    private static func ticks(_ count: Int64) -> Duration {
        let perSecond = Int64(max(1, sysconf(Int32(_SC_CLK_TCK))))
        return .seconds(count / perSecond) + .nanoseconds(count % perSecond * (1_000_000_000 / perSecond))
    }

    private static func sinceBoot() -> Duration {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return .seconds(Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec))
    }
}
