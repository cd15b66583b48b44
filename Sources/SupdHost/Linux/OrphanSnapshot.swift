/// The living processes that were adopted by the daemon, at one moment, each with what tells whose it was.
struct OrphanSnapshot {
    struct Orphan {
        var stat: ProcStat
        var mark: ProcFiles.MarkSighting

        /// Whether it belongs to the tree. One whose mark cannot be seen just now may belong to any; that passes, and
        /// until then nobody's tree is proved empty.
        func belongs(to mark: TreeMark, leader: Int32?) -> Bool {
            self.mark == .mark(mark) || self.mark == .hidden || stat.session == leader || stat.group == leader
        }
    }

    var orphans: [Orphan] = []

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
                var mark = procfs.mark(of: pid)
                if mark == .hidden, let before = known[stat.identity] { mark = .mark(before) }
                snapshot.orphans.append(Orphan(stat: stat, mark: mark))
            }
        }
        return snapshot
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
