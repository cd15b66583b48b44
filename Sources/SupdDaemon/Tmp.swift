import SupdHost
import SupdProtocol
extension Supervisor {
    func reopenLogs(_ selection: ServiceSelection, _ request: Request, _ slot: Int, _ peer: PeerCredentials) {}
}
