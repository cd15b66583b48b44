import SupdHost
import SupdPlugin

/// The control socket's files: what was removed comes back, and what could not be written is tried again.
final class ControlSocketFiles {
    /// How soon after the first failure it is tried again; each further time takes twice as long.
    private static let firstMending: Duration = .seconds(1)
    private static let lastMending: Duration = .seconds(60)
    /// How often they are looked at where nothing tells of them.
    private static let lookPause: Duration = .seconds(1)

    private let host: any Host
    private let log: DaemonLog
    private let server: ControlServer
    /// What was wrong with them when they were last looked at, and when that is done again.
    private var troubles: [ControlSocketState.Trouble] = []
    private var nextMending: Duration = .zero
    /// Nothing tells of them any more.
    private var isUnwatched = false

    /// The files of what `server` listens to.
    init(_ host: any Host, _ log: DaemonLog, _ server: ControlServer) {
        self.host = host
        self.log = log
        self.server = server
    }

    /// Looks at them now and then, in place of being told: at the end there is no time to stop that. A second call changes nothing.
    func lookNowAndThen() {
        guard !isUnwatched else { return }
        isUnwatched = true
        host.unwatchControlSocket()
        mend()
    }

    /// Has them looked after, tells what has changed, and comes back to what is left to do.
    func mend() {
        let state = host.mendControlSocket()
        if let listener = state.listener { server.listen(to: listener) }
        for path in state.restored {
            log.warning("somebody has removed \(path); it was made again", kind: .controlTrouble)
        }
        for path in state.rewritten {
            log.warning(
                "somebody has changed the note for the next supd in \(path); it was written anew", kind: .controlTrouble
            )
        }
        for trouble in state.troubles where !troubles.contains(trouble) {
            if trouble.isGrave {
                log.error(trouble.text, kind: .controlTrouble)
            } else {
                log.warning(trouble.text, kind: .controlTrouble)
            }
        }
        if !troubles.isEmpty, state.troubles.isEmpty {
            log.notice("the control socket's files are as they should be again", kind: .controlTrouble)
        }
        troubles = state.troubles
        let token = TimerKind.controlSocket.token()
        guard troubles.contains(where: { !$0.isLasting }) else {
            nextMending = .zero
            if isUnwatched { return host.arm(token, at: host.now.advanced(by: Self.lookPause)) }
            return host.disarm(token)
        }
        let next = nextMending == .zero ? Self.firstMending : nextMending * 2
        nextMending = min(next, isUnwatched ? Self.lookPause : Self.lastMending)
        host.arm(token, at: host.now.advanced(by: nextMending))
    }
}
