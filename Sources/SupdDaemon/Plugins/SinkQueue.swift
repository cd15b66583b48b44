import SupdConfiguration
import SupdEngine
import SupdPlugin
import Synchronization

/// What waits for one sink of a plugin, events or lines, and how far it has come.
///
/// It is bounded: what comes when it is full is dropped and counted, but for lines of services that wait for it; `flow` tells them.
final class SinkQueue {
    /// How many events may wait.
    static let eventLimit = 1_024
    /// How many bytes of lines may wait, `lineCost` for each line beside its own.
    static let byteLimit = 256 * 1024
    /// What a line costs beside its bytes.
    static let lineCost = 64

    /// Whether it takes part.
    enum Stage {
        /// What comes waits, and is not given yet: the sink before it is on its way out.
        case waits
        /// What comes is given.
        case gives
        /// What waits is given, and then it is gone. Of events no more come.
        case leaves
    }

    /// How many of the events that were taken the sink has had; counted on the pool.
    private final class Progress: Sendable {
        let had = Atomic(0)
    }

    private enum Content {
        case events(any EventSink, [DaemonEvent])
        case lines(any LogSink, [LogEntry], bytes: Int)
    }

    /// What it is, in messages: `event sink 'page'`.
    let title: String
    /// The task's name.
    let taskName: String
    let name: String
    let plugin: String
    /// Whose lines it takes; nil where it takes events.
    let service: ServiceName?
    /// Whether it has room.
    let flow: FlowControl
    /// Its registered task, for as long as it takes anything.
    var task: TaskID?
    /// Its number among the sinks, which is never used again.
    var number = 0
    var stage = Stage.gives
    var isBusy = false
    /// Whether the last call had an error: that is said once a change.
    var isFailing = false
    /// Whether it was said that what comes is dropped.
    var isLate = false
    /// Dropped since it was last said.
    var dropped = 0
    /// Dropped at all.
    private(set) var droppedTotal = 0

    private var content: Content
    /// How many are with the sink now.
    private var inFlight = 0
    private var progress = Progress()

    /// The queue of an event sink.
    init(_ sink: PluginActivation.Named<any EventSink>) {
        title = "event sink '\(sink.name)'"
        taskName = "events \(sink.plugin): \(sink.name)"
        name = sink.name
        plugin = sink.plugin
        service = nil
        content = .events(sink.value, [])
        flow = FlowControl(title: title, limit: .max)
    }

    /// The queue of the log sink of `service`.
    init(_ planned: PlannedLogSink, of service: ServiceName) {
        title = "log sink '\(planned.name)' of \(service)"
        taskName = "log sink \(planned.name): \(service)"
        name = planned.name
        plugin = planned.plugin
        self.service = service
        content = .lines(planned.sink, [], bytes: 0)
        flow = FlowControl(title: "\(title), plugin '\(plugin)',", limit: Self.byteLimit)
    }

    /// Whether it takes events.
    var takesEvents: Bool {
        if case .events = content { return true }
        return false
    }

    /// How many wait.
    var waiting: Int {
        switch content {
        case .events(_, let events): events.count
        case .lines(_, let entries, _): entries.count
        }
    }

    /// `3 events`, `1 line`.
    func counted(_ count: Int) -> String { plural(count, takesEvents ? "event" : "line") }

    /// Adds an event.
    func add(_ event: DaemonEvent) {
        guard task != nil, stage != .leaves, case .events(let sink, var events) = content else { return }
        guard events.count < Self.eventLimit else { return drop(1) }
        // One copy of the list, not two.
        content = .events(sink, [])
        events.append(event)
        content = .events(sink, events)
    }

    /// Takes over what waits in the queue of another event sink, and what was dropped there.
    func inherit(_ other: SinkQueue) {
        guard case .events(let sink, _) = content, case .events(_, let events) = other.content else { return }
        content = .events(sink, events)
        drop(other.dropped)
    }

    /// Adds the lines of a run, each with what `pattern` says beside its bytes. With `isKept` also those that do not fit.
    func add(_ run: LineRun, _ pattern: LogEntry, isKept: Bool) {
        guard case .lines(let sink, var entries, var bytes) = content else { return }
        content = .lines(sink, [], bytes: 0)
        run.forEachLine { line in
            let cost = line.bytes.count + Self.lineCost
            guard task != nil, isKept || bytes + cost <= Self.byteLimit else { return drop(1) }
            var entry = pattern
            entry.bytes = Array(line.bytes)
            entry.level = line.level
            entry.isCut = line.ending == .cut
            entries.append(entry)
            bytes += cost
        }
        content = .lines(sink, entries, bytes: bytes)
        flow.added(pending: bytes)
    }

    /// Counts what nobody will get.
    func drop(_ count: Int) {
        dropped += count
        droppedTotal += count
    }

    /// Takes everything out and answers how it is given to the sink. Pumps that wait go on, and may fill it again before this returns.
    func take() -> @Sendable (PluginContext) async throws -> Void {
        inFlight = waiting
        switch content {
        case .events(let sink, let events):
            content = .events(sink, [])
            let progress = Progress()
            self.progress = progress
            return { context in
                var problem: (any Error)?
                for event in events {
                    do {
                        try await sink.receive(event, context)
                        progress.had.add(1, ordering: .relaxed)
                    } catch {
                        problem = problem ?? error
                        if !Task.isCancelled { progress.had.add(1, ordering: .relaxed) }
                    }
                    // There is no time for the others any more.
                    if Task.isCancelled { break }
                }
                if let problem { throw problem }
            }
        case .lines(let sink, let entries, _):
            content = .lines(sink, [], bytes: 0)
            flow.took(pending: 0)
            return { try await sink.write(entries, $0) }
        }
    }

    /// The sink is done with what was taken; what it failed to take in is lost. With `isCut` it had no time for the rest of the events.
    func finished(error: String?, isCut: Bool = false) {
        isBusy = false
        isLate = false
        // Of events each is a call of its own, and its failure no loss of the others.
        if takesEvents {
            if isCut { drop(inFlight - progress.had.load(ordering: .relaxed)) }
        } else if error != nil {
            drop(inFlight)
        }
        inFlight = 0
    }

    /// Forgets what waits, and counts it as dropped. What is with the sink stays with it.
    func clear() {
        drop(waiting)
        let before = (inFlight, progress)
        _ = take()
        (inFlight, progress) = before
    }
}
