package import SupdPlugin

/// One supervised instance: what it is, what is wanted of it, and what follows from each thing that happens.
///
/// Actual and desired are kept apart. `desired` is what the last order wants; `phase` is what is. An order only
/// changes what is desired, and the machine finds the way there, however the two cross:
///
/// - *stopped*, *exited*, *fatal*: no process. The three differ in why: by an order (or never started), by itself
///   and not to be run again, or given up.
/// - *waiting*: wanted up, and allowed to start once its dependencies are up and a start slot is free. To the
///   outside this is STOPPED with a reason: nothing of it runs.
/// - *starting*: an attempt is under way. Its spawn may hang (`spawnIsPending`): then something has to end before anything else of it
///   may begin, though no program of it runs. An exec service leaves it when its program has begun, or when its readiness
///   probe says so where it has one, and when it has stayed up for `minUptime` (`awaitsUptime`); a oneshot when its process has
///   ended. Commands before the program and after it are part of it (`startErrand`).
/// - *running*: up, at most for `runtimeMax`. An order to stop first waits for the services that depend on this one (`stopRequested`).
/// - *backoff*: ended, and run again at an instant.
/// - *stopping*: its process, or something that process left behind, is on its way out. It ends only when the whole
///   tree is proved gone; only then is anything else said or started, so that there are never two at once.
///
/// Attempts are numbered. Every event that speaks of a process carries its attempt's number, and one of an older
/// attempt changes nothing: this is what makes "started twice" impossible.
package struct ServiceMachine: Sendable {
    /// What is, with the data that only this phase has.
    package enum Phase: Hashable, Sendable {
        /// No process, by an order or never started.
        case stopped
        /// Wanted up, and not its turn yet.
        case waiting
        /// An attempt is under way.
        case starting
        /// Up.
        case running
        /// Ended, and run again when `deadlines.backoff` has come.
        case backoff
        /// On its way out.
        indirect case stopping(StopProgress)
        /// Ended by itself, and not to be run again.
        case exited
        /// Given up.
        indirect case fatal(FatalReason)
    }

    /// What the service is told to be like.
    package internal(set) var settings: ServiceSettings
    /// What is.
    package internal(set) var phase: Phase = .stopped
    /// What the last order wants.
    package internal(set) var desired: DesiredState = .down
    /// The main process, from its spawn until it is reaped.
    package internal(set) var pid: Int32?
    /// Whether a stop or a restart is wanted, and waits until the dependents are down.
    package internal(set) var stopRequested = false
    /// Whether the latest stop had to use SIGKILL.
    package internal(set) var killed = false
    /// Whether the spawn of the latest attempt has been answered as pending, and is not back.
    package internal(set) var spawnIsPending = false
    /// The errand of a start that is under way.
    package internal(set) var startErrand: Errand?
    /// Whether the latest attempt has begun, and is ready where that is waited for, and `minUptime` was not over then.
    var provesUptime = false
    /// Whether the latest attempt has been RUNNING.
    var wasUp = false
    /// Who or what caused the last order.
    package internal(set) var cause: Cause = .none
    /// The number of the latest attempt; `attemptsBefore` before the first.
    package internal(set) var attempt: UInt64
    /// The number that attempts are counted from.
    private let attemptsBefore: UInt64
    /// When `phase` last changed its state as the outside sees it.
    package internal(set) var since: MonotonicInstant
    /// When the latest attempt began.
    package internal(set) var startedAt: MonotonicInstant
    /// How the attempt before ended.
    package internal(set) var lastExit: ExitRecord?
    /// When it ended.
    package internal(set) var lastExitAt: MonotonicInstant
    /// How many times it was run again by its policy since an order started it.
    package internal(set) var restarts = 0
    /// What it has a time limit for.
    package internal(set) var deadlines = Deadlines.none
    /// How soon signs of life come by the program's own word, in place of the setting; zero is never.
    @OptionalDuration var ownWatchdog: Duration?
    /// By how much the time limit of the present start, run or step was extended at the program's wish.
    var extended: Duration = .zero

    /// Restarts in a row without a stable run between them, for the backoff.
    var row = 0
    /// The backoff's last delay in this row.
    @OptionalDuration var previousDelay: Duration?
    /// When the latest starts were, oldest first, as far back as the start limit and the floor look.
    var launches: [MonotonicInstant] = []
    /// How many of the latest starts the start limit counts: those since an order, and of a service with a `minUptime` since
    /// one that has stayed up for so long.
    var countedLaunches = 0
    /// The ends since the last order that were followed by a restart, for the policy.
    var pastEnds = EndLog()

    /// An instance that has never run. Its attempts are counted from `attemptsBefore`.
    package init(settings: ServiceSettings, attemptsBefore: UInt64 = 0, now: MonotonicInstant) {
        self.settings = settings
        self.attemptsBefore = attemptsBefore
        attempt = attemptsBefore
        self.since = now
        self.startedAt = now
        self.lastExitAt = now
    }

    /// Whether an attempt of it was ever begun.
    package var wasLaunched: Bool { attempt > attemptsBefore }

    /// What the outside calls the phase.
    package var state: ServiceState {
        switch phase {
        case .stopped, .waiting: .stopped
        case .starting: .starting
        case .running: .running
        case .backoff: .backoff
        case .stopping: .stopping
        case .exited: .exited
        case .fatal: .fatal
        }
    }

    /// Whether it is wanted up, and not its turn yet.
    package var isWaiting: Bool {
        if case .waiting = phase { return true }
        return false
    }

    /// Whether a process of it exists, or is being made.
    package var isLive: Bool {
        switch phase {
        case .starting, .running, .stopping: true
        case .stopped, .waiting, .backoff, .exited, .fatal: false
        }
    }

    /// Whether what depends on it may be started: it is running and meant to stay, or a oneshot that has ended with success.
    package var isUp: Bool {
        switch phase {
        case .running: !stopRequested
        case .exited: settings.type == .oneshot && desired == .up && endedWithSuccess
        default: false
        }
    }

    /// Whether it can do its work: it runs, also while a stop of it waits for those that depend on it, or is a oneshot that has ended with
    /// success. It changes with the state alone.
    package var isReady: Bool {
        if case .running = phase { true } else { isUp }
    }

    /// Whether it would have to be started for something that needs it: not up, and not on its way or in a backoff.
    package var needsStart: Bool {
        guard !isUp else { return false }
        switch phase {
        case .exited, .fatal: return true
        default: return desired == .down
        }
    }

    /// Whether all that is still missing of its start is the time that it has to stay up.
    package var awaitsUptime: Bool { provesUptime && state == .starting }

    /// Whether its process is going down, or waits for dependents before it does.
    package var isGoingDown: Bool {
        if case .stopping = phase { return true }
        return stopRequested
    }

    /// Whether it goes down and all its stop steps have had their time, so that it is killed. A command or hook that is run after that has
    /// a time of its own.
    package var hasUsedItsStop: Bool {
        guard case .stopping(let stop) = phase, stop.errand == nil, let step = stop.step else { return false }
        return step >= settings.stopSteps.count
    }

    /// Whether the last exit was a success by the service's own rules.
    package var endedWithSuccess: Bool {
        guard let lastExit else { return false }
        return settings.exitStatusRules.isSuccess(lastExit)
    }

    /// Whether an end of its main process now, with this outcome, is as it should be: ordered, or a success by the service's own rules.
    package func mayEnd(with outcome: ExitOutcome) -> Bool {
        if desired == .down || isGoingDown { return true }
        return settings.exitStatusRules.isSuccess(
            ExitRecord(attempt: attempt, pid: pid, outcome: outcome, ranFor: .zero))
    }

    /// Whether the process of `attempt` is still to be made: a stop may have come between the launch and the spawn.
    package func wantsSpawn(of attempt: UInt64) -> Bool {
        awaitsSpawn(of: attempt) && !spawnIsPending
    }

    /// Whether the end of the spawn of `attempt` is to be told.
    func awaitsSpawn(of attempt: UInt64) -> Bool {
        guard self.attempt == attempt, pid == nil else { return false }
        return spawnIsPending || phase == .starting && startErrand == nil
    }

    /// Whether its main process is there, or may be: that is not reaped, or its spawn is not back.
    var mayHaveMain: Bool { pid != nil || spawnIsPending }

    /// When it will be run again, in a backoff.
    package var nextStartAt: MonotonicInstant? { deadlines.backoff }

    /// When `.timer` is wanted; nil for none.
    package var deadline: MonotonicInstant? { deadlines.earliest }
}

/// How far a stop has come.
package struct StopProgress: Hashable, Sendable {
    /// Why it goes down; decides what follows.
    package enum Why: Hashable, Sendable {
        /// An order: afterwards what is desired then counts.
        case ordered
        /// It ended by itself: afterwards its restart policy is asked.
        case ended
        /// It was ended for a reason of supd's own: its policy is asked, with a record that says so.
        case forced(ForcedEnd)
        /// A command of its start has failed, and its policy is asked about that, whatever its main process ends with.
        case failed

        /// The reason of supd's own, where it was one.
        var forcedEnd: ForcedEnd? {
            if case .forced(let reason) = self { return reason }
            return nil
        }

        /// Whether what was up is taken down, with the hooks of a stop: not what ended by itself, or never came up.
        package var runsHooks: Bool {
            self == .ordered || self == .forced(.unhealthy) || self == .forced(.runtimeMax)
        }
    }

    /// Why it goes down.
    package var why: Why
    /// The stop step whose signal was sent last; nil before the first, the number of steps after SIGKILL.
    package var step: Int?
    /// Whether the main process is not reaped yet, or its spawn is not back.
    package var mainAlive: Bool
    /// Whether its latest errand after the stop has begun with commands, which may leave something behind; whatever its settings say since.
    var endsWithCommands = false
    /// Whether the latest step's signal has been sent to the tree and not to the group alone.
    package var treeSignaled = false
    /// Whether it was sent `watchdogSignal` before the first step.
    package var isAborted = false
    /// How often SIGKILL was sent to what does not go.
    package var kills = 0
    /// The errand that is waited for: before the first signal, or after the tree is gone.
    package var errand: Errand?
    /// The errands that had their turn, or that there is no time for any more.
    package var finished: Set<Errand> = []
}

/// Why an instance was given up.
package enum FatalReason: Hashable, Sendable {
    /// Its program could not be started, and its policy says to leave it.
    case couldNotStart
    /// It was started too often in too short a time.
    case startLimit(StartLimit)
    /// Its policy has given it up, for this reason.
    case givenUp(String)
}

/// Who or what wanted it.
package enum Cause: Hashable, Sendable {
    /// Nothing yet.
    case none
    /// It is enabled, and the daemon started.
    case boot
    /// Somebody at the control socket, with what the program calls itself where that is known.
    case order(uid: UInt32, pid: Int32, command: String? = nil)
    /// Somebody there who wants its failure forgotten.
    case reset(uid: UInt32, pid: Int32, command: String? = nil)
    /// A service that needs this one was started, or one that this one needs was stopped.
    case dependency(ServiceName)
    /// A plugin.
    case plugin(String)
    /// The configuration has changed, and the daemon was told to go by it.
    case configuration
    /// The daemon is shutting down.
    case drain
}
