internal import CSupd
internal import Glibc

extension ControlGroups {
    /// Removes the bases beside this daemon's own that a daemon has left empty when it was killed: one without a control socket, as
    /// of `supd run`, leaves no word for a successor. Those with processes are left alone, whoever's they are, and those of daemons that
    /// live. One that its daemon is about to lock may be among them: that makes it anew (`makeBase`).
    func removeStaleBases(in parent: GroupFolder, sparing own: GroupFolder) {
        for name in parent.childNames ?? [] where name.hasPrefix(Self.basePrefix) {
            let folder = parent.child(name)
            guard folder != own, folder.isPopulated == false else { continue }
            let lock = supd_open(folder.path, O_RDONLY | O_DIRECTORY, 0)
            guard lock >= 0 else { continue }
            // Locked until it is gone.
            if supd_lock_exclusively(lock) != -EWOULDBLOCK { folder.remove() }
            closeDescriptor(lock)
        }
    }

    /// How often a base is made before it is given up, and how many microseconds are between two tries.
    private static let makings = 100
    private static let makingPause: UInt32 = 1_000

    /// Makes the base and locks it. Before that it may look like one that was left, and be removed by another daemon that begins: then it is
    /// made anew. 0, or the error's number: EBUSY where another daemon has it, EMFILE and such where
    /// it can be tried again.
    func makeBase(_ base: GroupFolder) -> Int32 {
        for _ in 0..<Self.makings {
            let error = base.make()
            guard error == 0 else { return error }
            let want = lock(base)
            if want == 0, isClaimThere(base) { return 0 }
            if Self.isWant(want) {
                // One that is not locked is soon removed by another daemon that begins.
                base.remove()
                return want
            }
            usleep(Self.makingPause)
        }
        return EBUSY
    }

    /// Whether what is locked is what has the path now.
    private func isClaimThere(_ base: GroupFolder) -> Bool {
        var (locked, named) = (stat(), stat())
        guard lstat(base.path, &named) == 0 else { return false }
        return fstat(claim, &locked) == 0 && locked.st_ino == named.st_ino
    }
}
