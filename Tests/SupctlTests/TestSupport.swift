import SupdPlugin
import SupdProtocol

@testable import supctl

/// The instance of a name that is known to be right.
func instance(_ service: String, _ index: Int? = nil) -> InstanceName {
    guard let name = ServiceName(service) else { preconditionFailure("\(service) is no service name") }
    return InstanceName(service: name, index: index)
}

/// 2024-02-29T00:00:00Z, when every test takes place.
let now = WallTime(nanoseconds: 1_709_164_800_000_000_000)

/// A status that came into its state 65 seconds ago.
func status(
    _ name: InstanceName, _ state: ServiceState, ready: Bool = true, desired: DesiredState = .up, pid: Int32? = nil,
    lastExit: LastExit? = nil, reason: String = "", type: ServiceType = .exec
) -> ServiceStatus {
    ServiceStatus(
        name: name, state: state, ready: ready, desired: desired, pid: pid,
        since: WallTime(nanoseconds: now.nanoseconds - 65_000_000_000), restarts: 3, attempt: 4, lastExit: lastExit,
        reason: reason, type: type, restartPolicy: "on-failure")
}

/// The end of an attempt with an exit code.
func exit(code: Int32) -> LastExit {
    LastExit(
        ExitRecord(attempt: 1, pid: 9, outcome: .exited(code: code), ranFor: .seconds(1)), at: now, success: code == 0)
}

/// The invocation of a command line given as one text; nil where it is refused.
func parse(_ line: String) -> Invocation? {
    guard case .invocation(let invocation) = Arguments.parse(line.split(separator: " ").map(String.init)) else {
        return nil
    }
    return invocation
}

/// What is answered to a command line instead of doing something.
func answer(_ arguments: String...) -> Arguments.Answer? {
    guard case .answer(let answer) = Arguments.parse(arguments) else { return nil }
    return answer
}
