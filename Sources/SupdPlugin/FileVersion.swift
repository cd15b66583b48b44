/// Which file is at a path and in which state, as far as stat(2) tells: another one after a change, unless that keeps the size and
/// comes within the same tick of the file system's clock (some milliseconds).
package struct FileVersion: Hashable, Sendable {
    /// The device it is on.
    package var device: UInt64
    /// Its number there.
    package var inode: UInt64
    /// Its bytes.
    package var size: Int64
    /// When its contents were changed last, in nanoseconds since 1970.
    package var modified: Int64

    /// A version of these.
    package init(device: UInt64, inode: UInt64, size: Int64, modified: Int64) {
        self.device = device
        self.inode = inode
        self.size = size
        self.modified = modified
    }
}
