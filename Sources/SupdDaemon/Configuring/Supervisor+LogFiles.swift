import SupdEngine
import SupdHost
import SupdProtocol

/// `logs.reopen`: log files that somebody has moved are left alone, and opened anew.
extension Supervisor {
    func reopenLogs(_ selection: ServiceSelection, _ request: Request, _ slot: Int, _ peer: PeerCredentials) {
        select(request, slot, selection.selectors, emptyMeansAll: true) { supervisor, _, instances in
            let files = supervisor.logs.reopen(instances.filter(supervisor.fleet.contains))
            supervisor.log.info("\(plural(files, "log file")) opened anew by order of \(peer.text)", kind: .ordered)
            supervisor.emit(.ordered("reopen-logs", instances, by: peer.order))
            supervisor.reply(to: slot, id: request.id, ReopenedLogs(files: files))
        }
    }
}
