internal import CSupd
internal import Glibc
internal import SupdPlugin

extension LogFileWriter {
    typealias Opened = (descriptor: Int32, place: LogFilePlace, status: stat)

    /// Opens what the path names to append to, never waiting for the other end of a pipe; makes it where it is not there.
    func open() -> Result<Opened, LogFileTrouble> {
        var error = ErrorNumber(ELOOP)
        for _ in 0..<Self.attempts {
            switch LogFilePlace.find(settings.path) {
            case .failure(let trouble): return .failure(trouble)
            case .success(let place):
                switch open(place) {
                case .success(let opened): return .success(opened)
                case .failure(let trouble):
                    closeDescriptor(place.folder)
                    // Somebody has put a link, or another file, there meanwhile.
                    guard [EEXIST, ELOOP].contains(trouble.error.rawValue) else { return .failure(trouble) }
                    error = trouble.error
                }
            }
        }
        return .failure(LogFileTrouble(error))
    }

    private func open(_ place: LogFilePlace) -> Result<Opened, LogFileTrouble> {
        let flags = O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC
        var descriptor = openat(place.folder, place.name, flags | (place.isOpenFile ? 0 : O_NOFOLLOW))
        var isNew = false
        if descriptor < 0, errno == ENOENT, !place.isOpenFile {
            descriptor = openat(place.folder, place.name, flags | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
            isNew = descriptor >= 0
        }
        guard descriptor >= 0 else { return .failure(trouble(ErrorNumber(errno), place)) }
        var status = stat()
        var trouble: LogFileTrouble?
        if fstat(descriptor, &status) != 0 {
            trouble = LogFileTrouble(ErrorNumber(errno))
        } else if isNew {
            giveToOwner(descriptor, status)
        } else {
            trouble = Self.objection(to: status, at: place, owner: settings.owner)
        }
        guard let trouble else { return .success((descriptor, place, status)) }
        closeDescriptor(descriptor)
        return .failure(trouble)
    }

    private func trouble(_ error: ErrorNumber, _ place: LogFilePlace) -> LogFileTrouble {
        var status = stat()
        guard error.rawValue == ENXIO, fstatat(place.folder, place.name, &status, 0) == 0 else {
            return LogFileTrouble(error)
        }
        switch status.st_mode & S_IFMT {
        case S_IFIFO: return LogFileTrouble(error, "nobody reads the pipe")
        case S_IFSOCK: return LogFileTrouble(error, "it is a socket, which cannot be opened")
        default: return LogFileTrouble(error)
        }
    }

    /// By descriptor, and to the mode exactly, whatever the umask is. Where that is refused (another user's daemon, a file system
    /// without owners) lines are written all the same.
    private func giveToOwner(_ descriptor: Int32, _ status: stat) {
        if let owner = settings.owner, owner.uid != status.st_uid || owner.gid != status.st_gid,
            fchown(descriptor, owner.uid, owner.gid) != 0
        {
            let error = ErrorNumber(errno)
            ownerTrouble = LogFileTrouble(error, "given to user \(owner.uid) and group \(owner.gid): \(error)")
        }
        if fchmod(descriptor, settings.mode) != 0 {
            let error = ErrorNumber(errno)
            ownerTrouble = LogFileTrouble(error, "given its mode: \(error)")
        }
    }

    /// What speaks against writing to a file that somebody put into a folder where others than root and the daemon's user can: that it is
    /// somebody's who has no business there, or that it is another name (link(2)) of a file that the folder's owner could not write to.
    static func objection(to status: stat, at place: LogFilePlace, owner: FileOwner?) -> LogFileTrouble? {
        guard !place.isTrusted, !place.isOpenFile else { return nil }
        let uid = status.st_uid
        guard uid != place.folderOwner || LogFilePlace.trusts(uid) else { return nil }
        guard LogFilePlace.trusts(uid) || uid == owner?.uid else {
            return LogFileTrouble(
                ErrorNumber(EACCES), "it belongs to user \(uid), and anybody can have put it into its folder")
        }
        guard status.isRegular, status.st_nlink > 1 else { return nil }
        return LogFileTrouble(
            ErrorNumber(EMLINK), "it has \(status.st_nlink) names, and can be another file of user \(uid)'s")
    }
}
