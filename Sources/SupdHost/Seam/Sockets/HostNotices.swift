package import SupdPlugin

/// Sockets through which services say something of themselves (sd_notify(3)), each its own.
package protocol HostNotices: AnyObject {
    /// Makes a socket that only the user `uid`, or the daemon's own for nil, and root can send to; it is watched. To be closed by `closeNotices`.
    func openNotices(for uid: UInt32?) -> Result<NoticeSocket, ErrorNumber>
    /// Takes the next datagram; nil where none waits, or the socket is closed.
    func nextNotice(_ socket: NoticeSocket) -> ReceivedNotice?
    /// Closes a socket and removes its file. Nothing on a second call.
    func closeNotices(_ socket: NoticeSocket)
    /// Makes a pipe of which a program gets the end to write, and may say through it that it is ready. The other end is watched, and closed by
    /// `HostBytes.close`; the program's end by `dropWriting`.
    func openReadyPipe() -> Result<(channel: Channel, writing: BoundSocket), ErrorNumber>
    /// Closes the program's end of a pipe, once no child needs its number any more.
    func dropWriting(_ end: BoundSocket)
    /// What tells the open files of services' descriptors apart, as far as it does.
    func identity(of descriptor: BoundSocket) -> FileIdentity
    /// Whether two descriptors of one identity are of one open file, as duplicates are.
    func areSame(_ descriptor: BoundSocket, _ other: BoundSocket) -> Bool
    /// Has `.hungUp` told, once, of a descriptor that is kept: its other end is gone, or it has failed (poll(2)). Until it is dropped. Nil of
    /// what is neither a socket, a pipe nor a device: it cannot be asked without waiting for whoever serves it, perhaps.
    func tellHangUp(of descriptor: BoundSocket) -> Channel?
    /// Closes descriptors that came with datagrams of `socket` and are not kept, or not any more. What is behind them may hang: that holds up
    /// nobody but who sent them, of whom nothing more is taken for so long.
    func drop(_ descriptors: [BoundSocket], of socket: NoticeSocket)
    /// The same of one that an earlier daemon has kept, and that is nobody's any more.
    func drop(_ descriptor: BoundSocket)
    /// Whether nobody has removed the socket's file.
    func isInPlace(_ socket: NoticeSocket) -> Bool
    /// How many descriptors of services' may be kept in all, so that enough are left for everything else.
    var keptDescriptors: Int { get }
    /// Whether a process is of `tree`. Where that cannot be seen yet, `.adoptedReaped` is told once it is worth another look.
    func membership(of process: Int32, in tree: ProcessTree) -> Membership
}

/// What can be seen of whether a process is of a tree.
package enum Membership: Sendable {
    /// It is.
    case member
    /// It is not, or is gone.
    case stranger
    /// It hides what it carries, or could not be looked at so far.
    case unclear
}

/// A socket for notices.
package struct NoticeSocket: Hashable, Sendable {
    /// What `.readable` tells of it.
    package var channel: Channel
    /// Its file.
    package var path: String

    /// The socket of these.
    package init(channel: Channel, path: String) {
        self.channel = channel
        self.path = path
    }
}

/// What a descriptor is of, by statx(2). Two of one open file have the same; and some others as well, as those of eventfd(2).
package struct FileIdentity: Hashable, Sendable {
    /// The file system.
    package var device: UInt64
    /// The file on it.
    package var inode: UInt64

    /// The identity of these.
    package init(device: UInt64, inode: UInt64) {
        self.device = device
        self.inode = inode
    }
}

/// One datagram.
package struct ReceivedNotice: Hashable, Sendable {
    /// Who sent it, as the kernel saw it.
    package var sender: Int32
    /// Its text, of which at most `longest` bytes are there.
    package var bytes: [UInt8]
    /// Whether there was more.
    package var isCut: Bool
    /// What came with it: the receiver's to keep, or to `drop`.
    package var descriptors: [BoundSocket]
    /// Whether there was more, and no descriptor left for it.
    package var hasLost: Bool

    /// The most bytes that are taken of one (sd_notify(3)).
    package static let longest = 4096

    /// A datagram of these.
    package init(
        sender: Int32, bytes: [UInt8], isCut: Bool = false, descriptors: [BoundSocket] = [], hasLost: Bool = false
    ) {
        self.sender = sender
        self.bytes = bytes
        self.isCut = isCut
        self.descriptors = descriptors
        self.hasLost = hasLost
    }
}
