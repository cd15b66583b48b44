import SupdHost
import SupdPlugin

/// The log of one instance over all its attempts: where its lines go, and the last of them in memory.
final class InstanceLog {
    /// Whose log it is.
    let instance: InstanceName
    /// Longer lines are cut, in bytes.
    let maximumLine: Int

    private let sink: LogSink
    private var ring = LogRing()

    /// The log of `instance`; `LogRouter.instanceLog` makes it.
    init(instance: InstanceName, maximumLine: Int, sink: LogSink) {
        self.instance = instance
        self.maximumLine = maximumLine
        self.sink = sink
    }

    /// The last `count` lines, oldest first; fewer where memory has no more.
    func tail(_ count: Int) -> [LoggedLine] { ring.tail(count) }

    /// Lines that its file did not take. Those of the shared outlets are counted in `LogRouter`.
    var droppedLines: Int {
        if case .file(let file) = sink { return file.droppedLines }
        return 0
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
        case .journal(let outlet): attempt.send(run, from: stream, to: outlet)
        }
    }
}
