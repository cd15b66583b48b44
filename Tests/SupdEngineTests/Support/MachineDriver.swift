import SupdEngine
import SupdPlugin

/// One machine and a clock, driven by hand.
final class MachineDriver {
    private(set) var machine: ServiceMachine
    private(set) var now = MonotonicInstant(nanoseconds: 1_000_000_000)
    var random = 0.5

    init(_ settings: ServiceSettings = .plain()) {
        machine = ServiceMachine(settings: settings, now: now)
    }

    var phase: ServiceMachine.Phase { machine.phase }
    var state: ServiceState { machine.state }
    var attempt: UInt64 { machine.attempt }

    /// How long until `.timer` is wanted.
    var wait: Duration? { machine.deadline.map { $0.duration(since: now) } }

    @discardableResult
    func send(_ event: ServiceEvent) -> [ServiceAction] {
        var actions: [ServiceAction] = []
        machine.handle(event, now: now, random: random, into: &actions)
        return actions
    }

    func pass(_ time: Duration) { now = now.advanced(by: time) }

    /// Lets the time pass up to the deadline, and tells the machine.
    @discardableResult
    func runTimer() -> [ServiceAction] {
        if let wait, wait > .zero { pass(wait) }
        return send(.timer)
    }

    // MARK: Short ways through several events

    @discardableResult
    func start() -> [ServiceAction] { send(.start(.boot)) }
    @discardableResult
    func stop() -> [ServiceAction] { send(.stop(.boot)) }
    @discardableResult
    func restart() -> [ServiceAction] { send(.restart(.boot)) }
    @discardableResult
    func launch() -> [ServiceAction] { send(.launch) }
    @discardableResult
    func spawned() -> [ServiceAction] { send(.spawned(attempt: attempt, pid: Int32(100 + attempt))) }
    @discardableResult
    func exit(_ outcome: ExitOutcome) -> [ServiceAction] { send(.exited(attempt: attempt, outcome)) }
    @discardableResult
    func examined(_ remaining: Int) -> [ServiceAction] {
        send(.treeExamined(attempt: attempt, remaining: remaining))
    }

    /// Starts it and has its program begun.
    func run() {
        start()
        launch()
        spawned()
    }

    /// Has the running process end, with nothing left behind.
    func end(_ outcome: ExitOutcome) {
        exit(outcome)
        examined(0)
    }

    /// Orders a stop and begins it.
    func beginStop() {
        stop()
        send(.beginStop)
    }

    /// Lets so many deadlines come.
    func overrun(_ timers: Int) {
        for _ in 0..<timers { runTimer() }
    }
}
