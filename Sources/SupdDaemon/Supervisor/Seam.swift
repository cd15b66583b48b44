import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin

/// What those who own a part of the daemon's state need of the rest, whoever they are. The supervisor is it; each has beside it a protocol
/// of its own with what it has others do: `DrainSeam`, `ProcessSeam` and so on.
protocol Seam: AnyObject {
    var host: any Host { get }
    var log: DaemonLog { get }
    /// To be looked at; `act` changes it.
    var fleet: Fleet { get }
    /// Lets `body` change the fleet, and does what follows.
    func act(_ body: (Fleet, MonotonicInstant, () -> Double, inout [FleetAction]) -> Void)
    /// Something has changed that waiting orders or the service manager may want to know of before the turn ends.
    func noteChange()
    /// Has all who want to know of it be told that it has happened.
    func emit(_ occurrence: Occurrence)

    /// What an instance was begun by, or is to be.
    func definition(of instance: InstanceID) -> ServiceDefinition
    /// What an instance is called.
    func name(of instance: InstanceID) -> InstanceName
    /// Why an instance is in its state, as part of a sentence.
    func reason(of instance: InstanceID) -> String
    /// Who or what has brought something about, as part of a sentence.
    func sentence(_ cause: Cause) -> Sentence
}

extension Supervisor: Seam {}
