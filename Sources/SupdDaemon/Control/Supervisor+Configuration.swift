import SupdHost
import SupdProtocol

/// `config.plan`, `config.reload` and `logs.reopen`, which this daemon knows of and cannot do.
extension Supervisor {
    /// Answers with what the configuration's files would change.
    func planConfiguration(_ request: Request, _ slot: Int) {
        fail(request, slot, Self.cannot("compare its configuration with the files"))
    }

    /// Puts the configuration's files into effect.
    func reloadConfiguration(_ params: ReloadParams, _ request: Request, _ slot: Int, _ peer: PeerCredentials) {
        fail(request, slot, Self.cannot("change its configuration while it runs; restart it for that"))
    }

    /// Opens log files anew.
    func reopenLogs(_ selection: ServiceSelection, _ request: Request, _ slot: Int, _ peer: PeerCredentials) {
        fail(request, slot, Self.cannot("open log files anew"))
    }

    private static func cannot(_ what: String) -> ProtocolError {
        ProtocolError(.failed, "this supd cannot \(what)")
    }
}
