/// Who a service runs as (credentials(7)).
package struct Identity: Hashable, Sendable {
    /// The user's id.
    package var uid: UInt32
    /// The primary group's id.
    package var gid: UInt32
    /// Supplementary groups: the user's own and `supplementary_groups`.
    package var groups: [UInt32]
    /// The user's name, for `USER` and `LOGNAME`; nil where only an id was given and it has no entry.
    package var userName: String?
    /// The home folder, for `HOME`.
    package var home: String?
    /// The login shell, for `SHELL`.
    package var shell: String?

    /// An identity of these.
    package init(uid: UInt32, gid: UInt32, groups: [UInt32], userName: String?, home: String?, shell: String?) {
        self.uid = uid
        self.gid = gid
        self.groups = groups
        self.userName = userName
        self.home = home
        self.shell = shell
    }
}
