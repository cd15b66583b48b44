/// A user and a group that a file belongs to.
package struct FileOwner: Hashable, Sendable {
    /// The user's id.
    package var uid: UInt32
    /// The group's id.
    package var gid: UInt32

    /// The owner of these ids.
    package init(uid: UInt32, gid: UInt32) {
        self.uid = uid
        self.gid = gid
    }
}
