internal import Glibc
internal import SupdPlugin

extension ProcFiles {
    /// What there is to know of a process that is called `command`.
    func detail(of stat: ProcStat, command: String) -> ProcessDetail {
        let pid = stat.pid
        let ticks = Int64(max(1, sysconf(Int32(_SC_CLK_TCK))))
        let resident = numbers("/proc/\(pid)/statm", count: 2)?[1] ?? 0
        var boot = timespec()
        clock_gettime(CLOCK_BOOTTIME, &boot)
        let started = Self.duration(ticks: Int64(clamping: stat.startTime), of: ticks)
        // The kernel counts in ticks and rounds: a process just born may seem to be of the future.
        let age = .seconds(boot.tv_sec) + .nanoseconds(boot.tv_nsec) - started
        return ProcessDetail(
            pid: pid, parent: stat.parent, command: command,
            state: Character(UnicodeScalar(stat.state)),
            processorTime: Self.duration(ticks: stat.processorTicks, of: ticks),
            residentBytes: resident * sysconf(Int32(_SC_PAGESIZE)), age: max(.zero, age))
    }

    private static func duration(ticks: Int64, of perSecond: Int64) -> Duration {
        .seconds(ticks / perSecond) + .nanoseconds(ticks % perSecond * (1_000_000_000 / perSecond))
    }

    /// The name of its program, or what it has called itself, at most 15 bytes (prctl(2), PR_SET_NAME); nil
    /// where it cannot be read.
    func name(of pid: Int32) -> String? {
        guard let bytes = read("/proc/\(pid)/comm") else { return nil }
        return Self.shown(bytes.prefix { $0 != UInt8(ascii: "\n") }.map { $0 })
    }

    /// As text of at most 4,096 bytes without control characters: what a process calls itself must not write on a terminal.
    static func shown(_ bytes: [UInt8]) -> String {
        var text = ""
        var count = 0
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
            let kept = isControl ? "?" : scalar
            count += String(kept).utf8.count
            guard count <= 4096 else { break }
            text.unicodeScalars.append(kept)
        }
        return text
    }
}
