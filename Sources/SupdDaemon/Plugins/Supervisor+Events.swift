import SupdEngine
import SupdHost
import SupdPlugin

/// What the plugins' sinks are given: events and lines.
extension Supervisor {
    func registerSinks() {
        for sink in plugins.sinks {
            sink.task = try? registry.register(sink.taskName, kind: .cleanup, phase: .flush, now: host.now)
        }
    }

    /// Has every event sink get the event.
    func emit(_ kind: @autoclosure () -> DaemonEvent.Kind) {
        guard plugins.sinks.contains(where: \.takesEvents) else { return }
        plugins.lastEvent += 1
        let event = DaemonEvent(number: plugins.lastEvent, time: host.wallClock(), kind: kind())
        for sink in plugins.sinks { sink.add(event) }
    }

    /// Gives the sinks that are not busy what waits for them.
    func feedSinks() {
        for (number, sink) in plugins.sinks.enumerated() { feed(sink, number) }
    }

    private func feed(_ sink: SinkQueue, _ number: Int) {
        if sink.isBusy, sink.dropped > 0, !sink.isLate {
            // It may never be done, and then nothing else tells of it.
            sink.isLate = true
            log.warning("\(sink.title) of plugin '\(sink.plugin)' does not keep up: what comes is dropped")
        }
        guard !sink.isBusy, sink.waiting > 0, let task = sink.task else { return }
        if registry.record(task)?.state == .cancelled { sink.clear() }
        tellDropped(sink)
        guard sink.waiting > 0 else { return }
        sink.isBusy = true
        beginWork(.sink(number), plugin: sink.plugin, name: sink.name, task: task, sink.take())
    }

    /// Nothing waits for the sinks any more: what they have not taken in is lost, and counted.
    func giveUpSinks() {
        for sink in plugins.sinks where sink.task != nil {
            if sink.isBusy { sink.finished(error: "abandoned") }
            sink.clear()
            tellDropped(sink)
            sink.task = nil
        }
    }

    private func tellDropped(_ sink: SinkQueue) {
        guard sink.dropped > 0 else { return }
        log.warning(
            "\(sink.title) of plugin '\(sink.plugin)' did not take everything: \(sink.counted(sink.dropped)) dropped")
        sink.dropped = 0
    }

    func sinkEnded(_ number: Int, error: String?) {
        let sink = plugins.sinks[number]
        sink.finished(error: error)
        if (error != nil) != sink.isFailing {
            sink.isFailing = error != nil
            let name = "\(sink.title) of plugin '\(sink.plugin)'"
            if let error { log.warning("\(name) fails: \(error)") } else { log.notice("\(name) works again") }
        }
        closeIdleSinks()
    }

    /// In the last phase a sink's task is over once nothing waits for it.
    func closeIdleSinks() {
        feedSinks()
        guard drain.stage == .phase(.flush), shutdown.endWasEmitted else { return }
        for sink in plugins.sinks where !sink.isBusy {
            tellDropped(sink)
            if let task = sink.task { registry.complete(task) }
            sink.task = nil
        }
    }
}
