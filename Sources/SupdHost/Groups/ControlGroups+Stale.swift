internal import CSupd
internal import Glibc

extension ControlGroups {
    /// A base that is younger may be one that its daemon is about to lock.
    private static let staleAge = 60

    /// Removes the bases beside this daemon's own that a daemon has left empty when it was killed: one without a control socket, as
    /// of `supd run`, leaves no word for a successor. Those with processes are left alone, whoever's they are, and those of daemons that
    /// live.
    func removeStaleBases(in parent: GroupFolder, sparing own: GroupFolder) {
        for name in parent.childNames ?? [] where name.hasPrefix(Self.basePrefix) {
            let folder = parent.child(name)
            guard folder != own, folder.isPopulated == false, Self.age(of: folder) > Self.staleAge,
                !Self.isClaimed(folder)
            else { continue }
            folder.remove()
        }
    }

    /// Whether a daemon that lives has locked it.
    private static func isClaimed(_ folder: GroupFolder) -> Bool {
        let descriptor = supd_open(folder.path, O_RDONLY | O_DIRECTORY, 0)
        guard descriptor >= 0 else { return true }
        defer { closeDescriptor(descriptor) }
        return supd_lock_exclusively(descriptor) == -EWOULDBLOCK
    }

    /// In seconds; 0 where it cannot be told.
    private static func age(of folder: GroupFolder) -> Int {
        var status = stat()
        guard lstat(folder.path, &status) == 0 else { return 0 }
        return time(nil) - status.st_ctim.tv_sec
    }
}
