import SupdHost
import SupdProtocol
extension Host {
    func runAside<Value: Sendable>(_ call: @escaping @Sendable () -> Value, then: @escaping (Value) -> Void) { then(call()) }
}
extension Supervisor {
    func reopenLogs(_ selection: ServiceSelection, _ request: Request, _ slot: Int, _ peer: PeerCredentials) {}
}
