package import SupdPlugin

/// What has become of an instance at one moment: all that is ever told of it, whatever its machine is by then.
package struct StateChange: Sendable {
    /// Out of line: an action is passed around more often than it is read.
    private final class Moment: Sendable {
        let machine: ServiceMachine

        init(_ machine: ServiceMachine) { self.machine = machine }
    }

    /// Its state before.
    package let from: ServiceState
    private let moment: Moment

    /// What a machine has just become.
    init(_ machine: ServiceMachine, from: ServiceState) {
        self.from = from
        moment = Moment(machine)
    }

    /// The machine as it was then, to be looked at in its place: a copy of it counts up a dozen references.
    package var machine: ServiceMachine { _read { yield moment.machine } }
    /// Its state since.
    package var to: ServiceState { moment.machine.state }
    /// The number of the latest attempt.
    package var attempt: UInt64 { moment.machine.attempt }
    /// Who or what caused the last order.
    package var cause: Cause { moment.machine.cause }
    /// How the latest attempt to end has ended.
    package var exit: ExitRecord? { moment.machine.lastExit }
    /// When it changed.
    package var at: MonotonicInstant { moment.machine.since }
    /// Whether its latest stop had to use SIGKILL.
    package var killed: Bool { moment.machine.killed }
}

extension StateChange: Hashable {
    /// Whether both tell of the same.
    package static func == (left: StateChange, right: StateChange) -> Bool {
        left.from == right.from && left.to == right.to && left.attempt == right.attempt && left.at == right.at
            && left.cause == right.cause && left.exit == right.exit && left.killed == right.killed
    }

    /// Feeds what it tells of.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(from)
        hasher.combine(to)
        hasher.combine(attempt)
        hasher.combine(at)
    }
}
