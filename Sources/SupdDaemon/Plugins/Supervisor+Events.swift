import SupdEngine
import SupdHost
import SupdPlugin

/// Events for the plugins' sinks.
extension Supervisor {
    func registerSinks() {
        for number in plugins.sinks.indices {
            let sink = plugins.sinks[number]
            plugins.sinks[number].task = try? registry.register(
                "events \(sink.plugin): \(sink.name)", kind: .cleanup, phase: .flush, now: host.now)
        }
    }

    /// Has every sink get the event.
    func emit(_ kind: @autoclosure () -> DaemonEvent.Kind) {
        guard !plugins.sinks.isEmpty else { return }
        plugins.lastEvent += 1
        let event = DaemonEvent(number: plugins.lastEvent, time: host.wallClock(), kind: kind())
        for number in plugins.sinks.indices where plugins.sinks[number].task != nil {
            if plugins.sinks[number].waiting.count < EventSinkQueue.limit {
                plugins.sinks[number].waiting.append(event)
            } else {
                plugins.sinks[number].dropped += 1
            }
            feed(number)
        }
    }

    private func feed(_ number: Int) {
        let queue = plugins.sinks[number]
        guard !queue.isBusy, !queue.waiting.isEmpty, let task = queue.task else { return }
        plugins.sinks[number].isBusy = true
        plugins.sinks[number].waiting = []
        if queue.dropped > 0 {
            log.warning(
                "event sink '\(queue.name)' of plugin '\(queue.plugin)' is slow: \(plural(queue.dropped, "event")) dropped"
            )
            plugins.sinks[number].dropped = 0
        }
        beginWork(.sink(number), plugin: queue.plugin, name: queue.name, task: task) { context in
            var problem: (any Error)?
            for event in queue.waiting {
                do { try await queue.sink.receive(event, context) } catch { problem = problem ?? error }
                // There is no time for the others any more.
                if Task.isCancelled { break }
            }
            if let problem { throw problem }
        }
    }

    func sinkEnded(_ number: Int, error: String?) {
        plugins.sinks[number].isBusy = false
        let queue = plugins.sinks[number]
        if (error != nil) != queue.isFailing {
            plugins.sinks[number].isFailing = error != nil
            let name = "event sink '\(queue.name)' of plugin '\(queue.plugin)'"
            if let error { log.warning("\(name) fails: \(error)") } else { log.notice("\(name) works again") }
        }
        feed(number)
        closeIdleSinks()
    }

    /// In the last phase a sink's task is over once nothing waits for it.
    func closeIdleSinks() {
        guard drain.stage == .phase(.flush), shutdown.endWasEmitted else { return }
        for number in plugins.sinks.indices where !plugins.sinks[number].isBusy {
            if let task = plugins.sinks[number].task { registry.complete(task) }
            plugins.sinks[number].task = nil
        }
    }
}
