import Glibc

/// What is read whole and by paths that others write: regular files that are not too long.
package enum WholeFile {
    /// The most bytes that one may have.
    package static let limit = 1 << 20

    /// What keeps a file of that mode (stat(2)) from being read; nil of a regular one. Whoever reads a FIFO waits for its writer, some
    /// devices never end, and reading may do something.
    package static func problem(ofMode mode: UInt32) -> FileProblem? {
        let kind: String
        switch mode & S_IFMT {
        case S_IFREG: return nil
        case S_IFDIR: kind = "a folder"
        case S_IFIFO: kind = "a FIFO"
        case S_IFCHR, S_IFBLK: kind = "a device"
        case S_IFSOCK: kind = "a socket"
        default: kind = "no file"
        }
        return FileProblem(ErrorNumber(EINVAL), "it is \(kind), and only a regular file is read")
    }

    /// That it has more than so many bytes.
    package static func tooLong(_ limit: Int = WholeFile.limit) -> FileProblem {
        FileProblem(ErrorNumber(EFBIG), "it has more than \(limit >> 10) KiB")
    }
}
