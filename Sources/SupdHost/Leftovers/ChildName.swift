internal import CSupd

/// What a child of the daemon is called before its execve(2), where it has the daemon's memory and shows nobody's mark: `supd:` and the
/// beginning of the daemon's token. The next daemon knows it by that.
struct ChildName: Hashable {
    /// At most 15 bytes, as the kernel keeps no more (prctl(2), PR_SET_NAME).
    private let bytes: [UInt8]

    init(token: String) { bytes = Array(("supd:" + token).utf8.prefix(Int(SUPD_SPAWN_NAME_SIZE) - 1)) }

    /// Whether a process has it by what /proc/PID/stat says: `PID (NAME) STATE …`.
    func isName(in stat: UnsafeRawBufferPointer) -> Bool {
        guard let start = stat.firstIndex(of: UInt8(ascii: "(")), let end = stat.lastIndex(of: UInt8(ascii: ")")) else {
            return false
        }
        return stat[start..<end].dropFirst().elementsEqual(bytes)
    }

    /// Has the child of a request call itself so.
    func apply(to request: inout supd_spawn_request) {
        withUnsafeMutableBytes(of: &request.name) { name in
            name.copyBytes(from: bytes)
        }
    }
}
