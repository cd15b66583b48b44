internal import CSupd
internal import Glibc
internal import SupdPlugin

/// epoll over one signalfd, one timerfd, one eventfd, the pidfds and the channels; level-triggered throughout, so
/// nothing is lost where a turn ends before all is told.
final class EventLoop {
    /// A timer of the host's owner, or the loop's own.
    private enum Timer: Hashable, Sendable {
        case owner(TimerToken)
        case resumeListeners
        case lookAgain
        /// A process whose end could not be collected when it was told.
        case process(ProcessHandle)
        /// Looks beside the loop are to go on past what holds them up.
        case lookOn
        /// Channels that there is no room for in epoll.
        case crowded
        case lookAtSpawns
    }

    /// What a turn did beside the events it told.
    struct Turn {
        /// Closures of other threads ran, or a debugger interrupted: the owner gets its thread back, events or not.
        var returnsToOwner = false
        /// SIGCHLD came: children, own or adopted, have ended.
        var childrenEnded = false
        /// Looks at processes that are under way are due.
        var looksAreDue = false
        /// Spawns that are not back are to be asked about.
        var spawnsAreDue = false
        /// Nothing has happened for as long as was said.
        var wasQuiet = false
    }

    private(set) var now: MonotonicInstant
    let mailbox: LoopMailbox
    /// Whose all of this is, but for the mailbox.
    var thread: LoopThread { mailbox.thread }
    private let epoll: Int32
    private let signals: Int32
    let timer: Int32
    private let ready: UnsafeMutablePointer<supd_event>
    private var timers = TimerHeap<Timer>()
    /// What the timerfd is set to. Nil: disarmed, so an idle daemon is never woken.
    private var timerIsSetTo: MonotonicInstant?
    /// The last try to set the timerfd failed: what it is set to is not known.
    private var timerIsUnset = false
    /// Whether what a terminal sends to a whole process group is not told: a program in the daemon's own has it already.
    var leavesTerminalSignals = false
    private var channels = ChannelTable()
    private var alwaysReady: [Channel] = []
    private var crowded: [Channel] = []
    private var pausedListeners: [Channel] = []
    private var lookPause = EventLoop.shortestLookPause
    private var lookedAgainAt: MonotonicInstant?

    init(signals handled: supd_signal_set = SignalSet.handled) throws(LinuxHostFailure) {
        now = Self.readClock()
        mailbox = try LoopMailbox()
        epoll = try check(supd_epoll_create(), "epoll_create1")
        signals = try check(supd_signalfd_create(handled), "signalfd")
        timer = try check(supd_timerfd_create(), "timerfd_create")
        ready = .allocate(capacity: Int(SUPD_EVENTS_MAX))
        for (descriptor, kind) in [
            (signals, SourceToken.Kind.signals), (timer, .timer), (mailbox.descriptor, .mailbox),
        ] {
            _ = try check(supd_epoll_add(epoll, descriptor, supd_readable, SourceToken(kind).rawValue), "epoll_ctl")
        }
    }

    deinit {
        mailbox.close()
        for descriptor in channels.openDescriptors where descriptor > 2 { closeDescriptor(descriptor) }
        for descriptor in [epoll, signals, timer] { closeDescriptor(descriptor) }
        ready.deallocate()
    }

    /// Reads the clock again, for a turn that took long.
    func refreshClock() { now = Self.readClock() }

    static func readClock() -> MonotonicInstant {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicInstant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    // MARK: Timers

    func arm(_ token: TimerToken, at deadline: MonotonicInstant) {
        thread.assertIsCurrent()
        timers.arm(.owner(token), at: deadline)
    }

    func disarm(_ token: TimerToken) {
        thread.assertIsCurrent()
        timers.disarm(.owner(token))
    }

    /// How long an execve(2) may take before it is looked at again; while that goes on, each time twice as long, up to a limit.
    private static let shortestLookPause = Duration.milliseconds(10)
    private static let longestLookPause = Duration.milliseconds(100)

    /// Has `.adoptedReaped(0)` told in a hundredth of a second: trees that were not empty may be then. A second call before that changes
    /// nothing.
    func tellToLookAgain() {
        guard timers.deadline(of: .lookAgain) == nil else { return }
        let isRow = lookedAgainAt.map { now.duration(since: $0) < Self.longestLookPause } ?? false
        lookPause = isRow ? min(lookPause * 2, Self.longestLookPause) : Self.shortestLookPause
        timers.arm(.lookAgain, at: now.advanced(by: lookPause))
    }

    /// Has `Turn.looksAreDue` told after `pause`. A second call before that changes nothing.
    func tellToLookOn(after pause: Duration) {
        guard timers.deadline(of: .lookOn) == nil else { return }
        timers.arm(.lookOn, at: now.advanced(by: pause))
    }

    /// Has a turn end so long from now, with `spawnsAreDue`.
    func lookAtSpawns(after pause: Duration) { timers.arm(.lookAtSpawns, at: now.advanced(by: pause)) }

    /// Takes that back.
    func leaveSpawnsAlone() { timers.disarm(.lookAtSpawns) }

    /// Sets the timerfd to the earliest deadline, once a turn and only where that has changed. Answers how many milliseconds the
    /// turn may wait for something else: 0 where a deadline has come already, and -1 for no limit, unless the timerfd could not be
    /// set. Then the wait itself keeps the deadline, and the next turn tries again.
    private func setTimer() -> Int32 {
        let earliest = timers.earliest()
        if let earliest, earliest <= now { return 0 }
        guard earliest != timerIsSetTo || timerIsUnset else { return -1 }
        timerIsUnset = supd_timerfd_set(timer, earliest?.nanoseconds ?? 0) < 0
        timerIsSetTo = timerIsUnset ? nil : earliest
        guard timerIsUnset, let earliest else { return -1 }
        return Int32(clamping: (earliest.nanoseconds - now.nanoseconds + 999_999) / 1_000_000)
    }

    private func tellDueTimers(into events: inout [HostEvent], _ turn: inout Turn) {
        for _ in 0..<Int(SUPD_EVENTS_MAX) {
            guard let due = timers.popDue(now) else { return }
            switch due {
            case .owner(let token): events.append(.timer(token))
            case .resumeListeners: resumeListeners()
            case .lookAgain:
                lookedAgainAt = now
                events.append(.adoptedReaped(0))
            case .crowded: tellCrowded(into: &events)
            case .lookOn: turn.looksAreDue = true
            case .process(let handle): events.append(.exited(handle))
            case .lookAtSpawns: turn.spawnsAreDue = true
            }
        }
    }

    // MARK: Turns

    /// Waits, where `mayBlock`, until something happens, or nothing has for `quiet` milliseconds, and appends up to about 256 events and as
    /// many timers.
    func turn(into events: inout [HostEvent], mayBlock: Bool, quiet: Int32? = nil) -> Turn {
        thread.assertIsCurrent()
        var turn = Turn()
        let timerLimit = setTimer()
        let limit = mayBlock && alwaysReady.isEmpty ? timerLimit : 0
        let hasNoLimit = limit < 0
        let count = supd_epoll_wait(epoll, ready, hasNoLimit ? quiet ?? limit : limit)
        turn.wasQuiet = hasNoLimit && count == 0
        refreshClock()
        if count < 0 { turn.returnsToOwner = true }
        for index in 0..<max(0, Int(count)) {
            let token = SourceToken(rawValue: ready[index].data)
            switch token.kind {
            case .channel: tellChannel(token, ready[index].ready, into: &events)
            case .process: events.append(.exited(ProcessSlots.handle(index: token.index, generation: token.generation)))
            case .signals: turn.childrenEnded = tellSignals(into: &events) || turn.childrenEnded
            case .timer:
                _ = supd_timerfd_clear(timer)
                timerIsSetTo = nil
            case .mailbox: turn.returnsToOwner = true
            case nil: break
            }
        }
        if !alwaysReady.isEmpty { tellAlwaysReady(into: &events) }
        if let earliest = timers.earliest(), earliest <= now { tellDueTimers(into: &events, &turn) }
        if turn.returnsToOwner { mailbox.runAll() }
        return turn
    }

    /// Tells the signals that wait, but for SIGCHLD: whether that was among them.
    private func tellSignals(into events: inout [HostEvent]) -> Bool {
        var childrenEnded = false
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: 16) { numbers in
            let count = supd_signalfd_read(signals, numbers.baseAddress, 16, leavesTerminalSignals ? 1 : 0)
            for number in numbers.prefix(max(0, Int(count))) {
                if number == SIGCHLD {
                    childrenEnded = true
                } else if let signal = Signal(rawValue: number) {
                    events.append(.signal(signal))
                }
            }
        }
        return childrenEnded
    }

    private func tellChannel(_ token: SourceToken, _ ready: UInt32, into events: inout [HostEvent]) {
        let channel = Channel(descriptor: Int32(token.index), generation: token.generation)
        guard let interest = channels[channel]?.interest else { return }
        // A hang-up or an error is told to whoever is interested in anything: the next read or write says which it is.
        let ended = ready & (supd_hung_up | supd_failed) != 0
        if ended, interest.contains(.hangUp), !interest.contains(.readable) {
            // Once: it would be told at every turn.
            watch(channel, interest.subtracting(.hangUp))
            events.append(.hungUp(channel))
            return
        }
        if interest.contains(.readable), ready & supd_readable != 0 || ended { events.append(.readable(channel)) }
        if interest.contains(.writable), ready & supd_writable != 0 || ended { events.append(.writable(channel)) }
    }

    private func tellAlwaysReady(into events: inout [HostEvent]) {
        for channel in alwaysReady {
            guard let interest = channels[channel]?.interest else { continue }
            tell(channel, interest, into: &events)
        }
    }

    // MARK: Processes

    /// Has the end of a process told once.
    func watchProcess(_ pidfd: Int32, _ handle: ProcessHandle) -> Int32 {
        let token = SourceToken(.process, index: handle.slot, generation: handle.generation)
        return supd_epoll_add(epoll, pidfd, supd_readable | supd_one_shot, token.rawValue)
    }

    /// Has the end of a process told once more, so long from now, whether it can be collected then or not.
    func tellOfProcess(_ handle: ProcessHandle, after pause: Duration) {
        timers.arm(.process(handle), at: now.advanced(by: pause))
    }

    /// Takes that back. Nothing where it is not to be told.
    func forgetProcess(_ handle: ProcessHandle) { timers.disarm(.process(handle)) }

    // MARK: Channels

    /// Takes a descriptor in; one that `isOutput` is the reading end of a pipe that a program writes to.
    func open(_ descriptor: Int32, isOutput: Bool = false) -> Channel {
        thread.assertIsCurrent()
        return channels.open(descriptor, isOutput: isOutput)
    }

    /// Whether a channel is open and one that a program writes to.
    func isOutput(_ channel: Channel) -> Bool {
        thread.assertIsCurrent()
        return channels[channel]?.isOutput == true
    }

    /// Whether it is told when a channel can be read.
    func isWatchedForReading(_ channel: Channel) -> Bool { channels[channel]?.interest.contains(.readable) == true }

    func isOpen(_ channel: Channel) -> Bool {
        thread.assertIsCurrent()
        return channels[channel] != nil
    }

    /// Says which of `.readable` and `.writable` are wanted of a channel; a hang-up that is asked for stays so.
    func watch(_ channel: Channel, readable: Bool, writable: Bool) {
        thread.assertIsCurrent()
        var interest = channels[channel]?.interest.intersection(.hangUp) ?? []
        if readable { interest.insert(.readable) }
        if writable { interest.insert(.writable) }
        watch(channel, interest)
    }

    func tellHangUp(of channel: Channel) {
        thread.assertIsCurrent()
        if let interest = channels[channel]?.interest { watch(channel, interest.union(.hangUp)) }
    }

    private func watch(_ channel: Channel, _ interest: ChannelTable.Interest) {
        guard let entry = channels[channel], entry.interest != interest else { return }
        alwaysReady.removeAll { $0 == channel }
        crowded.removeAll { $0 == channel }
        let token = SourceToken(.channel, index: UInt32(channel.descriptor), generation: channel.generation).rawValue
        var bits: UInt32 = 0
        if interest.contains(.readable) { bits |= supd_readable }
        if interest.contains(.writable) { bits |= supd_writable }
        var result: Int32 = 0
        // With nothing but a hang-up no bit is set: it is told unasked (epoll_ctl(2)).
        if interest.isEmpty {
            // Not merely no interest: a hang-up is told even then, at every turn.
            if !entry.isAlwaysReady { result = supd_epoll_remove(epoll, channel.descriptor) }
        } else if entry.interest.isEmpty || entry.isAlwaysReady {
            result = supd_epoll_add(epoll, channel.descriptor, bits, token)
        } else {
            result = supd_epoll_change(epoll, channel.descriptor, bits, token)
        }
        // EPERM: a regular file, always ready by poll(2)'s rule. Other errors mean that there is no room in epoll: whoever is interested
        // is told now and then, and loses nothing.
        let isRefused = !interest.isEmpty && result < 0
        if isRefused, -result == EPERM {
            // It never hangs up.
            if interest != .hangUp { alwaysReady.append(channel) }
        } else if isRefused {
            crowded.append(channel)
            if timers.deadline(of: .crowded) == nil { timers.arm(.crowded, at: now.advanced(by: Self.crowdedPause)) }
        }
        channels.set(channel, interest: interest, isAlwaysReady: isRefused)
    }

    /// How often channels are told of that there was no room for in epoll.
    private static let crowdedPause = Duration.milliseconds(20)

    /// Tells of them as if they were ready, and asks for room again.
    private func tellCrowded(into events: inout [HostEvent]) {
        for channel in crowded {
            guard let interest = channels[channel]?.interest else { continue }
            tell(channel, interest, into: &events)
            watch(channel, [])
            watch(channel, interest)
        }
    }

    private func tell(_ channel: Channel, _ interest: ChannelTable.Interest, into events: inout [HostEvent]) {
        if interest.contains(.readable) { events.append(.readable(channel)) }
        if interest.contains(.writable) { events.append(.writable(channel)) }
    }

    /// Closes a channel. False where it was closed before.
    func close(_ channel: Channel) -> Bool {
        thread.assertIsCurrent()
        watch(channel, [])
        guard channels.close(channel) else { return false }
        pausedListeners.removeAll { $0 == channel }
        if channel.descriptor > 2 { closeDescriptor(channel.descriptor) }
        return true
    }

    /// Tells nothing more of a descriptor that somebody else closes. Nothing where it is no channel.
    func letGo(_ descriptor: Int32) {
        thread.assertIsCurrent()
        guard let channel = channels.channel(of: descriptor) else { return }
        watch(channel, [])
        _ = channels.close(channel)
    }

    // MARK: Listeners that cannot accept

    /// How long a listener rests when there is no descriptor even to refuse with.
    private static let listenerRest = Duration.milliseconds(100)

    /// Stops telling of `listener` for a tenth of a second: its connection waits, and would be told at every turn.
    func pauseListener(_ listener: Channel) {
        guard channels[listener]?.interest.contains(.readable) == true else { return }
        watch(listener, [])
        pausedListeners.append(listener)
        timers.arm(.resumeListeners, at: now.advanced(by: Self.listenerRest))
    }

    private func resumeListeners() {
        let listeners = pausedListeners
        pausedListeners = []
        for listener in listeners { watch(listener, .readable) }
    }
}
