import SupdHost
import SupdProtocol

extension Supervisor {
    func scale(_ params: ScaleParams, _ request: Request, _ slot: Int, _ peer: PeerCredentials) {
        reply(to: slot, id: request.id, error: ProtocolError(.failed, "not yet"))
    }
}
