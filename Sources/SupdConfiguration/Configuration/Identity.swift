/// Who a service runs as (credentials(7)).
public struct Identity: Hashable, Sendable {
    /// The user's id.
    public var uid: UInt32
    /// The primary group's id.
    public var gid: UInt32
    /// Supplementary groups: the user's own and `supplementary_groups`.
    public var groups: [UInt32]
    /// The user's name, for `USER` and `LOGNAME`; nil where only an id was given and it has no entry.
    public var userName: String?
    /// The home folder, for `HOME`.
    public var home: String?
    /// The login shell, for `SHELL`.
    public var shell: String?

    /// An identity of these.
    public init(uid: UInt32, gid: UInt32, groups: [UInt32], userName: String?, home: String?, shell: String?) {
        self.uid = uid
        self.gid = gid
        self.groups = groups
        self.userName = userName
        self.home = home
        self.shell = shell
    }
}
