import CSupd
import Glibc
package import SupdHost
import SupdPlugin

/// The journal's native protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL) on one connected datagram socket.
///
/// One entry costs one send and no allocation: it is written into a buffer that is used again. An entry that is too large
/// for a datagram goes as a sealed memfd. Nothing here waits.
package final class JournalSocket {
    /// Where journald listens.
    package static let standardPath = "/run/systemd/journal/socket"
    /// Where it listens for streams.
    package static let standardStreamPath = "/run/systemd/journal/stdout"

    private let path: String
    private var socket: Int32 = -1
    private var entry: [UInt8] = []
    /// Entries sent on this connection.
    private var sent = 0
    /// What they took of the kernel's memory when the last of them was sent, as far as they were not read.
    private var unreadBytes = 0
    private var unreadEntries = 0

    /// What libsystemd asks for as well: with the usual buffer 278 short entries fill it.
    private static let sendBuffer: Int32 = 8 * 1024 * 1024
    /// A datagram takes no less of the kernel's memory: its header and a part of a page.
    private static let smallestDatagram = 576
    /// A buffer that has grown larger is given back.
    private static let keptCapacity = 64 * 1024

    /// A socket that is connected to `path` when the first entry is sent.
    package init(path: String) {
        self.path = path
    }

    deinit {
        disconnect()
    }

    /// Sends `message` as the field MESSAGE, and `fields`, whose names must be valid (systemd.journal-fields(7)).
    /// `.wouldBlock`: there is no room now. `.failed`: it was not sent; where nobody listens (ENOENT, ECONNREFUSED) the next
    /// entry connects anew.
    package func send(message: UnsafeRawBufferPointer, fields: [JournalField]) -> WriteResult {
        if socket < 0 {
            let connected = supd_datagram_connect(path, Self.sendBuffer)
            guard connected >= 0 else { return .failed(ErrorNumber(-connected)) }
            socket = connected
        }
        defer { if entry.capacity > Self.keptCapacity { entry = [] } }
        compose(message, fields)
        var error = entry.withUnsafeBytes { Int32(clamping: -supd_send(socket, $0.baseAddress, $0.count)) }
        if error == EMSGSIZE {
            error = entry.withUnsafeBytes { -supd_datagram_send_memfd(socket, $0.baseAddress, $0.count) }
        }
        switch error {
        case ...0:
            sent += 1
            unreadBytes = Int(max(0, supd_datagram_unread(socket)))
            return .wrote(message.count)
        case EAGAIN, EINTR, ENOBUFS, ENOMEM: return .wouldBlock
        case EMSGSIZE, EMFILE, ENFILE: return .failed(ErrorNumber(error))
        default:
            disconnect()
            return .failed(ErrorNumber(error))
        }
    }

    /// How many of the entries that were sent a journal that went since may not have read, at most; counted from the last call on.
    ///
    /// What waits in its queue goes with its socket, and who has sent it is not told. A journald that is started anew by systemd
    /// finds its socket as it was, and loses nothing.
    package func takeUnreadEntries() -> Int {
        defer { unreadEntries = 0 }
        return unreadEntries
    }

    private func disconnect() {
        if socket >= 0 { close(socket) }
        socket = -1
        unreadEntries += min(sent, (unreadBytes + Self.smallestDatagram - 1) / Self.smallestDatagram)
        sent = 0
        unreadBytes = 0
    }

    private func compose(_ message: UnsafeRawBufferPointer, _ fields: [JournalField]) {
        entry.removeAll(keepingCapacity: true)
        appendField("MESSAGE", message)
        for field in fields {
            var value = field.value
            value.withUTF8 { appendField(field.name, UnsafeRawBufferPointer($0)) }
        }
    }

    /// `NAME=value`, or where the value has a newline the name, its length in 64 bits, low byte first, and the value.
    private func appendField(_ name: String, _ value: UnsafeRawBufferPointer) {
        entry.append(contentsOf: name.utf8)
        let hasNewline = value.baseAddress.map { memchr($0, 0x0A, value.count) != nil } ?? false
        if hasNewline {
            entry.append(0x0A)
            withUnsafeBytes(of: UInt64(value.count).littleEndian) { entry.append(contentsOf: $0) }
        } else {
            entry.append(UInt8(ascii: "="))
        }
        entry.append(contentsOf: value)
        entry.append(0x0A)
    }
}
