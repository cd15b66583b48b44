internal import Glibc
internal import SupdPlugin

/// What an earlier daemon has left, as it is found: each process once, under its instance, with what there was to know of it while it
/// lived.
struct FoundLeftovers {
    private var seen: Set<ProcessIdentity> = []
    private var processes: [String: [(stat: ProcStat, detail: ProcessDetail)]] = [:]

    mutating func add(_ found: [ProcStat], of instance: String, details: ([Int32]) -> [ProcessDetail]) {
        let new = found.filter { seen.insert($0.identity).inserted }
        let known = details(new.map(\.pid))
        for stat in new {
            guard let detail = known.first(where: { $0.pid == stat.pid }) else { continue }
            processes[instance, default: []].append((stat, detail))
        }
    }

    /// Those that have not ended, by instance.
    func living(_ procfs: ProcFiles) -> [String: [ProcStat]] {
        processes.compactMapValues { list in
            let living = list.map(\.stat).filter { known in
                procfs.stat(known.pid).map { $0.identity == known.identity && $0.isLiving } ?? false
            }
            return living.isEmpty ? nil : living
        }
    }

    func answer(remaining: [String: [ProcStat]], details: ([Int32]) -> [ProcessDetail]) -> [Leftover] {
        processes.keys.sorted().map { instance in
            Leftover(
                instance: instance, killed: (processes[instance] ?? []).map(\.detail),
                remaining: details((remaining[instance] ?? []).map(\.pid)))
        }
    }
}

/// Until when leftovers are waited for.
struct LeftoverDeadline {
    private let deadline: ContinuousClock.Instant

    init(within limit: Duration) { deadline = .now.advanced(by: limit) }

    var hasPassed: Bool { ContinuousClock.now >= deadline }

    /// What is left, as poll(2) wants it.
    var milliseconds: Int32 {
        let left = ContinuousClock.now.duration(to: deadline)
        return Int32(
            clamping: max(0, left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000))
    }

    /// Waits a little, where there is nothing that would tell.
    func pause() { poll(nil, 0, min(5, milliseconds)) }
}
