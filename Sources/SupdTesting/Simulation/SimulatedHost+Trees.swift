package import SupdHost
package import SupdPlugin

/// What a host knows of trees and keeps for services.
extension SimulatedHost {
    /// A simulated tree is told apart by its mark.
    package var tracking: ProcessTracking { .descent("the host is simulated") }
    /// What is left of a tree; nothing of it is proved while `isBlind`.
    package func look(at tree: ProcessTree, isEnding: Bool) -> TreeLook {
        looks += 1
        if isBlind {
            // It is looked at again, whatever the next look sees.
            after(.milliseconds(10)) { $0.tell(.adoptedReaped(0)) }
            return TreeLook(members: [], isWhole: false)
        }
        return TreeLook(
            members: processes.values.filter { $0.mark == tree.mark && $0.outcome == nil }.map(\.pid).sorted())
    }

    /// Each tree's own.
    package func look(at trees: [ProcessTree]) -> [TreeLook] { trees.map { look(at: $0) } }
    /// The first of what is left of a tree; nil while `isBlind`.
    package func processes(of tree: ProcessTree, atMost limit: Int) -> (pids: [Int32], more: Int)? {
        guard !isBlind else { return nil }
        let members = members(of: tree)
        return (Array(members.prefix(limit)), max(0, members.count - limit))
    }
    /// There are no control groups.
    package func controlGroup(of tree: ProcessTree) -> String? { nil }
    /// What is known of simulated processes: their numbers, and their service as their command.
    package func details(of processes: [Int32]) -> [ProcessDetail] {
        processes.compactMap { self.processes[$0] }.map {
            ProcessDetail(
                pid: $0.pid, parent: ownPID, command: $0.service, state: "S", processorTime: .zero, residentBytes: 0,
                age: .zero)
        }
    }
    /// Told at once; nothing while `isBlind`.
    package func describe(
        _ processes: [Int32], within limit: Duration,
        then: @escaping (_ details: [ProcessDetail], _ isWhole: Bool) -> Void
    ) {
        then(isBlind ? [] : details(of: processes), !isBlind)
    }
    /// `clientCommand`, whoever it is.
    package func command(of peer: PeerCredentials) -> String? { clientCommand }
    /// There are no control groups.
    package func release(_ tree: ProcessTree, isEnding: Bool) {}
    /// Nobody was there before.
    package func endLeftovers(within limit: Duration) -> LeftoverReport { LeftoverReport() }
    /// A socket with nobody at its other end.
    package func bind(_ socket: ListenSocket, patiently: Bool) -> Result<BoundSocket, ErrorNumber> {
        nextDescriptor += 1
        return .success(BoundSocket(descriptor: nextDescriptor))
    }
    /// Those of `handedOver`.
    package func takeHandedOverSockets() -> [HandedOverSocket] {
        defer { handedOver = [] }
        return handedOver
    }
    /// Where it is bound so.
    package func takeBack(_ given: HandedOverSocket, as socket: ListenSocket) -> Bool {
        given.kind == socket.kind && given.address == socket.address
    }
    /// As nobody removes any.
    package func isInPlace(_ socket: BoundSocket) -> Bool? { true }
    /// Keeps which it was.
    package func endListening(_ socket: BoundSocket) { ended.append(socket) }
    /// Keeps which it was.
    package func unbind(_ socket: BoundSocket) { unbound.append(socket) }
    /// What the script says of it.
    package func mendControlSocket() -> ControlSocketState {
        mendings.append(now)
        return controlSocketState
    }
    /// A constant.
    package var invocationPrefix: String { "simulated" }
}
