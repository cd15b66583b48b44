import Glibc
import SupdPlugin
import Synchronization
import Testing

@testable import SupdHost

/// How a test starts its children: each way must give the same child.
enum SpawnWay: String, CaseIterable, Codable, Sendable, CustomTestStringConvertible {
    case clone, fork, cloneClosingOneByOne, forkClosingOneByOne

    var testDescription: String { rawValue }

    var options: LinuxHost.Options {
        var options = LinuxHost.Options()
        options.spawnsByFork = self == .fork || self == .forkClosingOneByOne
        options.closesOneByOne = self == .cloneClosingOneByOne || self == .forkClosingOneByOne
        return options
    }
}

/// Something that a test waited for has not come.
struct TimedOut: Error {
    var what: String
    var events: [HostEvent]
}

/// A real host in a process of its own (an exit test's), and what tests do with it again and again.
///
/// A host reaps every child of its process and takes its signals, so it cannot share one with other tests.
final class HostBench {
    let host: LinuxHost
    private var backlog: [HostEvent] = []
    private static let deadlineToken = TimerToken(kind: .max)

    init(_ options: LinuxHost.Options = .init(), serviceManager: (any ServiceManagerLink)? = nil) throws {
        MainThread.park()
        host = try LinuxHost(serviceManager: serviceManager, options: options)
    }

    /// What tests do with a host that is there already.
    init(_ host: LinuxHost) { self.host = host }

    /// The child of the tests, beside the test program.
    static let testchild: String = {
        var path = [CChar](repeating: 0, count: 4096)
        let length = readlink("/proc/self/exe", &path, path.count)
        let program = String(decoding: path.prefix(max(0, length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return program.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
            + "/testchild"
    }()

    static func request(_ words: String..., invocation: String? = nil) -> SpawnRequest {
        var request = SpawnRequest(candidates: [testchild], arguments: ["testchild"] + words)
        if let invocation { request.environment = ["SUPD_INVOCATION=\(invocation)"] }
        request.output = .pipe
        request.errorOutput = .sameAsOutput
        return request
    }

    func start(_ words: String..., invocation: String? = nil) throws -> SpawnedProcess {
        var request = SpawnRequest(candidates: [Self.testchild], arguments: ["testchild"] + words)
        if let invocation { request.environment = ["SUPD_INVOCATION=\(invocation)"] }
        request.output = .pipe
        request.errorOutput = .sameAsOutput
        return try start(request)
    }

    func start(_ request: SpawnRequest) throws -> SpawnedProcess {
        let process = try spawn(request).get()
        if let output = process.output { host.watch(output, readable: true, writable: false) }
        if let output = process.errorOutput { host.watch(output, readable: true, writable: false) }
        return process
    }

    /// What a spawn comes to, also where that takes a while.
    func spawn(_ request: SpawnRequest) -> Result<SpawnedProcess, SpawnFailure> { spawn(SpawnOrder(request)) }

    func spawn(_ order: SpawnOrder) -> Result<SpawnedProcess, SpawnFailure> {
        switch host.spawn(order) {
        case .ended(let result): return result
        case .pending(let spawn):
            while true {
                for (index, event) in backlog.enumerated() {
                    guard case .spawnEnded(spawn, let result) = event else { continue }
                    backlog.remove(at: index)
                    return result
                }
                host.wait(into: &backlog)
            }
        }
    }

    /// Waits until an event that `matches` has come, and takes it. Others stay for later calls.
    @discardableResult
    func event(_ what: String, seconds: Int = 60, where matches: (HostEvent) -> Bool) throws -> HostEvent {
        host.refreshNow()
        host.arm(Self.deadlineToken, at: host.now.advanced(by: .seconds(seconds)))
        defer { host.disarm(Self.deadlineToken) }
        while true {
            if let index = backlog.firstIndex(where: matches) { return backlog.remove(at: index) }
            if backlog.contains(.timer(Self.deadlineToken)) { throw TimedOut(what: what, events: backlog) }
            host.wait(into: &backlog)
        }
    }

    /// Runs turns until `condition` holds; each turn waits for an event.
    func turns(until what: String, seconds: Int = 60, _ condition: () -> Bool) throws {
        host.refreshNow()
        host.arm(Self.deadlineToken, at: host.now.advanced(by: .seconds(seconds)))
        defer { host.disarm(Self.deadlineToken) }
        while !condition() {
            if backlog.contains(.timer(Self.deadlineToken)) { throw TimedOut(what: what, events: backlog) }
            host.wait(into: &backlog)
        }
    }

    /// Binds a socket, whose file on a busy machine is made beside the loop.
    func bind(_ socket: ListenSocket) throws -> Result<BoundSocket, ErrorNumber> {
        var result = host.bind(socket, patiently: true)
        try turns(until: "\(socket.address) is bound") {
            if result == .failure(.socketIsUnderWay) { result = host.bind(socket, patiently: true) }
            return result != .failure(.socketIsUnderWay)
        }
        return result
    }

    /// The members of a tree, by a look that saw all of them, which on a busy machine takes more than one turn.
    func members(of tree: ProcessTree) throws -> [Int32] {
        var look = host.look(at: tree)
        try turns(until: "a whole look at \(tree)") {
            look = host.look(at: tree)
            return look.isWhole
        }
        return look.members
    }

    /// Whether a process is of a tree, once that can be seen: on a busy machine, or of one that hides, it takes more than one turn.
    func membership(of process: Int32, in tree: ProcessTree) throws -> Membership {
        var membership = Membership.unclear
        try turns(until: "it is seen whose \(process) is") {
            membership = host.membership(of: process, in: tree)
            return membership != .unclear
        }
        return membership
    }

    /// Waits until the host has found out what a process is called, which on a busy machine takes longer than it waits in one turn.
    func learnsCommand(of process: SpawnedProcess, _ command: String) throws {
        var found: [ProcessDetail]?
        host.describe([process.pid], within: .seconds(20)) { details, _ in found = details }
        try turns(until: "what \(process.pid) is called") { found != nil }
        expectEqual(found?.map(\.command), [command])
    }

    /// Whether any event that `matches` has come and was not taken.
    func has(_ event: HostEvent) -> Bool { backlog.contains(event) }

    /// Waits for a process's end and collects it; one that a tracer holds is told more than once until it can be.
    func end(of process: SpawnedProcess) throws -> ProcessStatus? {
        while true {
            try event("the end of \(process.pid)") { $0 == .exited(process.handle) }
            if let status = host.reap(process.handle) { return status }
        }
    }

    /// Everything a process writes until its output ends.
    func text(_ channel: Channel?) throws -> String {
        let channel = try #require(channel)
        var bytes: [UInt8] = []
        while true {
            switch readSome(channel) {
            case .success(let piece): bytes += piece
            case .failure(.end): return String(decoding: bytes, as: UTF8.self)
            case .failure(.nothing): try event("output") { $0 == .readable(channel) }
            }
        }
    }

    /// The next line with that first word, without it.
    func words(_ channel: Channel?, after word: String, count: Int = 1) throws -> [String] {
        let channel = try #require(channel)
        var bytes: [UInt8] = []
        while true {
            let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
            let found = lines.filter { $0.hasPrefix(word + " ") }.map { String($0.dropFirst(word.utf8.count + 1)) }
            if found.count >= count { return found }
            switch readSome(channel) {
            case .success(let piece): bytes += piece
            case .failure(.end): throw TimedOut(what: "'\(word)': the output ended", events: backlog)
            case .failure(.nothing): try event("'\(word)' in the output") { $0 == .readable(channel) }
            }
        }
    }

    /// The numbers in lines such as `child 4711`.
    func numbers(_ channel: Channel?, after word: String, count: Int) throws -> [Int32] {
        try words(channel, after: word, count: count).compactMap { Int32($0) }
    }

    enum Stop: Error { case end, nothing }

    func readSome(_ channel: Channel) -> Result<[UInt8], Stop> {
        withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 1) { buffer in
            switch host.read(channel, into: buffer) {
            case .bytes(let count): .success(Array(buffer[..<count]))
            // Either way the channel is told as readable.
            case .wouldBlock, .underWay: .failure(.nothing)
            case .end, .failed: .failure(.end)
            }
        }
    }

    /// Kills everything that is left, and answers what that was.
    @discardableResult
    func killAll() -> [Int32] { host.killAllDescendants(sparing: [], describing: true).processes.map(\.pid) }

    /// Ends everything that is left and reaps it.
    func cleanUp() throws {
        killAll()
        for slot in host.processes.living {
            var entry = pollfd(fd: slot.pidfd, events: Int16(POLLIN), revents: 0)
            poll(&entry, 1, 20_000)
        }
    }
}

/// Runs `body` with a host of its own, and ends what it leaves. What it throws is recorded as an issue: an exit test that
/// throws dies of it, and says nothing.
func withHost(_ options: LinuxHost.Options = .init(), _ body: (HostBench) throws -> Void) throws {
    let bench = try HostBench(options)
    do {
        try body(bench)
    } catch {
        Issue.record("\(error)")
    }
    try bench.cleanUp()
}

/// How often the thread that asks has slept so far (getrusage(2)).
func sleeps() -> Int {
    var usage = rusage()
    let ofThisThread: Int32 = 1
    return getrusage(ofThisThread, &usage) == 0 ? usage.ru_nvcsw : -1
}

/// Whether a process exists and still runs.
func isRunning(_ pid: Int32) -> Bool {
    ProcFiles(ownPID: getpid(), scansAllOfProc: false).stat(pid)?.isLiving ?? false
}

/// Records an issue where the two differ, with both: of an expectation in an exit test's process only comments come back.
func expectEqual<Value: Equatable>(_ actual: Value, _ expected: Value, _ what: String = "", line: Int = #line) {
    if actual != expected { Issue.record("line \(line) \(what): got \(actual), expected \(expected)") }
}
