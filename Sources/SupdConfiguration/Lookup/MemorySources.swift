import Glibc
package import SupdPlugin

/// A world in memory: what is not put into it does not exist.
package struct MemorySources: ConfigurationSources {
    /// The bytes of files by path.
    package var files: [String: [UInt8]]
    /// Files that exist and cannot be read, with the error they give.
    package var unreadable: [String: ErrorNumber]
    /// The users there are.
    package var users: [UserRecord]
    /// The groups there are, by name.
    package var groups: [String: UInt32]
    /// The members of groups beyond their primary ones: names of users by group.
    package var members: [String: Set<String>]
    /// The folders there are; nil where nobody looks for any.
    package var folders: Set<String>?
    /// Where the daemon's own socket is.
    package var standardSocket: String?
    /// The programs there are; nil where nobody looks for any.
    package var programs: Set<String>?
    /// Whether somebody looks into the files of `environment_files`.
    package var hasEnvironmentFiles = false
    /// The paths that may not be used in any way, with the error they give.
    package var forbidden = [String: ErrorNumber]()
    /// What it may do; nil where nobody looks.
    package var privileges: Privileges?
    /// Who the daemon is.
    package var ownCredentials: Credentials

    /// A world of these files, with a root user and group alone.
    package init(_ files: [String: String] = [:]) {
        self.files = files.mapValues { Array($0.utf8) }
        unreadable = [:]
        users = [UserRecord(name: "root", uid: 0, gid: 0, home: "/root", shell: "/bin/sh")]
        groups = ["root": 0]
        members = [:]
        ownCredentials = Credentials(uid: 0, gid: 0, groups: [0])
    }

    /// The file's bytes, or ENOENT.
    package func read(_ path: String, limit: Int) -> Result<FileContents, ErrorNumber> {
        if let error = unreadable[path] { return .failure(error) }
        guard let bytes = files[path] else { return .failure(ErrorNumber(ENOENT)) }
        return bytes.count > limit
            ? .failure(ErrorNumber(EFBIG)) : .success(FileContents(bytes, version: Self.version(of: bytes)))
    }

    /// That of its bytes, with a hash of them in place of a time.
    package func version(of path: String) -> Result<FileVersion?, ErrorNumber> {
        if let error = unreadable[path] { return .failure(error) }
        guard let bytes = files[path] else { return .failure(ErrorNumber(ENOENT)) }
        return .success(Self.version(of: bytes))
    }

    private static func version(of bytes: [UInt8]) -> FileVersion {
        FileVersion(device: 0, inode: 0, size: Int64(bytes.count), modified: Int64(bytes.hashValue))
    }

    /// The paths that match, by fnmatch(3) as glob(3) uses it.
    package func glob(_ pattern: String, in folder: String) -> Result<[String], ErrorNumber> {
        let prefix = pattern.hasPrefix("/") || folder == "." ? "" : folder.hasSuffix("/") ? folder : folder + "/"
        let paths = Array(files.keys) + Array(unreadable.keys)
        let matching = paths.filter { path in
            path.hasPrefix(prefix)
                && fnmatch(pattern, String(path.dropFirst(prefix.count)), FNM_PATHNAME | FNM_PERIOD) == 0
        }
        return .success(matching.sorted())
    }

    /// Whether it is one of `folders`.
    package func isFolder(_ path: String) -> Bool? { folders.map { $0.contains(path) } }

    /// Whether it is one of `files` or of `folders`, where somebody looks for these.
    package func isInTheWay(_ path: String) -> Bool? { folders.map { $0.contains(path) || files[path] != nil } }

    /// Whether it is one of `programs`.
    package func isProgram(_ path: String) -> Bool? { programs.map { $0.contains(path) } }

    /// One of `files`, where somebody looks.
    package func environmentFile(_ path: String) -> Result<[UInt8], FileProblem>? {
        guard hasEnvironmentFiles else { return nil }
        return read(path, limit: WholeFile.limit).map(\.bytes).mapError { FileProblem($0) }
    }

    /// That of `forbidden`.
    package func refusal(of use: FileUse, at path: String) -> ErrorNumber? { forbidden[path] }

    /// The user of that name.
    package func user(named name: String) -> Result<UserRecord?, ErrorNumber> {
        .success(users.first { $0.name == name })
    }

    /// The user of that id.
    package func user(id: UInt32) -> Result<UserRecord?, ErrorNumber> {
        .success(users.first { $0.uid == id })
    }

    /// The group of that name.
    package func group(named name: String) -> Result<UInt32?, ErrorNumber> {
        .success(groups[name])
    }

    /// The primary group and those that `members` puts the user in.
    package func groups(of user: String, primary: UInt32) -> Result<[UInt32], ErrorNumber> {
        let further = groups.filter { members[$0.key]?.contains(user) ?? false }.map(\.value)
        return .success(Set(further + [primary]).sorted())
    }
}
