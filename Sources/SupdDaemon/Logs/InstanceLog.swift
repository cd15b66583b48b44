import SupdHost
import SupdPlugin

/// The log of one instance over all its attempts: where its lines go, and the last of them in memory.
final class InstanceLog {
    /// Whose log it is.
    let instance: InstanceName
    /// Longer lines are cut, in bytes.
    let maximumLine: Int

    private let sink: LogDestination
    private var ring: LogRing

    /// The log of `instance`; `LogRouter.instanceLog` makes it. It goes on from what `former` has in memory.
    init(instance: InstanceName, maximumLine: Int, sink: LogDestination, former: InstanceLog? = nil) {
        self.instance = instance
        self.maximumLine = maximumLine
        self.sink = sink
        ring = former?.ring ?? LogRing()
    }

    /// The last `count` lines, oldest first; fewer where memory has no more.
    func tail(_ count: Int) -> [LoggedLine] { ring.tail(count) }

    /// Lines that its file, or the plugin's sink of its service, did not take. Those of the shared outlets are counted in `LogRouter`.
    var droppedLines: Int {
        switch sink {
        case .file(let file): file.droppedLines
        case .plugin(let queue): queue.droppedTotal
        case .standardError, .journal, .none: 0
        }
    }

    /// Closes its file, if it has one; a later line opens it again. What is in memory stays.
    func close() {
        if case .file(let file) = sink { file.close() }
    }

    /// Passes on what an attempt wrote.
    func write(_ run: LineRun, from stream: LogStream, of attempt: LogAttempt, at time: WallTime) {
        ring.append(run, time: time, pid: attempt.pid, stream: stream)
        switch sink {
        case .none: break
        case .file(let file): file.write(run, from: stream)
        case .standardError(let outlet):
            outlet.write(run, label: LineLabel(name: attempt.name, pid: attempt.pid, stream: stream, time: time))
        case .plugin(let queue): queue.add(run, attempt.entry(from: stream, at: time))
        case .journal(let outlet): attempt.send(run, from: stream, to: outlet)
        }
    }
}
