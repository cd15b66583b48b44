import Glibc
import SupdPlugin

/// Counts a port's connections in what the kernel writes of them (proc_pid_net(5), `tcp`), in pieces as they are read.
///
///     sl  local_address rem_address   st …
///      0: 0100007F:1F90 00000000:0000 0A …
struct ConnectionCounter {
    /// TCP_ESTABLISHED.
    private static let established = Array("01".utf8)
    /// A line has about 150 bytes; what is longer is none.
    private static let longestLine = 4096

    private(set) var count = 0
    private let port: [UInt8]
    private var line: [UInt8] = []

    /// A counter of the connections of a local port.
    init(port: Int) {
        let digits = String(port, radix: 16, uppercase: true)
        self.port = Array((String(repeating: "0", count: max(4 - digits.utf8.count, 0)) + digits).utf8)
    }

    /// Takes the next piece. A line without an end is not counted.
    mutating func add(_ bytes: some Sequence<UInt8>) {
        for byte in bytes {
            if byte != UInt8(ascii: "\n") {
                if line.count < Self.longestLine { line.append(byte) }
                continue
            }
            if isCounted { count += 1 }
            line.removeAll(keepingCapacity: true)
        }
    }

    private var isCounted: Bool {
        let fields = line.split(separator: UInt8(ascii: " "), maxSplits: 4)
        guard fields.count > 3, fields[3].elementsEqual(Self.established) else { return false }
        let local = fields[1]
        guard let colon = local.lastIndex(of: UInt8(ascii: ":")) else { return false }
        return local[local.index(after: colon)...].elementsEqual(port)
    }

    /// How many established connections `port` has now, of both versions of IP. Throws where the kernel's list cannot be
    /// read; that there is no IPv6 is no failure.
    static func connections(of port: Int, folder: String = "/proc/net") throws -> Int {
        var counter = ConnectionCounter(port: port)
        try counter.read("\(folder)/tcp", isOptional: false)
        try counter.read("\(folder)/tcp6", isOptional: true)
        return counter.count
    }

    private mutating func read(_ path: String, isOptional: Bool) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if isOptional, errno == ENOENT { return }
            throw HookFailure("open of \(path): \(ErrorNumber(errno))")
        }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 32 * 1024)
        while true {
            let length = Glibc.read(descriptor, &buffer, buffer.count)
            if length == 0 { break }
            guard length > 0 else {
                if errno == EINTR { continue }
                throw HookFailure("read of \(path): \(ErrorNumber(errno))")
            }
            add(buffer[..<length])
        }
        line.removeAll()
    }
}
