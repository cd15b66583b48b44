internal import Glibc
internal import SupdPlugin

extension ControlGroups {
    /// Whether a group is called like a base that a daemon makes: by its token, so that nobody else's is taken for one.
    static func isBase(named name: some StringProtocol) -> Bool {
        name.hasPrefix(basePrefix) && DaemonRecord.isToken(name.dropFirst(basePrefix.count))
    }

    /// Removes the bases beside this daemon's own that a daemon has left empty when it was killed: one without a control socket, as
    /// of `supd run`, leaves no word for a successor. Those with processes are left alone, whoever's they are, and those of daemons that
    /// live. One that its daemon is about to lock may be among them: that makes it anew (`FolderLock`).
    func removeStaleBases(in parent: GroupFolder, sparing own: GroupFolder) {
        for name in parent.childNames ?? [] where Self.isBase(named: name) {
            let folder = parent.child(name)
            guard folder != own, folder.isPopulated == false, let lock = try? FolderLock.take(folder.path) else {
                continue
            }
            // Locked until it is gone.
            folder.remove()
            closeDescriptor(lock)
        }
    }

    /// Makes the base and locks it.
    func makeBase(_ base: GroupFolder) throws(ErrorNumber) {
        hold(try FolderLock.take(base.path) { () throws(ErrorNumber) in try base.make() })
    }
}
