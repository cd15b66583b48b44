import Glibc
import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol
import Testing

@testable import SupdDaemon

/// The logs of a daemon on a fake host, and one instance whose process floods its pipe with numbers.
final class LogChangeBench {
    let bench = LogBench()
    let logs: ServiceLogs
    let id = InstanceID(slot: 3, generation: 1)
    /// The next number that is written.
    private(set) var next = 0
    private(set) var pipe = Channel(descriptor: -1, generation: 0)
    private var handles: UInt64 = 0

    private let channels = ChannelTable()

    var host: FakeHost { bench.host }

    init() { logs = ServiceLogs(router: bench.router, channels: channels) }

    /// Starts an attempt, whose pipe is `pipe` from now on.
    func start(_ configuration: LogConfiguration, queue: SinkQueue? = nil, id: InstanceID? = nil, pid: Int32 = 42) {
        handles += 1
        pipe = host.makePipe()
        let process = SpawnedProcess(
            handle: ProcessHandle(rawValue: handles), pid: pid, output: pipe, errorOutput: nil)
        logs.attach(
            id ?? self.id, name: bench.instance, attempt: handles, process: process, configuration: configuration,
            queue: queue, task: nil)
    }

    func change(_ configuration: LogConfiguration, queue: SinkQueue? = nil) {
        logs.change(id, name: bench.instance, configuration: configuration, queue: queue)
    }

    /// So many lines are written to the pipe, and read as far as the sink takes them. A line is rarely ended when it ends.
    func flood(_ count: Int = 20_000) {
        var text = ""
        for _ in 0..<count {
            text += "\(next)\n"
            next += 1
        }
        text += "\(next)"
        host.feed(text + "\n", to: pipe)
        next += 1
        readOn()
    }

    func readOn() {
        while let state = host.pipes[pipe], state.isWatched, !state.bytes.isEmpty { channels.readable(pipe) }
    }

    var isWatched: Bool { host.pipes[pipe]?.isWatched == true }

    /// Reads on, and lets standard error and the journal take what there is, until all is passed on.
    func settle() {
        for _ in 0..<10_000 {
            host.standardErrorRoom = .max
            host.journalRoom = .max
            logs.router.flush()
            readOn()
            _ = logs.takeEnded()
            if logs.isSettled, host.pipes[pipe]?.bytes.isEmpty != false { return }
        }
        Issue.record("it never ended")
    }

    func numbers(ofFile path: String) -> [Int] { numbers(host.text(of: path) ?? "") }

    /// Of standard error those lines that an instance wrote.
    var numbersOfStandardError: [Int] {
        host.standardErrorLines.compactMap { line in
            line.lastIndex(of: "]").flatMap { Int(line[line.index($0, offsetBy: 3)...]) }
        }
    }

    var numbersOfJournal: [Int] { host.entries.compactMap { Int($0.message) } }

    func numbers(_ text: String) -> [Int] { text.split(separator: "\n").map { Int($0) ?? -1 } }

    func file(_ path: String, _ change: (inout LogConfiguration) -> Void = { _ in }) -> LogConfiguration {
        var configuration = bench.fileConfiguration
        configuration.file = path
        change(&configuration)
        return configuration
    }

    func sink(_ sink: LogConfiguration.Sink) -> LogConfiguration {
        var configuration = LogConfiguration()
        configuration.sink = sink
        return configuration
    }

    /// Whether these destinations, one after the other, have every number once and in order.
    func expectWhole(_ parts: [Int]..., sourceLocation: SourceLocation = #_sourceLocation) {
        let all = parts.flatMap { $0 }
        #expect(all.count == next && all == Array(0..<next), sourceLocation: sourceLocation)
        #expect(parts.allSatisfy { !$0.isEmpty }, "a part has nothing", sourceLocation: sourceLocation)
    }

    var dropped: Int {
        logs.read(id, name: bench.instance, LogQuestion(lines: 0), configuration: LogConfiguration()).dropped
    }

    func tail(_ count: Int) -> [Int] {
        logs.read(id, name: bench.instance, LogQuestion(lines: count), configuration: LogConfiguration()).lines
            .map { Int($0.text) ?? -1 }
    }
}

extension ChannelTable {
    /// There is something to read in an output of a service.
    func readable(_ channel: Channel) {
        if case .service(let pump) = self[channel] { pump.readable(channel) }
    }
}
