import SupdEngine
import SupdHost
import SupdPlugin

/// What the plugins' sinks are given: events and lines.
final class PluginSinks {
    private unowned let seam: any PluginSeam
    private let work: PluginWork
    private var table = SinkTable()
    /// The number of the last event.
    private(set) var lastEvent: UInt64 = 0
    /// Lines that log sinks did not take, as far as that was told.
    private(set) var droppedLines = 0

    /// With the event sinks that there are from the start; `registerAll` follows.
    init(_ seam: any PluginSeam, _ work: PluginWork, _ events: [PluginActivation.Named<any EventSink>]) {
        self.seam = seam
        self.work = work
        for sink in events { table.add(SinkQueue(sink)) }
    }

    /// Adds a queue that is there from the start.
    func addUnregistered(_ sink: SinkQueue) { table.add(sink) }

    func registerAll() {
        for sink in table { register(sink) }
    }

    /// Gives a sink's queue the task that a drain waits for; without it, it takes nothing.
    private func register(_ sink: SinkQueue) {
        sink.task = try? seam.drain.tasks.register(
            TaskTitle(sink.taskName, about: sink.service), kind: .cleanup, phase: .flush, isOwn: true)
    }

    /// Adds a queue that was not there: from now on it takes what comes.
    func add(_ sink: SinkQueue) {
        table.add(sink)
        register(sink)
    }

    /// Has every event sink get the event; nothing where there is none for plugins.
    func emit(_ kind: @autoclosure () -> DaemonEvent.Kind?) {
        guard !table.events.isEmpty, let kind = kind() else { return }
        lastEvent += 1
        let event = DaemonEvent(number: lastEvent, time: seam.host.wallClock(), kind: kind)
        for sink in table.events { sink.add(event) }
    }

    /// Whether there are none.
    var isEmpty: Bool { table.isEmpty }

    /// Gives the sinks that are not busy what waits for them.
    func feed() {
        for sink in table { feed(sink) }
    }

    private func feed(_ sink: SinkQueue) {
        if sink.isBusy, sink.dropped > 0, !sink.isLate {
            // It may never be done, and then nothing else tells of it.
            sink.isLate = true
            seam.log.warning(
                "\(sink.title) of plugin '\(sink.plugin)' does not keep up: what comes is dropped", kind: .linesDropped)
        }
        guard !sink.isBusy, sink.waiting > 0, let task = sink.task else { return }
        if seam.drain.tasks.isCancelled(task) { sink.clear() }
        guard sink.stage != .waits || sink.waiting == 0 else { return }
        tellDropped(sink)
        guard sink.waiting > 0 else { return }
        sink.isBusy = true
        work.begin(.sink(sink.number), plugin: sink.plugin, name: sink.name, task: task, sink.take())
    }

    /// Nothing waits for the sinks any more: what they have not taken in is lost, and counted.
    func giveUp() {
        for sink in table where sink.task != nil {
            if sink.isBusy { sink.finished(error: "abandoned", isCut: true) }
            sink.clear()
            tellDropped(sink)
            sink.task = nil
        }
    }

    func tellDropped(_ sink: SinkQueue) {
        guard sink.dropped > 0 else { return }
        seam.log.warning(
            "\(sink.title) of plugin '\(sink.plugin)' did not take everything: \(sink.counted(sink.dropped)) dropped")
        if !sink.takesEvents { droppedLines += sink.dropped }
        sink.dropped = 0
    }

    func ended(_ number: Int, error: String?) {
        guard let sink = table[number] else { return }
        sink.finished(error: error, isCut: sink.task.map(seam.drain.tasks.isCancelled) ?? false)
        if (error != nil) != sink.isFailing {
            sink.isFailing = error != nil
            let name = "\(sink.title) of plugin '\(sink.plugin)'"
            let text = "\(name) \(error.map { "fails: \($0)" } ?? "works again")"
            if error == nil {
                seam.log.notice(text, kind: .sinkWorks)
            } else {
                seam.log.warning(text, kind: .pluginFailed)
            }
            seam.emit(.plugin(sink.plugin, Sentence(ofAnything: text)))
        }
    }

    /// In the last phase a sink's task is over once nothing waits for it.
    func closeIdle() {
        guard seam.drain.letsSinksGo else { return }
        // One that waits for the sink before it still has something to give.
        for sink in table where !sink.isBusy && sink.waiting == 0 {
            close(sink)
        }
    }

    /// A sink's task is over: it takes nothing more.
    func close(_ sink: SinkQueue) {
        tellDropped(sink)
        if let task = sink.task { seam.drain.tasks.complete(task) }
        sink.task = nil
    }

    /// Takes queues out. Nothing for what is out already.
    func remove(_ numbers: Set<Int>) { table.remove(numbers) }

    // MARK: What there is

    /// The queue of a number; nil of one that is gone.
    subscript(number: Int) -> SinkQueue? { table[number] }

    /// The queues, those of events first.
    var queues: [SinkQueue] { Array(table) }

    /// The queues of event sinks.
    var events: [SinkQueue] { table.events }

    /// How many take something yet.
    var openCount: Int { table.count { $0.task != nil } }
}
