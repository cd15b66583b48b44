import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol

/// `supervisor.status`: what the daemon is, and whether its files say something else by now.
extension Supervisor {
    /// How long an answer waits for the disk.
    private static let informationPatience = Duration.milliseconds(200)

    func informOfSupervisor(_ request: Request, _ slot: Int) {
        guard let files = settings.files else { return reply(to: slot, id: request.id, supervisorStatus()) }
        guard let ticket = ticket(request, slot) else { return }
        configuring.informed.append(ticket)
        guard configuring.informed.count == 1 else { return }
        host.arm(TimerKind.information.token(), at: host.now.advanced(by: Self.informationPatience))
        let stamps = configuring.inForce.files
        host.runAside {
            !files.changes(stamps).isEmpty
        } then: { [weak self] changed in
            self?.answerInformation(changed: changed)
        }
    }

    /// Answers those who have asked; nil where the disk does not say.
    func answerInformation(changed: Bool?) {
        host.disarm(TimerKind.information.token())
        guard !configuring.informed.isEmpty else { return }
        var status = supervisorStatus()
        status.configurationChanged = changed
        let informed = configuring.informed
        configuring.informed = []
        for ticket in informed { answer(ticket, status) }
    }
}
