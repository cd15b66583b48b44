internal import CSupd
internal import Glibc

extension ControlGroups {
    /// A base that is younger may be one that its daemon is about to enter.
    private static let staleAge = 60

    /// Removes the bases beside this daemon's own that a daemon has left empty when it was killed: one without a control socket, as
    /// of `supd run`, leaves no word for a successor. Those with processes are left alone, whoever's they are.
    static func removeStaleBases(in parent: GroupFolder, sparing own: GroupFolder) {
        for name in parent.childNames ?? [] where name.hasPrefix(basePrefix) {
            let folder = parent.child(name)
            guard folder != own, folder.isPopulated == false, age(of: folder) > staleAge else { continue }
            folder.remove()
        }
    }

    /// In seconds; 0 where it cannot be told.
    private static func age(of folder: GroupFolder) -> Int {
        var status = stat()
        guard lstat(folder.path, &status) == 0 else { return 0 }
        return time(nil) - status.st_ctim.tv_sec
    }
}
