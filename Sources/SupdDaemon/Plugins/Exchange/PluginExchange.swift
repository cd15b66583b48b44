import SupdEngine
import SupdHost
import SupdPlugin

/// Plugins whose options have changed: taken down and up again, and no others. What is on its way out is told, cancelled and given up as in
/// a drain.
final class PluginExchange {
    private unowned let seam: any PluginSeam
    private let catalogue: PluginCatalogue
    private let work: PluginWork
    private let sinks: PluginSinks
    /// What is on its way out.
    private var table = DepartureTable()
    /// The plugins whose old jobs and sinks are on their way out, and whose new ones wait for that.
    private var exchanging: Set<String> = []

    /// One that nothing is on its way out of.
    init(_ seam: any PluginSeam, _ catalogue: PluginCatalogue, _ work: PluginWork, _ sinks: PluginSinks) {
        self.seam = seam
        self.catalogue = catalogue
        self.work = work
        self.sinks = sinks
    }

    /// Exchanges what the plugins of `revival` have brought. New calls of methods and the daemon's hooks are the new ones at once. The jobs
    /// are told to end and the event sinks get what waits for them, both within what a drain has for it; once they have ended, or were
    /// given up by name, the new ones begin. Events that come meanwhile wait for the new sinks. Where that is under way already, it
    /// goes on and the latest begin.
    ///
    /// In a drain nothing is exchanged, and the answer is false. One that begins before the old jobs have ended leaves the new ones out, until
    /// it is undone; the new sinks take over as else, so that they get what they have to hear of it.
    @discardableResult
    func exchange(_ revival: PluginRevival) -> Bool {
        guard seam.drain.gate == .open else { return false }
        for (plugin, activation) in revival.activations { exchange(plugin, activation) }
        settle()
        return true
    }

    private func exchange(_ plugin: String, _ activation: PluginActivation) {
        seam.log.notice("plugin '\(plugin)' has new options: it is taken down and up again")
        for conflict in activation.conflicts { seam.log.warning(conflict) }
        catalogue.replace(plugin, by: activation)
        exchanging.insert(plugin)
        tellJobs(of: plugin)
        exchangeSinks(of: plugin, activation.eventSinks)
    }

    private func tellJobs(of plugin: String) {
        work.tellJobs(of: plugin)
        guard work.hasJobs(of: plugin), !table.hasJobs(of: plugin) else { return }
        depart(.jobs(of: plugin), within: seam.drain.budget.jobs)
    }

    private func exchangeSinks(of plugin: String, _ eventSinks: [PluginActivation.Named<any EventSink>]) {
        let old = sinks.events.filter { $0.plugin == plugin }
        for sink in old where sink.stage == .gives { depart(with: sink) }
        let new = eventSinks.map { SinkQueue($0) }
        for sink in new {
            sink.stage = .waits
            sinks.add(sink)
        }
        // Those of options that never came into force: each has what came since, and the new ones are to get that.
        let skipped = old.filter { $0.stage == .waits }
        sinks.remove(Set(skipped.map(\.number)))
        for sink in skipped {
            for heir in new { heir.inherit(sink) }
            if !new.isEmpty { sink.dropped = 0 } else { sink.clear() }
            sinks.close(sink)
        }
    }

    // MARK: What goes

    /// Lets a queue go: what waits in it, and lines that still come, are given to its sink, and then it is gone. After the budget `flush`
    /// of a drain the rest is given up and counted. Nothing for one that goes already, or was never added.
    func letGo(_ sink: SinkQueue) {
        guard sinks[sink.number] === sink, sink.stage != .leaves else { return }
        depart(with: sink)
        settle()
    }

    /// Begins the way out of a sink: it gets what waits for it.
    private func depart(with sink: SinkQueue) {
        sink.stage = .leaves
        depart(
            sink.takesEvents ? .events(sink: sink.number, of: sink.plugin) : .lines(sink: sink.number),
            within: seam.drain.budget.flush)
    }

    private func depart(_ subject: Departure.Subject, within budget: Duration) {
        let departure = Departure(subject, budget: budget, now: seam.host.now)
        let number = table.add(departure)
        seam.host.arm(TimerKind.departure.token(number), at: departure.deadline)
    }

    /// The time of a departure is over, or its grace.
    func advance(_ number: Int) {
        guard let step = table[number]?.advance(now: seam.host.now),
            let departure = table[number]
        else { return }
        if case .cancel(let until) = step { seam.host.arm(TimerKind.departure.token(number), at: until) }
        switch departure.subject {
        case .jobs(let plugin): cut(work.jobs(of: plugin), of: plugin, departure, step)
        case .events(let sink, _), .lines(let sink): if let sink = sinks[sink] { cut(sink, departure, step) }
        }
        settle()
    }

    private func cut(
        _ jobs: [(id: WorkID, entry: PluginWork.Entry)], of plugin: String, _ departure: Departure,
        _ step: Departure.Step
    ) {
        switch step {
        case .cancel(let until):
            let names = jobs.compactMap { seam.drain.tasks[$0.entry.task]?.name }.joined(separator: ", ")
            seam.log.warning(
                "plugin '\(plugin)': the \(departure.budget.text) of its jobs are over; cancelled: \(names)",
                kind: .pluginFailed)
            for (id, entry) in jobs {
                seam.drain.tasks.cancel(entry.task, deadline: until)
                seam.host.cancel(id)
            }
        case .abandon:
            for (id, entry) in jobs {
                work.remove(id)
                seam.drain.tasks.giveUp(entry.task)
            }
        }
    }

    private func cut(_ sink: SinkQueue, _ departure: Departure, _ step: Departure.Step) {
        guard let task = sink.task else { return }
        switch step {
        case .cancel(let until):
            seam.log.warning(
                "\(sink.title) of plugin '\(sink.plugin)' has not taken everything in \(departure.budget.text) and is cancelled"
            )
            seam.drain.tasks.cancel(task, deadline: until)
            work.cancel(of: task)
        case .abandon:
            work.remove(of: task)
            if sink.isBusy { sink.finished(error: "abandoned", isCut: true) }
            seam.drain.tasks.giveUp(task)
            sink.task = nil
        }
        sink.clear()
        sinks.tellDropped(sink)
    }

    // MARK: What comes

    /// Whether something departs, or waits for that.
    var isUnderWay: Bool { !table.departures.isEmpty || !exchanging.isEmpty }

    /// Ends the departures of what is gone, and lets come what has waited for that.
    func settle() {
        var gone: Set<Int> = []
        for (number, departure) in table.departures {
            switch departure.subject {
            case .jobs(let plugin): if work.hasJobs(of: plugin) { continue }
            case .events(let sink, _), .lines(let sink):
                guard let queue = sinks[sink] else { break }
                if queue.isBusy || queue.waiting > 0 { continue }
                sinks.close(queue)
                gone.insert(sink)
            }
            table[number] = nil
            seam.host.disarm(TimerKind.departure.token(number))
        }
        sinks.remove(gone)
        for plugin in exchanging.sorted() where !table.holdsUp(plugin) { revive(plugin) }
    }

    private func revive(_ plugin: String) {
        for sink in sinks.events where sink.plugin == plugin && sink.stage == .waits { sink.stage = .gives }
        guard seam.drain.gate == .open else { return }
        exchanging.remove(plugin)
        for job in catalogue.jobs where job.plugin == plugin { work.start(job) }
        seam.log.info("plugin '\(plugin)' runs with its new options")
    }

    // MARK: What there is

    /// Whether a plugin's new jobs wait for what is left of the old.
    func isExchanging(_ plugin: String) -> Bool { exchanging.contains(plugin) }

    /// Whether nothing is on its way out.
    var isSettled: Bool { table.departures.isEmpty }
}
