internal import Glibc
internal import SupdPlugin

/// What an earlier daemon has left, as it is found: each process once, under its instance, with what there was to know of it while it
/// lived.
struct FoundLeftovers {
    private var seen: Set<ProcessIdentity> = []
    private var processes = [String: [(stat: ProcStat, detail: ProcessDetail)]]()

    mutating func add(_ found: [ProcStat], of instance: String, details: ([ProcStat]) -> [ProcessDetail]) {
        let new = found.filter { seen.insert($0.identity).inserted }
        let known = details(new)
        for stat in new {
            guard let detail = known.first(where: { $0.pid == stat.pid }) else { continue }
            processes[instance, default: []].append((stat, detail))
        }
    }

    func contains(_ process: ProcessIdentity) -> Bool { seen.contains(process) }

    /// All of them.
    var identities: Set<ProcessIdentity> { seen }

    /// Those that have not ended, by instance.
    func living(_ procfs: ProcFiles) -> [String: [ProcStat]] {
        processes.compactMapValues { list in
            let living = list.map(\.stat).filter { procfs.mayLive($0.identity) }
            return living.isEmpty ? nil : living
        }
    }

    func answer(remaining: [String: [ProcStat]], details: ([ProcStat]) -> [ProcessDetail]) -> [Leftover] {
        processes.keys.sorted().map { instance in
            Leftover(
                instance: instance, killed: (processes[instance] ?? []).map(\.detail),
                remaining: details(remaining[instance] ?? []))
        }
    }
}

/// Until when leftovers are waited for.
struct LeftoverDeadline {
    let deadline: ContinuousClock.Instant

    init(within limit: Duration) { deadline = .now.advanced(by: limit) }

    var hasPassed: Bool { ContinuousClock.now >= deadline }

    /// What is left.
    var left: Duration { max(.zero, ContinuousClock.now.duration(to: deadline)) }

    /// The same as poll(2) wants it.
    var milliseconds: Int32 {
        let left = left
        return Int32(
            clamping: left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000)
    }

    /// Waits a little, where there is nothing that would tell.
    func pause() { poll(nil, 0, min(5, milliseconds)) }
}
