import SupdEngine
import SupdHost
import SupdPlugin

/// What the plugins' sinks are given: events and lines.
extension Supervisor {
    func registerSinks() {
        for sink in plugins.sinks { register(sink) }
    }

    /// Gives a sink's queue the task that a drain waits for; without it, it takes nothing.
    private func register(_ sink: SinkQueue) {
        sink.task = try? drain.register(sink.taskName, kind: .cleanup, phase: .flush, isOwn: true)
    }

    /// Adds a queue that was not there: from now on it takes what comes.
    func addSink(_ sink: SinkQueue) {
        plugins.sinks.add(sink)
        register(sink)
    }

    /// Lets a queue go: what waits in it, and lines that still come, are given to its sink, and then it is gone. After the budget `flush`
    /// of a drain the rest is given up and counted. Nothing for one that goes already, or was never added.
    func letGo(_ sink: SinkQueue) {
        guard plugins.sinks[sink.number] === sink, sink.stage != .leaves else { return }
        depart(with: sink)
        settleDepartures()
    }

    /// Has every event sink get the event.
    func emit(_ kind: @autoclosure () -> DaemonEvent.Kind) {
        guard !plugins.sinks.events.isEmpty else { return }
        plugins.lastEvent += 1
        let event = DaemonEvent(number: plugins.lastEvent, time: host.wallClock(), kind: kind())
        for sink in plugins.sinks.events { sink.add(event) }
    }

    /// Gives the sinks that are not busy what waits for them.
    func feedSinks() {
        settleDepartures()
        for sink in plugins.sinks { feed(sink) }
    }

    private func feed(_ sink: SinkQueue) {
        if sink.isBusy, sink.dropped > 0, !sink.isLate {
            // It may never be done, and then nothing else tells of it.
            sink.isLate = true
            log.warning(
                "\(sink.title) of plugin '\(sink.plugin)' does not keep up: what comes is dropped", kind: .linesDropped)
        }
        guard !sink.isBusy, sink.waiting > 0, let task = sink.task else { return }
        if drain.isCancelled(task) { sink.clear() }
        guard sink.stage != .waits || sink.waiting == 0 else { return }
        tellDropped(sink)
        guard sink.waiting > 0 else { return }
        sink.isBusy = true
        beginWork(.sink(sink.number), plugin: sink.plugin, name: sink.name, task: task, sink.take())
    }

    /// Nothing waits for the sinks any more: what they have not taken in is lost, and counted.
    func giveUpSinks() {
        for sink in plugins.sinks where sink.task != nil {
            if sink.isBusy { sink.finished(error: "abandoned", isCut: true) }
            sink.clear()
            tellDropped(sink)
            sink.task = nil
        }
    }

    func tellDropped(_ sink: SinkQueue) {
        guard sink.dropped > 0 else { return }
        log.warning(
            "\(sink.title) of plugin '\(sink.plugin)' did not take everything: \(sink.counted(sink.dropped)) dropped")
        sink.dropped = 0
    }

    func sinkEnded(_ number: Int, error: String?) {
        guard let sink = plugins.sinks[number] else { return }
        sink.finished(error: error, isCut: sink.task.map(drain.isCancelled) ?? false)
        if (error != nil) != sink.isFailing {
            sink.isFailing = error != nil
            let name = "\(sink.title) of plugin '\(sink.plugin)'"
            if let error {
                log.warning("\(name) fails: \(error)", kind: .pluginFailed)
            } else {
                log.notice("\(name) works again", kind: .sinkWorks)
            }
        }
        closeIdleSinks()
    }

    /// In the last phase a sink's task is over once nothing waits for it.
    func closeIdleSinks() {
        feedSinks()
        guard drain.letsSinksGo else { return }
        // One that waits for the sink before it still has something to give.
        for sink in plugins.sinks where !sink.isBusy && sink.waiting == 0 {
            close(sink)
        }
    }

    /// A sink's task is over: it takes nothing more.
    func close(_ sink: SinkQueue) {
        tellDropped(sink)
        if let task = sink.task { drain.complete(task) }
        sink.task = nil
    }
}
