public import SupdPlugin

/// What has become of an instance at one moment: all that is ever told of it, whatever its machine is by then.
public struct StateChange: Hashable, Sendable {
    /// Its state before.
    public let from: ServiceState
    /// Its state since.
    public let to: ServiceState
    /// The same with the data that only this phase has.
    public let phase: ServiceMachine.Phase
    /// What the last order wanted.
    public let desired: DesiredState
    /// Who or what caused that.
    public let cause: Cause
    /// The number of the latest attempt.
    public let attempt: UInt64
    /// The main process, where it was there.
    public let pid: Int32?
    /// How the latest attempt to end has ended.
    public let exit: ExitRecord?
    /// Whether that was a success by the service's own rules.
    public let endedWithSuccess: Bool
    /// Whether its latest stop had to use SIGKILL.
    public let killed: Bool
    /// How many times it was run again by its policy since an order started it.
    public let restarts: Int
    /// When it changed.
    public let at: MonotonicInstant
    /// When it is run again, of a backoff.
    public let nextStartAt: MonotonicInstant?

    /// What a machine has just become.
    init(_ machine: ServiceMachine, from: ServiceState) {
        self.from = from
        to = machine.state
        phase = machine.phase
        desired = machine.desired
        cause = machine.cause
        attempt = machine.attempt
        pid = machine.pid
        exit = machine.lastExit
        endedWithSuccess = machine.endedWithSuccess
        killed = machine.killed
        restarts = machine.restarts
        at = machine.since
        nextStartAt = machine.nextStartAt
    }
}
