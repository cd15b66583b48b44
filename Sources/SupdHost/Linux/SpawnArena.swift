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
    private var sockets: [Int32] = []
    /// Where in `bytes` the child writes its own number; nil where it gets no sockets.
    private var listenPID: Int?
    private(set) var mark = TreeMark(rawValue: 0)

    /// What a large request needed is given back before the next one.
    private static let keptBytes = 64 * 1024

    /// Copies the strings of `request`. A zero byte in one would cut it short without a word: that is a failure.
    mutating func fill(_ request: SpawnRequest) throws(SpawnFailure) {
        bytes.removeAll(keepingCapacity: bytes.capacity <= Self.keptBytes)
        offsets.removeAll(keepingCapacity: true)
        limits.removeAll(keepingCapacity: true)
        sockets.removeAll(keepingCapacity: true)
        listenPID = nil
        mark = TreeMark(rawValue: 0)
        for candidate in request.candidates { try add(candidate, stage: .exec) }
        offsets.append(-1)
        for argument in request.arguments { try add(argument, stage: .exec) }
        offsets.append(-1)
        for variable in request.environment {
            if !request.sockets.isEmpty, Self.isOfSockets(variable) { continue }
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

    /// Adds a limit that the request does not set itself.
    mutating func addLimit(_ limit: supd_limit) {
        if !limits.contains(where: { $0.resource == limit.resource }) { limits.append(limit) }
    }

    /// What sd_listen_fds_with_names(3) reads. Those of the request's environment are another's sockets.
    private mutating func addSockets(_ passed: [PassedSocket]) throws(SpawnFailure) {
        for socket in passed { sockets.append(socket.socket.descriptor) }
        try add("LISTEN_FDS=\(passed.count)", stage: .environment)
        try add("LISTEN_FDNAMES=\(passed.map(\.name).joined(separator: ":"))", stage: .environment)
        let name = "LISTEN_PID="
        listenPID = bytes.count + name.utf8.count
        try add(name + "0000000000", stage: .environment)
    }

    private static func isOfSockets(_ variable: String) -> Bool {
        ["LISTEN_FDS=", "LISTEN_FDNAMES=", "LISTEN_PID="].contains { variable.hasPrefix($0) }
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
            pointers.removeAll(keepingCapacity: true)
            for offset in offsets {
                pointers.append(offset < 0 ? nil : base?.advanced(by: offset).assumingMemoryBound(to: CChar.self))
            }
            return pointers.withUnsafeBufferPointer { pointers in
                limits.withUnsafeBufferPointer { limits in
                    sockets.withUnsafeMutableBufferPointer { sockets in
                        var request = supd_spawn_request()
                        request.candidates = pointers.baseAddress
                        let arguments = offsets.firstIndex(of: -1).map { $0 + 1 } ?? 0
                        request.arguments = pointers.baseAddress?.advanced(by: arguments)
                        let environment = offsets[arguments...].firstIndex(of: -1).map { $0 + 1 } ?? 0
                        request.environment = pointers.baseAddress?.advanced(by: environment)
                        request.working_directory = pointers.last ?? nil
                        request.limits = limits.baseAddress
                        request.limit_count = limits.count
                        request.sockets = sockets.baseAddress
                        request.socket_count = sockets.count
                        request.listen_pid = listenPID.flatMap {
                            raw.baseAddress?.advanced(by: $0).assumingMemoryBound(to: CChar.self)
                        }
                        return body(&request)
                    }
                }
            }
        }
    }
}
