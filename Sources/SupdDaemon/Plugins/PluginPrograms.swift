import SupdHost
import SupdPlugin
import Synchronization

/// A program that a part of a plugin wants to be run.
struct ProgramRequest: Sendable {
    /// Which request it is, and whether the task that waits for it is cancelled.
    final class Ticket: Sendable {
        private let state = Atomic(false)

        /// May be asked and told from any thread.
        var isCancelled: Bool { state.load(ordering: .acquiring) }
        func cancel() { state.store(true, ordering: .releasing) }
    }

    var plugin: String
    var command: ProcessCommand
    var ticket: Ticket
    var answer: @Sendable (Result<ProcessOutcome, any Error>) -> Void
}

/// The last bytes of an output.
struct OutputTail {
    private let limit: Int
    private var bytes: [UInt8] = []

    init(limit: Int) {
        self.limit = min(max(limit, ProcessCommand.outputLimits.lowerBound), ProcessCommand.outputLimits.upperBound)
    }

    mutating func add(_ new: some Collection<UInt8>) {
        bytes += new.suffix(limit)
        // Twice the limit, so that not every addition moves all of it.
        if bytes.count > 2 * limit { bytes.removeFirst(bytes.count - limit) }
    }

    /// The text; a character that was cut becomes U+FFFD, as what is no UTF-8 does.
    var text: String { String(decoding: bytes.suffix(limit), as: UTF8.self) }
}

/// The programs of plugins that run, each until its main process is reaped.
struct PluginPrograms {
    /// How many may run at a time, of all plugins.
    static let limit = 64

    /// One of them.
    struct Program {
        let request: ProgramRequest
        let process: SpawnedProcess
        let tree: ProcessTree
        var output: OutputTail
        var errorOutput: OutputTail
        /// Its outputs that are open.
        var channels: [Channel]
        var isCancelled = false

        init(_ request: ProgramRequest, _ process: SpawnedProcess, invocation: String) {
            self.request = request
            self.process = process
            tree = ProcessTree(leader: process.pid, invocation: invocation)
            output = OutputTail(limit: request.command.outputLimit)
            errorOutput = output
            channels = [process.output, process.errorOutput].compactMap { $0 }
        }
    }

    /// One whose spawn is not back.
    struct Pending {
        let request: ProgramRequest
        let invocation: String
        let spawn: SpawnID
        var isCancelled = false
    }

    var running: [Int: Program] = [:]
    /// Those whose spawns are not back.
    var pending: [Int: Pending] = [:]
    private var numberOfChannel: [Channel: Int] = [:]
    private var last = 0

    var isFull: Bool { running.count + pending.count >= Self.limit }
    var processes: [ProcessHandle] { running.values.map(\.process.handle) }

    func isOutput(_ channel: Channel) -> Bool { numberOfChannel[channel] != nil }
    func number(of channel: Channel) -> Int? { numberOfChannel[channel] }
    func number(of ticket: ProgramRequest.Ticket) -> Int? { running.first { $0.value.request.ticket === ticket }?.key }

    /// The number of the next one.
    mutating func nextNumber() -> Int {
        last += 1
        return last
    }

    mutating func add(_ program: Program, _ number: Int) {
        running[number] = program
        for channel in program.channels { numberOfChannel[channel] = number }
    }

    mutating func forget(_ channel: Channel) {
        guard let number = numberOfChannel.removeValue(forKey: channel) else { return }
        running[number]?.channels.removeAll { $0 == channel }
    }

    mutating func remove(_ number: Int) -> Program? {
        guard let program = running.removeValue(forKey: number) else { return nil }
        for channel in program.channels { numberOfChannel[channel] = nil }
        return program
    }
}
