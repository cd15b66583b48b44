internal import Glibc
internal import SupdPlugin

extension LogFileWriter {
    /// Moves a full file out of the way: `file.N-1` becomes `file.N` and so on, and the file itself `file.1`; where none is kept it is
    /// removed. True where it was done; false where the path names another file by now. All of it in the folder that the file was opened in.
    ///
    /// Nothing but regular files is moved, and afterwards the name is proved free: rename(2) of two names of one file does nothing, and
    /// says that it was done.
    func rotate(_ open: Open) -> Result<Bool, LogFileTrouble> {
        let folder = open.place.folder
        let name = open.place.name
        var named = stat()
        guard fstatat(folder, name, &named, AT_SYMLINK_NOFOLLOW) == 0 else {
            let error = ErrorNumber(errno)
            return error.rawValue == ENOENT ? .success(false) : .failure(LogFileTrouble(error))
        }
        guard named.isSameFile(as: open.status) else { return .success(false) }
        let moved: LogFileTrouble?
        if settings.rotateKeep > 0 {
            moved = shift(open)
        } else {
            moved = unlinkat(folder, name, 0) == 0 ? nil : LogFileTrouble(ErrorNumber(errno))
        }
        if let moved { return .failure(moved) }
        if fstatat(folder, name, &named, AT_SYMLINK_NOFOLLOW) == 0, named.isSameFile(as: open.status) {
            return .failure(LogFileTrouble(ErrorNumber(EEXIST), "it was renamed and still has its name"))
        }
        return .success(true)
    }

    private func shift(_ open: Open) -> LogFileTrouble? {
        let folder = open.place.folder
        let name = open.place.name
        var numbers: [Int] = []
        for number in 1...settings.rotateKeep {
            var old = stat()
            guard fstatat(folder, "\(name).\(number)", &old, AT_SYMLINK_NOFOLLOW) == 0 else {
                if errno == ENOENT { continue }
                return LogFileTrouble(ErrorNumber(errno))
            }
            guard old.isRegular else {
                return LogFileTrouble(ErrorNumber(EEXIST), "\(name).\(number) is in the way, and no regular file")
            }
            guard !old.isSameFile(as: open.status) else {
                return LogFileTrouble(ErrorNumber(EEXIST), "\(name).\(number) is another name of the same file")
            }
            numbers.append(number)
        }
        for number in numbers.reversed() where number < settings.rotateKeep {
            // ENOENT: it was removed meanwhile.
            guard renameat(folder, "\(name).\(number)", folder, "\(name).\(number + 1)") == 0 || errno == ENOENT else {
                return LogFileTrouble(ErrorNumber(errno))
            }
        }
        guard renameat(folder, name, folder, "\(name).1") == 0 || errno == ENOENT else {
            return LogFileTrouble(ErrorNumber(errno))
        }
        return nil
    }
}
