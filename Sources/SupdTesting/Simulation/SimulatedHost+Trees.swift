public import SupdHost
public import SupdPlugin

/// What a host knows of trees and keeps for services.
extension SimulatedHost {
    /// A simulated tree is told apart by its mark.
    public var tracking: ProcessTracking { .descent("the host is simulated") }
    /// There are no control groups.
    public func controlGroup(of tree: ProcessTree) -> String? { nil }
    /// What is known of simulated processes: their numbers, and their service as their command.
    public func details(of processes: [Int32]) -> [ProcessDetail] {
        processes.compactMap { self.processes[$0] }.map {
            ProcessDetail(
                pid: $0.pid, parent: ownPID, command: $0.service, state: "S", processorTime: .zero, residentBytes: 0,
                age: .zero)
        }
    }
    /// There are no control groups.
    public func release(_ tree: ProcessTree) {}
    /// Nobody was there before.
    public func endLeftovers(within limit: Duration) -> [Leftover] { [] }
    /// A socket with nobody at its other end.
    public func bind(_ socket: ListenSocket) -> Result<BoundSocket, ErrorNumber> {
        nextDescriptor += 1
        return .success(BoundSocket(descriptor: nextDescriptor))
    }
    /// Nothing is bound.
    public func unbind(_ socket: BoundSocket) {}
    /// A constant.
    public var invocationPrefix: String { "simulated" }
}
