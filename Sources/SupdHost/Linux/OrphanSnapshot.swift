/// The living processes that were adopted by the daemon, at one moment, each with what tells whose it was.
struct OrphanSnapshot {
    struct Orphan {
        var stat: ProcStat
        var mark: TreeMark?
    }

    var orphans: [Orphan] = []

    /// The snapshot of one moment: after it was read, nobody below the daemon was left out.
    ///
    /// A process whose parents are gone is the daemon's child. An orphan that ends between the reading of the list and the
    /// look at it leaves its own children to the daemon, behind the end of what was read; so the list is read again
    /// until it names nobody new. A dead one has no children any more: they were given away before it became a zombie.
    static func take(_ procfs: ProcFiles, isMain: (Int32) -> Bool) -> OrphanSnapshot? {
        var snapshot = OrphanSnapshot()
        var seen: Set<Int32> = []
        for _ in 0..<passes {
            guard let children = procfs.ownChildren() else { return nil }
            let new = children.filter { !isMain($0) && !seen.contains($0) }
            if new.isEmpty { break }
            for pid in new {
                seen.insert(pid)
                guard let stat = procfs.stat(pid), stat.isLiving else { continue }
                snapshot.orphans.append(Orphan(stat: stat, mark: procfs.mark(of: pid)))
            }
        }
        return snapshot
    }

    /// So often is the list read at most; one that grows all that time is a fork bomb, whose tree is not empty.
    private static let passes = 16
}
