internal import CSupd
internal import Glibc
internal import SupdPlugin

/// A spawn request's strings as execve(2) wants them, in memory that is used again for every spawn.
struct SpawnArena {
    private var bytes: [UInt8] = []
    /// Where each string begins; negative where a list ends.
    private var offsets: [Int] = []
    private var pointers: [UnsafePointer<CChar>?] = []
    private var limits: [supd_limit] = []
    private(set) var mark = TreeMark(rawValue: 0)
    /// Where the child writes its number; nil where it gets no sockets.
    private var pidOffset: Int?

    /// What a large request needed is given back before the next one.
    private static let keptBytes = 64 * 1024

    /// Copies the strings of `request`. A zero byte in one would cut it short without a word: that is a failure.
    mutating func fill(_ request: SpawnRequest) throws(SpawnFailure) {
        bytes.removeAll(keepingCapacity: bytes.capacity <= Self.keptBytes)
        offsets.removeAll(keepingCapacity: true)
        limits.removeAll(keepingCapacity: true)
        mark = TreeMark(rawValue: 0)
        pidOffset = nil
        for candidate in request.candidates { try add(candidate, stage: .exec) }
        offsets.append(-1)
        for argument in request.arguments { try add(argument, stage: .exec) }
        offsets.append(-1)
        for variable in request.environment {
            let start = bytes.count
            try add(variable, stage: .environment)
            if mark.rawValue == 0, bytes[start...].starts(with: TreeMark.prefix) {
                mark = TreeMark.of(bytes[(start + TreeMark.prefix.count)..<(bytes.count - 1)])
            }
        }
        if !request.sockets.isEmpty { try addSockets(request.sockets) }
        offsets.append(-1)
        try add(request.workingDirectory, stage: .workingDirectory)
        for limit in request.limits {
            limits.append(supd_limit(resource: limit.resource, soft: limit.soft, hard: limit.hard))
        }
    }

    /// sd_listen_fds(3). A process's number has ten digits at most.
    private mutating func addSockets(_ sockets: [PassedSocket]) throws(SpawnFailure) {
        guard sockets.count <= SUPD_SPAWN_SOCKETS_MAX else {
            throw SpawnFailure(stage: .socket, error: ErrorNumber(EMFILE), subject: "\(sockets.count) sockets")
        }
        try add("LISTEN_FDS=\(sockets.count)", stage: .environment)
        try add("LISTEN_FDNAMES=" + sockets.map(\.name).joined(separator: ":"), stage: .environment)
        let name = "LISTEN_PID="
        pidOffset = bytes.count + name.utf8.count
        try add(name + "0000000000", stage: .environment)
    }

    /// Adds a limit that the request does not set itself.
    mutating func addLimit(_ limit: supd_limit) {
        if !limits.contains(where: { $0.resource == limit.resource }) { limits.append(limit) }
    }

    private mutating func add(_ string: String, stage: SpawnFailure.Stage) throws(SpawnFailure) {
        let start = bytes.count
        bytes.append(contentsOf: string.utf8)
        if bytes[start...].contains(0) { throw SpawnFailure(stage: stage, error: ErrorNumber(EINVAL), subject: string) }
        bytes.append(0)
        offsets.append(start)
    }

    /// Calls `body` with a request that has all strings and limits in place; its pointers live as long as the call.
    mutating func withRequest<Value>(_ body: (inout supd_spawn_request) -> Value) -> Value {
        // The bytes do not move from here on.
        bytes.withUnsafeMutableBytes { raw in
            let base = UnsafeRawPointer(raw.baseAddress)
            let pid = pidOffset.map { raw.baseAddress?.advanced(by: $0).assumingMemoryBound(to: CChar.self) } ?? nil
            pointers.removeAll(keepingCapacity: true)
            for offset in offsets {
                pointers.append(offset < 0 ? nil : base?.advanced(by: offset).assumingMemoryBound(to: CChar.self))
            }
            return pointers.withUnsafeBufferPointer { pointers in
                limits.withUnsafeBufferPointer { limits in
                    var request = supd_spawn_request()
                    request.candidates = pointers.baseAddress
                    let arguments = offsets.firstIndex(of: -1).map { $0 + 1 } ?? 0
                    request.arguments = pointers.baseAddress?.advanced(by: arguments)
                    let environment = offsets[arguments...].firstIndex(of: -1).map { $0 + 1 } ?? 0
                    request.environment = pointers.baseAddress?.advanced(by: environment)
                    request.working_directory = pointers.last ?? nil
                    request.pid_text = pid
                    request.limits = limits.baseAddress
                    request.limit_count = limits.count
                    return body(&request)
                }
            }
        }
    }
}
