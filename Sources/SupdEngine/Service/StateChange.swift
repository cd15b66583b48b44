public import SupdPlugin

/// What has become of an instance at one moment: all that is ever told of it, whatever its machine is by then.
public struct StateChange: Sendable {
    /// Out of line: an action is passed around more often than it is read.
    private final class Moment: Sendable {
        let machine: ServiceMachine

        init(_ machine: ServiceMachine) { self.machine = machine }
    }

    /// Its state before.
    public let from: ServiceState
    private let moment: Moment

    /// What a machine has just become.
    init(_ machine: ServiceMachine, from: ServiceState) {
        self.from = from
        moment = Moment(machine)
    }

    /// The machine as it was then.
    public var machine: ServiceMachine { moment.machine }
    /// Its state since.
    public var to: ServiceState { moment.machine.state }
    /// The number of the latest attempt.
    public var attempt: UInt64 { moment.machine.attempt }
    /// Who or what caused the last order.
    public var cause: Cause { moment.machine.cause }
    /// How the latest attempt to end has ended.
    public var exit: ExitRecord? { moment.machine.lastExit }
    /// When it changed.
    public var at: MonotonicInstant { moment.machine.since }
    /// Whether its latest stop had to use SIGKILL.
    public var killed: Bool { moment.machine.killed }
}

extension StateChange: Hashable {
    /// Whether both tell of the same.
    public static func == (left: StateChange, right: StateChange) -> Bool {
        left.from == right.from && left.to == right.to && left.attempt == right.attempt && left.at == right.at
            && left.cause == right.cause && left.exit == right.exit && left.killed == right.killed
    }

    /// Feeds what it tells of.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(from)
        hasher.combine(to)
        hasher.combine(attempt)
        hasher.combine(at)
    }
}
