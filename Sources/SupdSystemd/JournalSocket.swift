import CSupd
import Glibc
import SupdHost
import SupdPlugin

/// The journal's socket, in its native protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL).
///
/// libsystemd's sd_journal_sendv waits where the journal is full; a daemon that supervises may not, so the datagrams
/// are made here and sent without waiting.
final class JournalSocket {
    /// Where systemd-journald listens.
    static let standardPath = "/run/systemd/journal/socket"

    private let path: String
    private var descriptor: Int32 = -1
    private var entry: [UInt8] = []

    init(path: String = standardPath) {
        self.path = path
    }

    /// Sends one entry. A journal that went away is connected to anew at the next one.
    func send(_ message: UnsafeRawBufferPointer, fields: [JournalField]) -> WriteResult {
        if descriptor < 0 {
            let connected = supd_journal_connect(path)
            guard connected >= 0 else { return .failed(ErrorNumber(-connected)) }
            descriptor = connected
        }
        entry.removeAll(keepingCapacity: entry.capacity <= 64 * 1024)
        append("MESSAGE", message)
        for field in fields {
            var value = field.value
            value.withUTF8 { append(field.name, UnsafeRawBufferPointer($0)) }
        }
        let outcome = entry.withUnsafeBytes { supd_journal_send(descriptor, $0.baseAddress, $0.count) }
        switch -outcome {
        case 0: return .wrote(message.count)
        case EAGAIN: return .wouldBlock
        case let error:
            close()
            return .failed(ErrorNumber(error))
        }
    }

    /// `NAME=value` where the value is one line; else the name, the value's length in 64 bits little-endian, the value.
    private func append(_ name: String, _ value: UnsafeRawBufferPointer) {
        entry.append(contentsOf: name.utf8)
        let newline = UInt8(ascii: "\n")
        if value.contains(newline) {
            entry.append(newline)
            withUnsafeBytes(of: UInt64(value.count).littleEndian) { entry.append(contentsOf: $0) }
        } else {
            entry.append(UInt8(ascii: "="))
        }
        entry.append(contentsOf: value)
        entry.append(newline)
    }

    private func close() {
        Glibc.close(descriptor)
        descriptor = -1
    }

    deinit {
        if descriptor >= 0 { close() }
    }
}
