/// The living processes that were adopted by the daemon, at one moment, each with what tells whose it was.
struct OrphanSnapshot {
    struct Orphan {
        var stat: ProcStat
        var mark: ProcFiles.MarkSighting

        /// Whether it belongs to the tree, by what is known of it. `leaders` are the numbers that name its sessions.
        func belongs(to mark: TreeMark, leaders: [Int32]) -> Bool {
            // A mark that can be read is the last word: the number of a leader that has ended may be another tree's by now.
            if case .mark(let own) = self.mark { return own == mark }
            return leaders.contains(stat.session) || leaders.contains(stat.group)
        }

        /// Whether it may belong to the tree: one that hides its mark may belong to any. That passes, and until then
        /// nobody's tree is proved empty; and nobody's signals reach it.
        func mayBelong(to mark: TreeMark, leaders: [Int32]) -> Bool {
            self.mark == .hidden || belongs(to: mark, leaders: leaders)
        }
    }

    var orphans: [Orphan] = []
    /// One of them is in the middle of execve(2), so that it cannot be told whose it is, and nothing will tell when it can.
    var isPassing = false

    /// The snapshot of one moment: after it was read, nobody below the daemon was left out.
    ///
    /// A process whose parents are gone is the daemon's child. An orphan that ends between the reading of the list and the
    /// look at it leaves its own children to the daemon, behind the end of what was read; so the list is read again
    /// until it names nobody new. A dead one has no children any more: they were given away before it became a zombie.
    ///
    /// `known` are the marks of orphans that were seen before, for one that hides its own by now.
    static func take(
        _ procfs: ProcFiles, known: [ProcessIdentity: TreeMark], isMain: (Int32) -> Bool
    ) -> OrphanSnapshot? {
        var snapshot = OrphanSnapshot()
        var seen: Set<Int32> = []
        for _ in 0..<passes {
            guard let children = procfs.ownChildren() else { return nil }
            let new = children.filter { !isMain($0) && !seen.contains($0) }
            if new.isEmpty { break }
            for pid in new {
                seen.insert(pid)
                guard let stat = procfs.stat(pid), stat.isLiving else { continue }
                snapshot.add(stat, procfs, known: known)
            }
        }
        return snapshot
    }

    private mutating func add(_ stat: ProcStat, _ procfs: ProcFiles, known: [ProcessIdentity: TreeMark]) {
        var stat = stat
        var mark = procfs.mark(of: stat.pid)
        if mark == .hidden {
            // Looked at again: it may have begun to leave since.
            guard let again = procfs.stat(stat.pid), again.isLiving else { return }
            stat = again
            if let before = known[stat.identity] {
                mark = .mark(before)
            } else if !stat.isLeaving {
                isPassing = true
            }
        }
        orphans.append(Orphan(stat: stat, mark: mark))
    }

    /// The marks that were seen.
    var marks: [ProcessIdentity: TreeMark] {
        var marks: [ProcessIdentity: TreeMark] = [:]
        for orphan in orphans {
            if case .mark(let mark) = orphan.mark { marks[orphan.stat.identity] = mark }
        }
        return marks
    }

    /// So often is the list read at most; one that grows all that time is a fork bomb, whose tree is not empty.
    private static let passes = 16
}
