import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol

/// Whether the configuration's files say something else by now, for whoever tells of what they said.
extension Supervisor {
    /// How long an answer waits for the disk.
    private static let informationPatience = Duration.milliseconds(200)

    /// `supervisor.status`: what the daemon is.
    func informOfSupervisor(_ request: Request, _ slot: Int) {
        guard let ticket = control.server.ticket(request, slot) else { return }
        askForChangedFiles { supervisor, changed in
            var status = supervisor.supervisorStatus()
            status.configurationChanged = changed.map { !$0.isEmpty }
            supervisor.control.server.answer(ticket, status)
        }
    }

    /// Tells `then` which of the files in force say something else by now, which is looked at beside the loop; nil where there are none, or the
    /// disk does not say in time.
    func askForChangedFiles(then: @escaping (Supervisor, [String]?) -> Void) {
        guard let files = settings.files else { return then(self, nil) }
        configuring.informed.append(then)
        guard configuring.informed.count == 1 else { return }
        host.arm(TimerKind.information.token(), at: host.now.advanced(by: Self.informationPatience))
        let stamps = configuring.inForce.files
        host.runAside {
            files.changes(stamps)
        } then: { [weak self] changed in
            self?.answerInformation(changed: changed)
        }
    }

    /// Tells those who have asked; nil where the disk does not say.
    func answerInformation(changed: [String]?) {
        host.disarm(TimerKind.information.token())
        let informed = configuring.informed
        configuring.informed = []
        for tell in informed { tell(self, changed) }
    }
}
