package import SupdPlugin

/// Everything that reading a configuration asks of the world.
///
/// `SystemSources` asks the machine; `MemorySources` is a world of its own, for tests and for a configuration that is
/// not in a file. All calls are made while a configuration is loaded or compared with its files, and none besides.
package protocol ConfigurationSources: Sendable {
    /// The bytes of a file, and which they are of; EFBIG where it has more than `limit`.
    func read(_ path: String, limit: Int) -> Result<FileContents, ErrorNumber>
    /// Which file is at a path now; nil for one that shows no change, as a pipe.
    func version(of path: String) -> Result<FileVersion?, ErrorNumber>
    /// The files that `pattern` (glob(7)) matches in byte order, perhaps none. A relative pattern is relative to
    /// `folder`, whose own name is taken as it is, whatever characters it has; `.` adds nothing to the paths.
    func glob(_ pattern: String, in folder: String) -> Result<[String], ErrorNumber>
    /// The user of a name, nil where there is none.
    func user(named name: String) -> Result<UserRecord?, ErrorNumber>
    /// The user of an id, nil where there is none.
    func user(id: UInt32) -> Result<UserRecord?, ErrorNumber>
    /// The id of the group of a name, nil where there is none.
    func group(named name: String) -> Result<UInt32?, ErrorNumber>
    /// Every group that a user is a member of, `primary` included, in ascending order.
    func groups(of user: String, primary: UInt32) -> Result<[UInt32], ErrorNumber>
    /// Whether there is a folder at a path; nil where nobody looks, as a daemon that has other things to do than to wait for a disk.
    func isFolder(_ path: String) -> Bool?
    /// Whether something is at a path that is no socket, so that none is made there; nil where that cannot be told, and where nobody looks.
    func isInTheWay(_ path: String) -> Bool?
    /// Where the daemon's own socket is if the configuration names no place; nil where that is not known.
    var standardSocket: String? { get }
    /// Whether there is a file at a path that somebody may execute; nil where that cannot be told, and where nobody looks.
    func isProgram(_ path: String) -> Bool?
    /// The bytes of a file of `environment_files` (`WholeFile`); nil where who asks may not read it, and where nobody looks: a daemon reads them at
    /// each start.
    func environmentFile(_ path: String) -> Result<[UInt8], FileProblem>?
    /// Why who asks may not use what is at a path so; nil where he may, where nothing is there, and where nobody looks.
    func refusal(of use: FileUse, at path: String) -> ErrorNumber?
    /// What who asks may do, where that is to be looked at; nil where nobody looks.
    var privileges: Privileges? { get }
    /// Who the daemon itself is, for a service that names a group and no user.
    var ownCredentials: Credentials { get }
}

/// A file that was read.
package struct FileContents: Hashable, Sendable {
    /// All of it.
    package var bytes: [UInt8]
    /// Which file that was, in the state before it was read; nil for one that shows no change, as a pipe.
    package var version: FileVersion?

    /// A file of these.
    package init(_ bytes: [UInt8], version: FileVersion? = nil) {
        self.bytes = bytes
        self.version = version
    }
}

/// An entry of passwd(5).
package struct UserRecord: Hashable, Sendable {
    /// The user's name.
    package var name: String
    /// The user's id.
    package var uid: UInt32
    /// The primary group's id.
    package var gid: UInt32
    /// The home folder.
    package var home: String
    /// The login shell.
    package var shell: String

    /// An entry of these.
    package init(name: String, uid: UInt32, gid: UInt32, home: String, shell: String) {
        self.name = name
        self.uid = uid
        self.gid = gid
        self.home = home
        self.shell = shell
    }
}

/// Ids that a process runs with (credentials(7)).
package struct Credentials: Hashable, Sendable {
    /// Effective user id.
    package var uid: UInt32
    /// Effective group id.
    package var gid: UInt32
    /// Supplementary groups, in ascending order.
    package var groups: [UInt32]

    /// Credentials of these.
    package init(uid: UInt32, gid: UInt32, groups: [UInt32]) {
        self.uid = uid
        self.gid = gid
        self.groups = groups
    }
}
