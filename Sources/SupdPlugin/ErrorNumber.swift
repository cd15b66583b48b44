import Glibc

/// An `errno` value (errno(3)) with its name and the C library's sentence for it.
public struct ErrorNumber: Error, Hashable, Sendable, CustomStringConvertible {
    /// The number.
    public let rawValue: Int32

    /// The error of that number.
    public init(_ rawValue: Int32) {
        self.rawValue = rawValue
    }

    /// `ENOENT`, or `E123` for a number without a name in the table.
    public var name: String {
        Self.names.first { $0.number == rawValue }?.name ?? "E\(rawValue)"
    }

    /// `ENOENT (No such file or directory)`.
    public var description: String {
        "\(name) (\(String(cString: strerror(rawValue))))"
    }

    private static let names: [(number: Int32, name: String)] = [
        (EPERM, "EPERM"), (ENOENT, "ENOENT"), (ESRCH, "ESRCH"), (EINTR, "EINTR"), (EIO, "EIO"), (ENXIO, "ENXIO"),
        (E2BIG, "E2BIG"), (ENOEXEC, "ENOEXEC"), (EBADF, "EBADF"), (ECHILD, "ECHILD"), (EAGAIN, "EAGAIN"),
        (ENOMEM, "ENOMEM"), (EACCES, "EACCES"), (EFAULT, "EFAULT"), (EBUSY, "EBUSY"), (EEXIST, "EEXIST"),
        (ENODEV, "ENODEV"), (ENOTDIR, "ENOTDIR"), (EISDIR, "EISDIR"), (EINVAL, "EINVAL"), (ENFILE, "ENFILE"),
        (EMFILE, "EMFILE"), (ENOTTY, "ENOTTY"), (ETXTBSY, "ETXTBSY"), (EFBIG, "EFBIG"), (ENOSPC, "ENOSPC"),
        (ESPIPE, "ESPIPE"), (EROFS, "EROFS"), (EPIPE, "EPIPE"), (ELOOP, "ELOOP"), (ENAMETOOLONG, "ENAMETOOLONG"),
        (ENOSYS, "ENOSYS"), (ENOTEMPTY, "ENOTEMPTY"), (ELIBBAD, "ELIBBAD"), (EMSGSIZE, "EMSGSIZE"),
        (EADDRINUSE, "EADDRINUSE"), (ECONNREFUSED, "ECONNREFUSED"), (ECONNRESET, "ECONNRESET"),
        (ENOTCONN, "ENOTCONN"),
        (EOPNOTSUPP, "EOPNOTSUPP"), (ENOBUFS, "ENOBUFS"), (ETIMEDOUT, "ETIMEDOUT"), (EDQUOT, "EDQUOT"),
    ]
}
