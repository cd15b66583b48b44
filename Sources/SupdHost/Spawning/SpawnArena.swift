internal import CSupd
internal import Glibc
internal import SupdPlugin

/// A spawn request as execve(2) and the child want it, in memory that does not move: the child reads it beside the daemon, for as
/// long as it takes. Used again for the next spawn.
final class SpawnArena {
    private var bytes: [UInt8] = []
    /// Where each string begins; negative where a list ends.
    private var offsets: [Int] = []
    private var limits: [supd_limit] = []
    private var sockets: [Int32] = []
    private var groups: [UInt32] = []
    /// Where in `bytes` the child writes its own number.
    private var ownNumbers: [Int] = []
    private(set) var mark = TreeMark(rawValue: 0)

    private var memory: UnsafeMutableRawPointer?
    private var capacity = 0

    /// What a large request needed is given back before the next one.
    private static let keptBytes = 64 * 1024
    private static let alignment = 16

    deinit { memory?.deallocate() }

    /// Copies the strings of `request`. A zero byte in one would cut it short without a word: that is a failure.
    func fill(
        _ request: SpawnRequest, limit own: supd_limit, groups: [UInt32]
    ) throws(SpawnFailure) {
        bytes.removeAll(keepingCapacity: bytes.capacity <= Self.keptBytes)
        offsets.removeAll(keepingCapacity: true)
        limits.removeAll(keepingCapacity: true)
        sockets.removeAll(keepingCapacity: true)
        ownNumbers.removeAll(keepingCapacity: true)
        mark = TreeMark(rawValue: 0)
        for candidate in request.candidates { try add(candidate.utf8, stage: .exec) }
        offsets.append(-1)
        for argument in request.arguments { try add(argument.utf8, stage: .exec) }
        offsets.append(-1)
        for variable in request.environment { try add(variable: variable.utf8, beside: request.sockets) }
        for variable in request.opaqueEnvironment { try add(variable: variable, beside: request.sockets) }
        if !request.sockets.isEmpty { try addSockets(request.sockets) }
        if let ready = request.readyDescriptor {
            let gap = Int(ready.number) - 3 - sockets.count
            // The configuration leaves room for all that may come before it.
            sockets += [Int32](repeating: -1, count: max(0, gap)) + [ready.descriptor.descriptor]
        }
        if request.isWatched { try add(ownNumber: "WATCHDOG_PID") }
        offsets.append(-1)
        try add(request.workingDirectory.utf8, stage: .workingDirectory)
        for limit in request.limits {
            limits.append(supd_limit(resource: limit.resource, soft: limit.soft, hard: limit.hard))
        }
        // A limit that the request does not set itself.
        if !limits.contains(where: { $0.resource == own.resource }) { limits.append(own) }
        self.groups = groups
    }

    private func add(variable: some Collection<UInt8>, beside sockets: [PassedSocket]) throws(SpawnFailure) {
        if !sockets.isEmpty, Self.isOfSockets(variable) { return }
        let start = bytes.count
        try add(variable, stage: .environment)
        if mark.rawValue == 0, bytes[start...].starts(with: TreeMark.prefix) {
            mark = TreeMark.of(bytes[(start + TreeMark.prefix.count)..<(bytes.count - 1)])
        }
    }

    /// What sd_listen_fds_with_names(3) reads. Those of the request's environment are another's sockets.
    private func addSockets(_ passed: [PassedSocket]) throws(SpawnFailure) {
        for socket in passed { sockets.append(socket.socket.descriptor) }
        try add("LISTEN_FDS=\(passed.count)".utf8, stage: .environment)
        try add("LISTEN_FDNAMES=\(passed.map(\.name).joined(separator: ":"))".utf8, stage: .environment)
        try add(ownNumber: "LISTEN_PID")
    }

    private func add(ownNumber name: String) throws(SpawnFailure) {
        ownNumbers.append(bytes.count + name.utf8.count + 1)
        try add((name + "=0000000000").utf8, stage: .environment)
    }

    private static func isOfSockets(_ variable: some Collection<UInt8>) -> Bool {
        ["LISTEN_FDS=", "LISTEN_FDNAMES=", "LISTEN_PID="].contains { variable.starts(with: $0.utf8) }
    }

    private func add(_ string: some Collection<UInt8>, stage: SpawnFailure.Stage) throws(SpawnFailure) {
        let start = bytes.count
        bytes.append(contentsOf: string)
        let hasZero = bytes.withUnsafeBytes { bytes in
            bytes.baseAddress.map { memchr($0 + start, 0, bytes.count - start) != nil } ?? false
        }
        if hasZero {
            throw SpawnFailure(
                stage: stage, error: ErrorNumber(EINVAL),
                subject: "'\(String(decoding: string, as: UTF8.self).replacing("\0", with: "\\0"))'",
                problem: "there is a zero byte in it, where it would end for every program")
        }
        bytes.append(0)
        offsets.append(start)
    }

    /// The request of `settings` with all strings, limits, groups and sockets in place. It and what it points to stay where they are
    /// until the next `fill`.
    func makeRequest(_ settings: supd_spawn_request) -> UnsafeMutablePointer<supd_spawn_request> {
        var size = 0
        func room<Value>(for count: Int, of: Value.Type) -> Int {
            let start = size
            size += (count * MemoryLayout<Value>.stride + Self.alignment - 1) / Self.alignment * Self.alignment
            return start
        }
        let place = (
            request: room(for: 1, of: supd_spawn_request.self),
            pointers: room(for: offsets.count, of: UnsafePointer<CChar>?.self),
            limits: room(for: limits.count, of: supd_limit.self),
            groups: room(for: groups.count, of: UInt32.self),
            sockets: room(for: sockets.count, of: Int32.self),
            bytes: room(for: bytes.count, of: UInt8.self)
        )
        let block = memory(of: size)
        func copy<Value>(_ values: [Value], to start: Int) -> UnsafeMutablePointer<Value> {
            let target = (block + start).bindMemory(to: Value.self, capacity: values.count)
            for (index, value) in values.enumerated() { (target + index).initialize(to: value) }
            return target
        }
        let text = (block + place.bytes).bindMemory(to: CChar.self, capacity: bytes.count)
        bytes.withUnsafeBytes { bytes in
            if let start = bytes.baseAddress { (block + place.bytes).copyMemory(from: start, byteCount: bytes.count) }
        }
        let pointers = copy(offsets.map { $0 < 0 ? nil : UnsafePointer(text + $0) }, to: place.pointers)
        let request = (block + place.request).bindMemory(to: supd_spawn_request.self, capacity: 1)
        request.initialize(to: settings)
        let arguments = offsets.firstIndex(of: -1).map { $0 + 1 } ?? 0
        let environment = offsets[arguments...].firstIndex(of: -1).map { $0 + 1 } ?? 0
        request.pointee.candidates = UnsafePointer(pointers)
        request.pointee.arguments = UnsafePointer(pointers + arguments)
        request.pointee.environment = UnsafePointer(pointers + environment)
        request.pointee.working_directory = pointers[offsets.count - 1]
        request.pointee.limits = UnsafePointer(copy(limits, to: place.limits))
        request.pointee.limit_count = limits.count
        request.pointee.groups = UnsafePointer(copy(groups, to: place.groups))
        request.pointee.group_count = groups.count
        request.pointee.sockets = copy(sockets, to: place.sockets)
        request.pointee.socket_count = sockets.count
        request.pointee.own_numbers.0 = ownNumbers.first.map { text + $0 }
        request.pointee.own_numbers.1 = ownNumbers.count > 1 ? text + ownNumbers[1] : nil
        return request
    }

    private func memory(of size: Int) -> UnsafeMutableRawPointer {
        if let memory, size <= capacity, capacity <= Self.keptBytes { return memory }
        memory?.deallocate()
        let new = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: Self.alignment)
        (memory, capacity) = (new, size)
        return new
    }
}
