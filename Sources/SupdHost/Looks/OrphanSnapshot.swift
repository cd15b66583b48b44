internal import SupdPlugin

/// The living processes that were adopted by the daemon, at one moment, each with what tells whose it was.
struct OrphanSnapshot {
    struct Orphan {
        var stat: ProcStat
        var mark: MarkSighting
        /// It may be anybody's: its mark is hidden, and not for long.
        var isInDoubt = false

        /// Whether it belongs to the tree, by what is known of it. `leaders` are the numbers that name its sessions.
        func belongs(to mark: TreeMark, leaders: [Int32]) -> Bool {
            // A mark that can be read is the last word: the number of a leader that has ended may be another tree's by now.
            if case .mark(let own) = self.mark { return own == mark }
            return leaders.contains(stat.session) || leaders.contains(stat.group)
        }
    }

    var orphans: [Orphan] = []
    /// Those that could not be looked at for so long that they keep no tree from being proved empty any more.
    var givenUp: [ProcStat] = []
    /// Whether the list was read until it named nobody new, and every look was made.
    var isWhole = false
    /// The numbers of main processes that are not reaped, and were known to have ended when it was taken: what they left is in it.
    var ends: Set<Int32> = []
    /// Whether it is known that one of these orphans may have left the group of its tree; nil as long as nobody has asked.
    var mayHaveLeftGroups: Bool?

    /// Whether what these main processes, which have ended, have left is in it. Once that is so it is not to be taken again for them.
    func isLater(thanThoseOf mains: [Int32]) -> Bool { mains.allSatisfy(ends.contains) }

    /// Whether nobody of another tree than `mark` can be one of its own. One that hides its mark may belong to any: that passes, or is
    /// given up after a while, and until then nobody's tree is proved empty; and nobody's signals reach it.
    func isCertain(for mark: TreeMark, leaders: [Int32]) -> Bool {
        isWhole && orphans.allSatisfy { !$0.isInDoubt || $0.belongs(to: mark, leaders: leaders) }
    }

    /// Those that may be anybody's.
    var doubtful: [ProcStat] { orphans.filter(\.isInDoubt).map(\.stat) }

    /// Whether any may be anybody's.
    var hasDoubt: Bool { orphans.contains(where: \.isInDoubt) }

    /// The snapshot of one moment: after it was read, nobody below the daemon was left out.
    ///
    /// A process whose parents are gone is the daemon's child. An orphan that ends between the reading of the list and the
    /// look at it leaves its own children to the daemon, behind the end of what was read; so the list is read again
    /// until it names nobody new. A dead one has no children any more: they were given away before it became a zombie.
    static func take(
        _ procfs: ProcFiles, _ looks: ProcessLooks, now: MonotonicInstant, isMain: (Int32) -> Bool
    ) -> OrphanSnapshot? {
        var snapshot = OrphanSnapshot()
        var seen: Set<Int32> = []
        for _ in 0..<passes {
            guard let children = procfs.ownChildren() else { return nil }
            let new = children.filter { !isMain($0) && !seen.contains($0) }
            if new.isEmpty {
                snapshot.isWhole = true
                break
            }
            let stats = new.compactMap { pid in
                seen.insert(pid)
                return procfs.stat(pid).flatMap { $0.isLiving ? $0 : nil }
            }
            looks.look(at: stats, for: .marks)
            for stat in stats { snapshot.add(stat, procfs, looks, now: now) }
        }
        return snapshot
    }

    private mutating func add(_ stat: ProcStat, _ procfs: ProcFiles, _ looks: ProcessLooks, now: MonotonicInstant) {
        var orphan = Orphan(stat: stat, mark: looks.mark(of: stat))
        switch orphan.mark {
        case .mark, .unmarked: break
        case .failed: procfs.wasBlind = true
        case .hidden:
            // Looked at again: it may have begun to leave since.
            guard let again = procfs.stat(stat.pid) else { break }
            guard again.isLiving else { return }
            orphan.stat = again
            orphan.isInDoubt = looks.isInDoubt(stat.identity, now: now)
            // One that leaves does nothing any more, and is not worth a word.
            if !orphan.isInDoubt, !again.isLeaving, looks.isNewlyGivenUp(stat.identity) { givenUp.append(again) }
        }
        orphans.append(orphan)
    }

    /// So often is the list read at most; one that grows all that time is a fork bomb, whose tree is not empty.
    private static let passes = 16
}
