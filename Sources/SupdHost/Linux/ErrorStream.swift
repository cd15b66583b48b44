internal import CSupd
internal import Glibc
internal import SupdPlugin

/// Standard error, written to without ever waiting and without O_NONBLOCK on what it may share with other processes
/// (a shell's terminal would be non-blocking for the shell as well).
struct ErrorStream {
    private enum Way {
        /// An open file of the daemon's own, or one whose writes never wait: write(2).
        case plain
        /// A socket: send(2) with MSG_DONTWAIT.
        case socket
        /// Asked whether there is room, then written in pieces that fit where there is any.
        case polled
    }

    /// Whether it is a regular file, which may hang: `ErrorFile` writes it.
    let isFile: Bool
    /// The descriptor to write to: 2, or one of the daemon's own for the same pipe or terminal.
    let descriptor: Int32
    private let way: Way

    init() {
        let kind = supd_file_kind(2)
        isFile = kind == Int32(S_IFREG)
        switch kind {
        case Int32(S_IFSOCK):
            (descriptor, way) = (2, .socket)
        case Int32(S_IFIFO), Int32(S_IFCHR):
            // Opened again it is another open file (proc(5), /proc/PID/fd): this one may be non-blocking. That
            // may be refused, where the daemon changed its user for one.
            let own = supd_open("/proc/self/fd/2", O_WRONLY, 0)
            (descriptor, way) = own >= 0 ? (own, .plain) : (2, .polled)
        default:
            // A file is never opened again: the new one would have an offset of its own and write over the rest.
            (descriptor, way) = (2, .plain)
        }
    }

    /// poll(2) and pipe(7): where a pipe is writable, this much goes in without waiting.
    private static let pieceMaximum = Int(PIPE_BUF)

    func write(_ bytes: UnsafeRawBufferPointer) -> WriteResult {
        switch way {
        case .plain: return WriteResult(Glibc.write(descriptor, bytes.baseAddress, bytes.count))
        case .socket:
            let sent = supd_send(descriptor, bytes.baseAddress, bytes.count)
            return WriteResult(sent, error: Int32(clamping: -sent))
        case .polled: return writePolled(bytes)
        }
    }

    private func writePolled(_ bytes: UnsafeRawBufferPointer) -> WriteResult {
        var done = 0
        while done < bytes.count {
            let room = supd_poll_writable(descriptor)
            guard room > 0 else {
                if done > 0 { break }
                return room == 0 ? .wouldBlock : .failed(ErrorNumber(-room))
            }
            let piece = UnsafeRawBufferPointer(rebasing: bytes[done...].prefix(Self.pieceMaximum))
            let count = Glibc.write(descriptor, piece.baseAddress, piece.count)
            if count < 0 {
                if done > 0 { break }
                return WriteResult(count)
            }
            done += count
        }
        return .wrote(done)
    }
}

extension WriteResult {
    /// What write(2) and its kin returned.
    init(_ count: Int, error: Int32 = errno) {
        if count >= 0 {
            self = .wrote(count)
        } else if error == EAGAIN || error == EINTR {
            self = .wouldBlock
        } else {
            self = .failed(ErrorNumber(error))
        }
    }
}

extension ReadResult {
    /// What read(2) and its kin returned.
    init(_ count: Int, error: Int32 = errno) {
        if count > 0 {
            self = .bytes(count)
        } else if count == 0 {
            self = .end
        } else if error == EAGAIN || error == EINTR {
            self = .wouldBlock
        } else {
            self = .failed(ErrorNumber(error))
        }
    }
}
