import SupdEngine
import SupdHost
import SupdPlugin

/// Plugins whose options have changed: taken down and up again, and no others.
extension Supervisor {
    /// Exchanges what the plugins of `revival` have brought. New calls of methods and the daemon's hooks are the new ones at once. The jobs
    /// are told to end and the event sinks get what waits for them, both within what a drain has for it; once they have ended, or were
    /// given up by name, the new ones begin. Events that come meanwhile wait for the new sinks. Where that is under way already, it
    /// goes on and the latest begin.
    ///
    /// In a drain nothing is exchanged, and the answer is false. One that begins before the old jobs have ended leaves the new ones out, until
    /// it is undone; the new sinks take over as else, so that they get what they have to hear of it.
    @discardableResult
    func exchange(_ revival: PluginRevival) -> Bool {
        guard drain.gate == .open else { return false }
        for (plugin, activation) in revival.activations { exchange(plugin, activation) }
        settleDepartures()
        return true
    }

    private func exchange(_ plugin: String, _ activation: PluginActivation) {
        log.notice("plugin '\(plugin)' has new options: it is taken down and up again")
        for conflict in activation.conflicts { log.warning(conflict) }
        plugins.replace(plugin, by: activation)
        plugins.exchanging.insert(plugin)
        tellJobs(of: plugin)
        exchangeSinks(of: plugin, activation.eventSinks)
    }

    private func tellJobs(of plugin: String) {
        for (_, entry) in plugins.work.jobs(of: plugin) {
            if case .job(let notice) = entry.role { notice.give() }
        }
        guard plugins.work.hasJobs(of: plugin), !plugins.departures.hasJobs(of: plugin) else { return }
        depart(.jobs(of: plugin), within: drain.budget.jobs)
    }

    private func exchangeSinks(of plugin: String, _ sinks: [PluginActivation.Named<any EventSink>]) {
        let old = plugins.sinks.events.filter { $0.plugin == plugin }
        for sink in old where sink.stage == .gives { depart(with: sink) }
        let new = sinks.map { SinkQueue($0) }
        for sink in new {
            sink.stage = .waits
            addSink(sink)
        }
        // Those of options that never came into force: each has what came since, and the new ones are to get that.
        let skipped = old.filter { $0.stage == .waits }
        plugins.sinks.remove(Set(skipped.map(\.number)))
        for sink in skipped {
            for heir in new { heir.inherit(sink) }
            if !new.isEmpty { sink.dropped = 0 } else { sink.clear() }
            close(sink)
        }
    }

    // MARK: What goes

    /// Begins the way out of a sink: it gets what waits for it.
    func depart(with sink: SinkQueue) {
        sink.stage = .leaves
        depart(
            sink.takesEvents ? .events(sink: sink.number, of: sink.plugin) : .lines(sink: sink.number),
            within: drain.budget.flush)
    }

    private func depart(_ subject: Departure.Subject, within budget: Duration) {
        let departure = Departure(subject, budget: budget, now: host.now)
        let number = plugins.departures.add(departure)
        host.arm(TimerKind.departure.token(number), at: departure.deadline)
    }

    /// The time of a departure is over, or its grace.
    func advanceDeparture(_ number: Int) {
        guard let step = plugins.departures[number]?.advance(now: host.now),
            let departure = plugins.departures[number]
        else { return }
        if case .cancel(let until) = step { host.arm(TimerKind.departure.token(number), at: until) }
        switch departure.subject {
        case .jobs(let plugin): cut(plugins.work.jobs(of: plugin), of: plugin, departure, step)
        case .events(let sink, _), .lines(let sink): if let sink = plugins.sinks[sink] { cut(sink, departure, step) }
        }
        settleDepartures()
    }

    private func cut(
        _ jobs: [(id: WorkID, entry: PluginWork.Entry)], of plugin: String, _ departure: Departure,
        _ step: Departure.Step
    ) {
        switch step {
        case .cancel(let until):
            let names = jobs.compactMap { drain.task($0.entry.task)?.name }.joined(separator: ", ")
            log.warning(
                "plugin '\(plugin)': the \(departure.budget.text) of its jobs are over; cancelled: \(names)",
                kind: .pluginFailed)
            for (id, entry) in jobs {
                drain.cancel(entry.task, deadline: until)
                host.cancel(id)
            }
        case .abandon:
            for (id, entry) in jobs {
                _ = plugins.work.remove(id)
                drain.giveUp(entry.task)
            }
        }
    }

    private func cut(_ sink: SinkQueue, _ departure: Departure, _ step: Departure.Step) {
        guard let task = sink.task else { return }
        let work = plugins.work.work(of: task)
        switch step {
        case .cancel(let until):
            log.warning(
                "\(sink.title) of plugin '\(sink.plugin)' has not taken everything in \(departure.budget.text) and is cancelled"
            )
            drain.cancel(task, deadline: until)
            if let work { host.cancel(work) }
        case .abandon:
            if let work { _ = plugins.work.remove(work) }
            if sink.isBusy { sink.finished(error: "abandoned", isCut: true) }
            drain.giveUp(task)
            sink.task = nil
        }
        sink.clear()
        tellDropped(sink)
    }

    // MARK: What comes

    /// Ends the departures of what is gone, and lets come what has waited for that.
    func settleDepartures() {
        guard !plugins.departures.departures.isEmpty || !plugins.exchanging.isEmpty else { return }
        var gone: Set<Int> = []
        for (number, departure) in plugins.departures.departures {
            switch departure.subject {
            case .jobs(let plugin): if plugins.work.hasJobs(of: plugin) { continue }
            case .events(let sink, _), .lines(let sink):
                guard let queue = plugins.sinks[sink] else { break }
                if queue.isBusy || queue.waiting > 0 { continue }
                close(queue)
                gone.insert(sink)
            }
            plugins.departures[number] = nil
            host.disarm(TimerKind.departure.token(number))
        }
        plugins.sinks.remove(gone)
        for plugin in plugins.exchanging.sorted() where !plugins.departures.holdsUp(plugin) { revive(plugin) }
    }

    private func revive(_ plugin: String) {
        for sink in plugins.sinks.events where sink.plugin == plugin && sink.stage == .waits { sink.stage = .gives }
        guard drain.gate == .open else { return }
        plugins.exchanging.remove(plugin)
        for job in plugins.jobs where job.plugin == plugin { start(job) }
        log.info("plugin '\(plugin)' runs with its new options")
    }
}
