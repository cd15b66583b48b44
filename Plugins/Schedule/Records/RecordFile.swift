import Glibc
import SupdPlugin

/// Where records are kept between two daemons. Its path is whole or absent at any time: a new file takes the old one's place.
struct RecordFile: Sendable {
    static let mode: mode_t = 0o600

    let path: String

    /// What is kept; nil where there is no file. Throws where it cannot be read, or is none of ours.
    func read() throws(RecordError) -> RunRecords? {
        // A FIFO in its place must not keep the daemon waiting.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            guard errno == ENOENT else { throw failure("open") }
            return nil
        }
        defer { close(descriptor) }
        let limit = RunRecords.maximumBytes
        var bytes = [UInt8](repeating: 0, count: limit + 1)
        var length = 0
        while length < bytes.count {
            let count = bytes.withUnsafeMutableBytes { buffer in
                Glibc.read(descriptor, buffer.baseAddress.map { $0 + length }, buffer.count - length)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure("read") }
            if count == 0 { break }
            length += count
        }
        guard length <= limit else { throw RecordError("it is longer than \(limit) bytes") }
        return try RunRecords(Array(bytes[..<length]))
    }

    /// Keeps `records` in place of what was kept, so that they are there after a loss of power too.
    func write(_ records: RunRecords) throws(RecordError) {
        let new = path + ".new"
        // What a daemon that was killed has left here; nothing may be followed that lies in its place.
        guard unlink(new) == 0 || errno == ENOENT else { throw failure("unlink", of: new) }
        let descriptor = open(new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, Self.mode)
        guard descriptor >= 0 else { throw failure("open", of: new) }
        let error = fill(descriptor, records.bytes)
        close(descriptor)
        if let error {
            unlink(new)
            throw error
        }
        guard rename(new, path) == 0 else { throw failure("rename", of: new) }
        try syncFolder()
    }

    private func fill(_ descriptor: Int32, _ bytes: [UInt8]) -> RecordError? {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return failure("write", of: path + ".new") }
            rest = rest.dropFirst(count)
        }
        return fsync(descriptor) == 0 ? nil : failure("fsync", of: path + ".new")
    }

    private func syncFolder() throws(RecordError) {
        let end = path.lastIndex(of: "/") ?? path.startIndex
        let folder = end == path.startIndex ? "/" : String(path[..<end])
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open", of: folder) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("fsync", of: folder) }
    }

    private func failure(_ call: String, of subject: String? = nil) -> RecordError {
        RecordError("\(call) of \(subject ?? path): \(ErrorNumber(errno))")
    }
}
