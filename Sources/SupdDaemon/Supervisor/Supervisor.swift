package import SupdConfiguration
import SupdEngine
package import SupdHost
package import SupdPlugin
import SupdProtocol

/// The owner of everything in the daemon: it takes events from the host, asks the machines what follows, and has
/// the host do it. All of it runs on the loop's thread, and nothing in it waits.
///
/// One turn of the loop: every event is taken; then main processes that ended are given to the fleet together, so
/// that one look at the process table serves them all; then what was put off is done: trees examined, programs
/// started (a bounded number a turn, so that a thousand starts delay nobody), the drain moved on, waiting orders
/// answered, and the service manager told. Requests and orders over many services are bounded by time: what is left
/// of them goes on in the next turn.
package final class Supervisor {
    /// How many instances are concerned, and starts and stops granted, before what follows is done and the clock looked at.
    static let stepsAtOnce = 16

    let host: any Host
    let roster = Roster()
    var settings: SupervisorSettings
    let log: DaemonLog
    let logs: ServiceLogs
    /// What plugins have brought.
    private let catalogue: PluginCatalogue
    private(set) lazy var plugins = PluginHost(self, catalogue)

    let fleet: Fleet
    private(set) lazy var drain = DrainConductor(self, budget: initial.supervisor.drain)
    /// What is in force at the start, but for the services.
    private let initial: Configuration
    private(set) lazy var configuring = ConfigurationDesk(self, initial, readAt: startedWall)
    let channels = ChannelTable()
    private(set) lazy var control = ControlDesk(self)
    /// What has happened, the last of it.
    let events = EventRing()

    private(set) lazy var processes = ProcessKeeper(self)
    private(set) lazy var launcher = Launcher(self)
    private(set) lazy var managerStore = ManagerStore(host: host, log: log)
    private(set) lazy var commands = CommandRunner(self)
    /// What the fleet wants done, those that are done already included; empty outside `act`.
    var actions: [FleetAction] = []
    /// What services say of themselves.
    private(set) lazy var notices = NoticeReader(self)

    var startedAt: MonotonicInstant
    var startedWall: WallTime
    let wallClock: WallClock
    /// When all that is enabled was up, or given up; nil where it is not yet.
    var readyAt: MonotonicInstant?
    var notifier: Notifier
    var watchdog = WatchdogPing()
    private(set) var turnTimes = TurnTimes()
    /// Outputs of services that wait for the next turn to be read.
    private(set) var readLater: [Channel] = []
    /// Whether the fleet has changed since the service manager and the waiting orders were last told.
    private var fleetChanged = true

    /// A supervisor of what `configuration` says. Throws `DependencyError` where its dependencies cannot be; the
    /// loader of files has refused such a file before.
    package init(
        configuration: Configuration, plugins: PluginRegistrar = PluginRegistrar(), settings: SupervisorSettings,
        host: any Host
    ) throws {
        self.host = host
        self.settings = settings
        var maker = DefinitionMaker()
        let definitions = configuration.services.map { maker.definition($0) }
        let now = host.now
        fleet = try Fleet(
            definitions.map(Fleet.Member.init), startParallelism: configuration.supervisor.startParallelism, now: now)
        fleet.stepsAtOnce = Self.stepsAtOnce
        let router = LogRouter(
            host: host, level: settings.logLevel, format: settings.logFormat, retryTimer: TimerKind.logs.token(),
            stallTimer: TimerKind.stalledSinks.token(), floodTimer: TimerKind.floodedPipes.token())
        log = router.daemonLog
        notifier = Notifier(host: host, log: log)
        logs = ServiceLogs(router: router, channels: channels)
        catalogue = PluginCatalogue(plugins, configuration: configuration)
        startedAt = now
        startedWall = host.wallClock()
        wallClock = WallClock(host, shows: startedWall)
        initial = configuration.withoutServices
        for (place, service) in fleet.services.enumerated() {
            let queue = definitions[place].makeLogQueue()
            if let queue { self.plugins.sinks.addUnregistered(queue) }
            enroll(service, definitions[place], logQueue: queue)
        }
        control.access.takeOver(configuration.supervisor.access, toAnything: configuration.accessToAnything)
        control.server.limit = configuration.supervisor.connections
        tellWarnings(configuration.warnings)
    }

    /// Runs until the daemon is to end, and answers its exit code. `listener` is the control socket; nil for none.
    package func run(listener: Channel?) -> Int32 {
        control.server.listen(to: listener)
        log.notice(
            "supd \(VersionInfo.current) is starting \(plural(fleet.enabledCount, "instance"))", kind: .daemonStarting)
        tellTracking()
        control.files.mend()
        endLeftovers()
        takeHandedOver()
        launcher.sockets.bindEnabled()
        plugins.start()
        act { $0.startEnabled(now: $1, random: $2, into: &$3) }
        var events: [HostEvent] = []
        let parts = TurnParts(self)
        finishTurn(parts)
        extendTimeout()
        while parts.drain.exitCode == nil {
            // One after the other: to remove all at once is dearer by far where they are few.
            while !events.isEmpty { events.removeLast() }
            host.wait(into: &events)
            take(events, parts.server)
            if parts.plugins.hasMessages { parts.plugins.takeMessages() }
            finishTurn(parts)
            turnTimes.note(host.now, host.readClock(), events)
        }
        return drain.exitCode ?? ExitCode.internalError
    }

    /// Leaves what is known of each instance to the kernel, which takes back a process's memory at once. For a process that ends now:
    /// object by object a thousand histories take as long as a third of the stop of their services.
    package func leaveMemory() { _ = Unmanaged.passRetained(roster) }

    /// Takes the events of a turn. What services write is read for so long of it; whose turn has not come then is first in the next one.
    private func take(_ events: [HostEvent], _ server: ControlServer) {
        let first = readLater
        readLater = []
        var isOver = false
        func read(_ channel: Channel) {
            guard case .service(let pump) = channels[channel] else { return }
            if isOver { return readLater.append(channel) }
            pump.readable(channel)
            isOver = host.readClock() >= host.now.advanced(by: ProtocolLimits.timePerTurn)
        }
        for channel in first { read(channel) }
        for event in events {
            switch event {
            case .readable(let channel):
                switch channels[channel] {
                case .service: if !first.contains(channel) { read(channel) }
                case .listener: server.accept()
                case .connection(let slot): server.read(channel, slot)
                case .program(let number): plugins.programs.read(channel, of: number)
                case .notices(let instance): notices.read(of: instance)
                case .ready(let instance): notices.readiness.read(channel, of: instance)
                case .stored, nil: break
                }
            case .timer(logs.router.floods.timer):
                for channel in logs.router.floods.takeDue() where !first.contains(channel) { read(channel) }
            default: handle(event)
            }
        }
    }

    private func handle(_ event: HostEvent) {
        switch event {
        case .timer(let token): handleTimer(token)
        case .exited(let process): processes.reap(process)
        case .stopped(let process, let signal): host.continueJob(process, after: signal)
        case .socketsCame: launcher.sockets.bindAwaited()
        case .adoptedReaped:
            notices.takeHeld()
            processes.examineUnfinishedTrees()
            plugins.programs.endRemains()
        case .unreadable(let process): tellUnreadable(process)
        // It was taken before.
        case .readable: break
        case .hungUp(let channel):
            switch channels[channel] {
            case .connection(let slot): control.server.lose(slot)
            case .stored(let instance): notices.store.dropHungUp(channel, of: instance)
            case .listener, .service, .notices, .ready, .program, nil: break
            }
        case .writable(let channel):
            if channel == host.standardError { return logs.router.standardErrorWritable() }
            if case .connection(let slot) = channels[channel] { control.server.flush(slot) }
        case .signal(let signal): handleSignal(signal)
        case .spawnEnded(let spawn, let result): processes.pending.ended(spawn, result)
        case .controlSocketDisturbed: control.files.mend()
        case .workEnded(let work, let error): plugins.ended(work, error: error)
        }
    }

    private func handleTimer(_ token: TimerToken) {
        let subject = Int(token.subject)
        switch TimerKind(rawValue: token.kind) {
        case .service: act { $0.handle(.timer, of: InstanceID(number: token.subject), now: $1, random: $2, into: &$3) }
        case .waiter: control.waiting.timeOut(subject)
        case .connection: control.server.closeStalled(subject)
        case .rest: control.server.endRest(of: subject)
        case .refusals: control.server.sumUpRefusals()
        case .extend: extendTimeout()
        case .logs: logs.router.retry()
        case .stalledSinks: logs.router.stalls.look()
        case .managerStore: managerStore.send()
        case .notifier: notifier.retry { statusSentence }
        case .hooks: plugins.hooks.advance(subject)
        case .probe: plugins.probes.advance(subject)
        case .program: plugins.programs.kill(subject)
        case .command: commands.kill(subject)
        case .ready: notices.readiness.delayPassed(InstanceID(number: token.subject))
        case .reload: notices.reloads.timedOut(InstanceID(number: token.subject))
        case .controlSocket: control.files.mend()
        case .information: configuring.files.tell(nil)
        case .departure: plugins.advanceDeparture(subject)
        case .pendingSpawn: processes.pending.tell()
        case .emptyTree: commands.errands.lookAgain(at: InstanceID(number: token.subject))
        case .drain, .spawns, .next, .watchdog, .floodedPipes, nil:
            // These are looked at in every turn; the timer only brings the turn about.
            break
        }
    }

    /// Who has something to do in every turn. Each is asked for once: that costs more than most of what they are asked.
    private struct TurnParts {
        let drain: DrainConductor
        let processes: ProcessKeeper
        let control: ControlDesk
        let server: ControlServer
        let launcher: Launcher
        let configuring: ConfigurationDesk
        let plugins: PluginHost
        /// The service manager's, which has said it before the first turn.
        let watchdogInterval: Duration?

        init(_ supervisor: Supervisor) {
            watchdogInterval = supervisor.host.watchdogInterval
            drain = supervisor.drain
            processes = supervisor.processes
            control = supervisor.control
            server = control.server
            launcher = supervisor.launcher
            configuring = supervisor.configuring
            plugins = supervisor.plugins
        }
    }

    /// What is done once a turn, after its events.
    private func finishTurn(_ parts: TurnParts) {
        let (drain, processes, control, launcher) = (parts.drain, parts.processes, parts.control, parts.launcher)
        if logs.hasLeaving { drain.completeEndedPumps() }
        if logs.hasFound { notices.readiness.takeFoundLines() }
        // Each is asked whether it has something to do before it is called, as most turns have little.
        if processes.hasEnded { processes.handEnded() }
        // Mostly nothing is left of what has ended: nobody is told of the moment before that is known.
        if processes.hasExaminations { processes.examineTrees() }
        parts.server.unpark()
        control.tellFollowers()
        if parts.server.hasQueued { control.serve() }
        if !fleet.isSettled { advanceFleet() }
        repeat {
            if processes.hasExaminations { processes.examineTrees() }
            if launcher.hasQueued { launcher.spawnQueued() }
        } while processes.hasExaminations
        if launcher.hasQueued { host.arm(TimerKind.spawns.token(), at: host.now) }
        if drain.mayAdvance { drain.advance() }
        while fleetChanged {
            fleetChanged = false
            control.waiting.look(for: fleet.takeTouched())
            announceProgress()
            drain.endWhenAsked()
            drain.advance()
        }
        if !parts.configuring.isAtRest { parts.configuring.advance() }
        parts.plugins.feedSinks()
        parts.server.flush()
        control.tellFollowers()
        if parts.server.hasQueued || !fleet.isSettled || !readLater.isEmpty {
            host.arm(TimerKind.next.token(), at: host.now)
        }
        drain.enforceEnd()
        if let interval = parts.watchdogInterval { pingWatchdog(interval) }
        log.handOver()
    }

    /// Carries out what was ordered of many instances, and grants them their starts and stops, until the time for that is over.
    private func advanceFleet() {
        let end = host.readClock().advanced(by: ProtocolLimits.timePerTurn)
        repeat {
            act { $0.advance(now: $1, random: $2, into: &$3) }
        } while !fleet.isSettled && host.readClock() < end
        // Whose turn it is now has waited for that.
        guard fleet.isSettled else { return }
        noteChange()
        control.server.unpark()
    }

    /// The fleet has changed, or something else that waiting orders and the service manager want to know of.
    func noteChange() { fleetChanged = true }

    /// Lets `body` change the fleet, and does what follows. What that brings about at once, as the failed start of a command does, is
    /// done after it: a deadline that was set first must not undo a later one.
    func act(
        _ body: (Fleet, MonotonicInstant, () -> Double, inout [FleetAction]) -> Void
    ) {
        let host = host
        let isPerforming = !actions.isEmpty
        body(fleet, host.now, { host.random() }, &actions)
        guard !isPerforming else { return }
        var next = 0
        while next < actions.count {
            let action = actions[next]
            next += 1
            perform(action)
        }
        actions = []
    }
}
