import SupdConfiguration
import SupdHost
import SupdPlugin

/// The log of one instance over all its attempts: where its lines go, and the last of them in memory.
final class InstanceLog {
    /// Whose log it is.
    let instance: InstanceName
    /// Longer lines are cut, in bytes.
    let maximumLine: Int

    private let sink: LogDestination
    private let overflow: LogConfiguration.Overflow
    /// Nil where nothing is kept.
    private var ring: LogRing?
    /// The pumps that are not finished, in the order of their attempts.
    private var pumps: [LogPump] = []

    /// So many attempts that are over may wait for the sink to take what they left. Each keeps pipes open.
    static let leavingPumps = 4

    /// The log of `instance`; `LogRouter.instanceLog` makes it. It goes on from what `former` has in memory.
    init(
        instance: InstanceName, _ configuration: LogConfiguration, sink: LogDestination, former: InstanceLog? = nil
    ) {
        self.instance = instance
        maximumLine = configuration.maxLine
        overflow = configuration.overflow
        self.sink = sink
        ring = former?.ring ?? (configuration.memory > 0 ? LogRing(byteLimit: configuration.memory) : nil)
    }

    /// The last lines in memory; nil where none are kept.
    func tail(_ question: LogQuestion) -> LogTail? { ring?.tail(question) }

    /// How many bytes are in memory.
    var memoryInUse: Int { ring?.used ?? 0 }

    /// What was written of lines that have not ended yet, the first so many bytes of each; but for what is still in the pipes.
    func unfinished(atMost limit: Int) -> [LoggedLine] { pumps.flatMap { $0.unfinished(atMost: limit) } }

    /// Lines that its file, or the plugin's sink of its service, did not take. Those of the shared outlets are counted in `LogRouter`.
    var droppedLines: Int {
        switch sink {
        case .file(let file): file.droppedLines
        case .plugin(let queue): queue.droppedTotal
        case .standardError, .journal, .none: 0
        }
    }

    /// Whether its sink has room; nil where it has nowhere to go.
    var flow: FlowControl? {
        switch sink {
        case .standardError(let outlet): outlet.flow
        case .journal(let outlet): outlet.flow
        case .file(let file): file.flow
        case .plugin(let queue): queue.flow
        case .none: nil
        }
    }

    /// Whether the sink is full, and who writes to this log has to wait.
    var holdsUp: Bool { overflow == .wait && flow?.holdsUp == true }

    /// Takes in a pump, which begins as soon as none before it has anything left of an attempt that is over.
    func add(_ pump: LogPump) {
        pumps.append(pump)
        let leaving = pumps.filter(\.isFinishing)
        for oldest in leaving.dropLast(Self.leavingPumps) { oldest.giveUp() }
        beginNext()
    }

    /// A pump is finished.
    func remove(_ pump: LogPump) {
        pumps.removeAll { $0 === pump }
        beginNext()
    }

    private func beginNext() {
        for pump in pumps where pump.isBehind {
            // Each that begins may finish at once, and so change the list.
            guard !pumps.prefix(while: { $0 !== pump }).contains(where: \.isFinishing) else { return }
            if pump.isBehind { pump.begin() }
        }
    }

    /// Bytes that have not reached its file yet. Those of the shared outlets are counted in `LogRouter`.
    var pendingBytes: Int {
        if case .file(let file) = sink { file.pendingBytes } else { 0 }
    }

    /// What its file has not taken yet is lost, and said to be.
    func giveUp() {
        if case .file(let file) = sink { file.giveUp() }
    }

    /// Closes its file, if it has one; a later line opens it again. What is in memory stays.
    func close() {
        if case .file(let file) = sink { file.close() }
    }

    /// Passes on what an attempt wrote. What the sink has no room for is kept in it all the same where the service waits for the sink,
    /// and `isKept` says so; else it is dropped.
    func write(
        _ run: LineRun, from stream: LogStream, of attempt: LogAttempt, at time: WallTime, isKept: Bool = true
    ) {
        ring?.append(run, time: time, pid: attempt.pid, stream: stream)
        let isKept = isKept && overflow == .wait && flow?.isGivenUp == false
        switch sink {
        case .none: break
        case .file(let file): file.write(run, from: stream, isKept: isKept)
        case .standardError(let outlet):
            outlet.write(
                run, label: LineLabel(name: attempt.name, pid: attempt.pid, stream: stream, time: time), isKept: isKept)
        case .plugin(let queue): queue.add(run, attempt.entry(from: stream, at: time), isKept: isKept)
        case .journal(let outlet): attempt.send(run, from: stream, to: outlet, isKept: isKept)
        }
    }
}
