import CAcceptance
import Glibc

/// A file descriptor that is closed with its last owner.
final class Descriptor: Sendable {
    let number: Int32

    init(_ number: Int32) {
        self.number = number
    }

    /// Takes what a C call answered: a descriptor, or an error number below zero.
    convenience init(answer: Int32, of what: String) throws {
        guard answer >= 0 else { throw Failure("\(what): \(String(cString: strerror(-answer)))") }
        self.init(answer)
    }

    deinit {
        close(number)
    }

    static func null(_ flags: Int32 = O_RDWR) throws -> Descriptor {
        try Descriptor(answer: open("/dev/null", flags | O_CLOEXEC), of: "/dev/null")
    }

    static func pipe() throws -> (reading: Descriptor, writing: Descriptor) {
        var ends: [Int32] = [-1, -1]
        let answer = acceptance_pipe(&ends)
        guard answer == 0 else { throw Failure("pipe: \(String(cString: strerror(-answer)))") }
        return (Descriptor(ends[0]), Descriptor(ends[1]))
    }

    enum Chunk {
        case bytes([UInt8])
        case nothingNow
        case end
    }

    func readChunk(limit: Int = 65_536) throws -> Chunk {
        var buffer = [UInt8](repeating: 0, count: limit)
        let count = read(number, &buffer, limit)
        if count > 0 { return .bytes(Array(buffer[..<count])) }
        if count == 0 { return .end }
        if errno == EAGAIN || errno == EINTR { return .nothingNow }
        // The other end was closed with bytes of ours unread: for a reader that is an end.
        if errno == ECONNRESET { return .end }
        throw Failure("read: \(String(cString: strerror(errno)))")
    }

    /// Writes as much as goes now; nil where nothing goes.
    func writeSome(_ bytes: ArraySlice<UInt8>) throws -> Int? {
        let count = bytes.withUnsafeBytes { send(number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        if count >= 0 { return count }
        if errno == EAGAIN || errno == EINTR { return nil }
        throw Failure("write: \(String(cString: strerror(errno)))")
    }

    func becomesReadable(by deadline: Deadline) async throws -> Bool {
        try await Poller.shared.wait(for: Int16(POLLIN), of: self, until: deadline)
    }

    func becomesWritable(by deadline: Deadline) async throws -> Bool {
        try await Poller.shared.wait(for: Int16(POLLOUT), of: self, until: deadline)
    }
}
