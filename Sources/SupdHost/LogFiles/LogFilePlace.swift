internal import CSupd
internal import Glibc
internal import SupdPlugin

/// The folder of a log file, and its name there: what a path names, without a step that somebody else could have turned.
///
/// Whoever owns a folder can put a symbolic link there, and a daemon of root's that follows it appends to a file of its target's owner.
/// So a link is followed only where its owner and its folder's are trusted: root, and the daemon's own user (as `unsafe_transition` of
/// systemd's chase.c has it). Folders that are none are taken as they are: nobody can put somebody else's folder in their place.
struct LogFilePlace {
    /// Opened with O_PATH.
    let folder: Int32
    let name: String
    /// Whether the path itself names a link that leads here. What a link names is not rotated.
    let isLinked: Bool
    /// Whether nobody but those who are trusted, and a group they chose, can put a file there.
    let isTrusted: Bool
    /// Whether it is one of the links of procfs that name an open file: followed by the kernel alone.
    let isOpenFile: Bool
    /// The folder's owner.
    let folderOwner: UInt32

    /// symlink(7): more steps than this by way of links are not taken.
    private static let linkLimit = 40

    /// The place that `path` names. The folder is the caller's to close.
    static func find(_ path: String) -> Result<LogFilePlace, LogFileTrouble> {
        var search = Search()
        defer { search.close() }
        do throws(LogFileTrouble) { return .success(try search.find(path)) } catch { return .failure(error) }
    }

    /// Whether `uid` is trusted: root and the daemon's own user, and whoever `/` belongs to, as root is in a user namespace that has no root.
    static func trusts(_ uid: UInt32) -> Bool { uid == 0 || uid == geteuid() || uid == ownerOfRoot }

    private static let ownerOfRoot: UInt32 = {
        var status = stat()
        return stat("/", &status) == 0 ? status.st_uid : 0
    }()

    private struct Search {
        private var folder: Int32 = -1
        /// Names still to be gone through, the next one last.
        private var names: [String] = []
        private var links = 0
        /// Whether the last name of the path was a link.
        private var isLinked = false

        mutating func close() {
            if folder >= 0 { closeDescriptor(folder) }
            folder = -1
        }

        mutating func find(_ path: String) throws(LogFileTrouble) -> LogFilePlace {
            try enter(supd_open_folder(-1, "/", 0), path)
            add(path)
            while let name = names.popLast() {
                if names.isEmpty, name != ".." {
                    if let place = try place(name) { return place }
                } else {
                    try step(into: name, path)
                }
            }
            throw LogFileTrouble(ErrorNumber(EISDIR))
        }

        /// What `name` is in the folder where the way ends there; nil where it is a link, whose target is gone through next.
        private mutating func place(_ name: String) throws(LogFileTrouble) -> LogFilePlace? {
            let own = try status()
            var entry = stat()
            let isLink = fstatat(folder, name, &entry, AT_SYMLINK_NOFOLLOW) == 0 && entry.isLink
            let isOpenFile = isLink && isInProc
            if isLink, !isOpenFile {
                try follow(name, entry, in: own)
                isLinked = true
                return nil
            }
            defer { folder = -1 }
            return LogFilePlace(
                folder: folder, name: name, isLinked: isLinked || isOpenFile,
                isTrusted: trusts(own.st_uid) && own.st_mode & 0o002 == 0, isOpenFile: isOpenFile,
                folderOwner: own.st_uid)
        }

        private mutating func step(into name: String, _ path: String) throws(LogFileTrouble) {
            let next = supd_open_folder(folder, name, 0)
            var entry = stat()
            guard next == -ENOTDIR || next == -ELOOP, fstatat(folder, name, &entry, AT_SYMLINK_NOFOLLOW) == 0,
                entry.isLink
            else { return try enter(next, path) }
            if isInProc { return try enter(supd_open_folder(folder, name, 1), path) }
            try follow(name, entry, in: try status())
        }

        private mutating func follow(_ name: String, _ link: stat, in own: stat) throws(LogFileTrouble) {
            guard trusts(link.st_uid), trusts(own.st_uid) else {
                let owner = trusts(link.st_uid) ? own.st_uid : link.st_uid
                throw LogFileTrouble(
                    ErrorNumber(ELOOP),
                    "'\(name)' is a symbolic link that user \(owner) can have made, and such a link is not followed")
            }
            links += 1
            guard links <= linkLimit else { throw LogFileTrouble(ErrorNumber(ELOOP)) }
            var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
            let count = supd_link_target(folder, name, &buffer, buffer.count)
            guard count >= 0 else { throw LogFileTrouble(ErrorNumber(-count)) }
            let target = String(decoding: buffer[..<Int(count)].map(UInt8.init(bitPattern:)), as: UTF8.self)
            if target.utf8.first == UInt8(ascii: "/") { try enter(supd_open_folder(-1, "/", 0), target) }
            add(target)
        }

        private mutating func add(_ path: String) {
            names += path.split(separator: "/").filter { $0 != "." }.reversed().map(String.init)
        }

        private mutating func enter(_ next: Int32, _ path: String) throws(LogFileTrouble) {
            guard next >= 0 else {
                let error = ErrorNumber(-next)
                guard [ENOENT, ENOTDIR].contains(-next) else { throw LogFileTrouble(error) }
                let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) ?? path.startIndex
                throw LogFileTrouble(error, "its folder \(path[..<slash]) is not there")
            }
            close()
            folder = next
        }

        private func status() throws(LogFileTrouble) -> stat {
            var status = stat()
            guard fstat(folder, &status) == 0 else { throw LogFileTrouble(ErrorNumber(errno)) }
            return status
        }

        /// Whether the folder is one of procfs, whose links name what no path needs to.
        private var isInProc: Bool { supd_is_in_proc(folder) != 0 }
    }
}
