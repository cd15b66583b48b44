import SupdEngine
import SupdHost
import SupdPlugin

/// What of plugins runs in the daemon: their jobs, hooks, probes, sinks, programs, and calls of their methods. Each part has its own state.
final class PluginHost {
    /// How many messages of plugins are taken in one turn of the loop.
    private static let messagesPerTurn = 256

    let catalogue: PluginCatalogue
    let inbox: PluginInbox
    let work: PluginWork
    let hooks: HookRuns
    let probes: ProbeRuns
    let sinks: PluginSinks
    let programs: PluginPrograms
    private let exchanges: PluginExchange
    private unowned let seam: any PluginSeam

    /// What runs what `catalogue` has; nothing runs yet.
    init(_ seam: any PluginSeam, _ catalogue: PluginCatalogue) {
        self.seam = seam
        self.catalogue = catalogue
        inbox = PluginInbox(wake: seam.host.waker)
        programs = PluginPrograms(seam)
        work = PluginWork(seam, inbox, programs)
        hooks = HookRuns(seam, catalogue, work)
        probes = ProbeRuns(seam, work)
        sinks = PluginSinks(seam, work, catalogue.eventSinks)
        exchanges = PluginExchange(seam, catalogue, work, sinks)
    }

    /// The daemon begins.
    func start() {
        for problem in catalogue.problems { seam.log.warning(problem, kind: .pluginFailed) }
        for job in catalogue.jobs { work.start(job) }
        sinks.registerAll()
    }

    /// Jobs that ended because a drain told them to are run anew.
    func startJobsAgain() {
        // One that is being exchanged begins when what is left of it has ended.
        let ended = catalogue.jobs.filter { !work.isRunning($0) && !exchanges.isExchanging($0.plugin) }
        for job in ended { work.start(job) }
    }

    /// Work has ended; nothing for what was given up before.
    func ended(_ id: WorkID, error: String?) {
        guard let entry = work.remove(id) else { return }
        let wasTold = seam.drain.tasks.isCancelled(entry.task)
        switch entry.role {
        case .hook(let run, let place): return hooks.ended(run, place, error: error)
        case .probe(let run): return probes.ended(run, entry.task, error: error)
        case .sink(let number):
            sinks.ended(number, error: error)
            return closeIdleSinks()
        case .call(let call): seam.control.finishCall(call, error: error)
        case .job(let notice): tellEnd(of: "job", entry, error: error, isExpected: wasTold || notice.isGiven)
        case .child: tellEnd(of: "task", entry, error: error, isExpected: wasTold)
        }
        seam.drain.tasks.complete(entry.task)
    }

    private func tellEnd(of kind: String, _ entry: PluginWork.Entry, error: String?, isExpected: Bool) {
        let name = "\(kind) '\(entry.name)' of plugin '\(entry.plugin)'"
        if let error, !isExpected {
            seam.log.error("\(name) has failed: \(error)", kind: .pluginFailed)
        } else {
            seam.log.debug("\(name) has ended")
        }
    }

    /// Whether plugins' parts have left word of anything.
    var hasMessages: Bool { inbox.hasMessages }

    /// Does what plugins' parts have left word of.
    func takeMessages() {
        guard let (messages, dropped) = inbox.take(limit: Self.messagesPerTurn) else { return }
        let log = seam.log
        for (plugin, count) in dropped.sorted(by: { $0.key < $1.key }) {
            log.warning(
                "plugin '\(plugin)' logs faster than it is read: \(plural(count, "line")) dropped", kind: .linesDropped)
        }
        for message in messages {
            switch message {
            case .log(let plugin, let level, let text):
                log.write(level, "\(plugin): \(text)", log.isForPrograms ? ["plugin": plugin] : [:])
            case .child(let request): work.start(request)
            case .list(let selectors, let caller, let answer): answer(seam.summaries(of: selectors, for: caller))
            case .order(let order, let selectors, let plugin, let caller, let answer):
                answer(seam.obey(order, selectors, of: plugin, for: caller))
            case .run(let request): programs.begin(request)
            case .endRun(let ticket): programs.cancel(ticket)
            }
        }
    }

    /// Whether something of a plugin's is under way that is about an instance.
    func isBusy(with instance: InstanceID) -> Bool {
        hooks.instances.contains(instance) || probes.isBusy(with: instance)
    }

    // MARK: Sinks

    /// Gives the sinks that are not busy what waits for them, after what was in their way.
    @inline(__always)
    func feedSinks() {
        if exchanges.isUnderWay { exchanges.settle() }
        if !sinks.isEmpty { sinks.feed() }
    }

    /// In the last phase of a drain a sink's task is over once nothing waits for it.
    func closeIdleSinks() {
        feedSinks()
        sinks.closeIdle()
    }

    /// Lets a queue go (`PluginExchange.letGo`).
    func letGo(_ sink: SinkQueue) { exchanges.letGo(sink) }

    // MARK: Exchange

    /// Exchanges what plugins have brought (`PluginExchange.exchange`). False in a drain, where nothing is exchanged.
    @discardableResult
    func exchange(_ revival: PluginRevival) -> Bool { exchanges.exchange(revival) }

    /// The time of something that is on its way out is over, or its grace.
    func advanceDeparture(_ number: Int) { exchanges.advance(number) }

    /// Whether nothing is on its way out.
    var isSettled: Bool { exchanges.isSettled }
}
