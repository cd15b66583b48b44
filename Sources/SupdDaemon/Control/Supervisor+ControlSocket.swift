import SupdHost
import SupdPlugin

/// The control socket's files: what was removed comes back, and what could not be written is tried again.
extension Supervisor {
    /// How soon after the first failure it is tried again; each further time takes twice as long.
    private static let firstMending: Duration = .seconds(1)
    private static let lastMending: Duration = .seconds(60)

    /// Has the files looked after, tells what has changed, and comes back to what is left to do.
    func mendControlSocket() {
        let state = host.mendControlSocket()
        if let listener = state.listener { listen(to: listener) }
        for path in state.restored {
            log.warning("somebody has removed \(path); it was made again", kind: .controlTrouble)
        }
        let told = control.troubles
        for trouble in state.troubles where !told.contains(trouble) {
            if trouble.isGrave {
                log.error(trouble.text, kind: .controlTrouble)
            } else {
                log.warning(trouble.text, kind: .controlTrouble)
            }
        }
        if !told.isEmpty, state.troubles.isEmpty {
            log.notice("the control socket's files are as they should be again", kind: .controlTrouble)
        }
        control.troubles = state.troubles
        let token = TimerKind.controlSocket.token()
        guard state.troubles.contains(where: { !$0.isLasting }) else {
            control.nextMending = .zero
            return host.disarm(token)
        }
        let next = control.nextMending == .zero ? Self.firstMending : control.nextMending * 2
        control.nextMending = min(next, Self.lastMending)
        host.arm(token, at: host.now.advanced(by: control.nextMending))
    }

    /// Who had connected to the socket before is still served.
    private func listen(to listener: Channel) {
        if let before = control.listener {
            acceptConnections()
            host.close(before)
        }
        control.listener = listener
        host.watch(listener, readable: true, writable: false)
    }
}
