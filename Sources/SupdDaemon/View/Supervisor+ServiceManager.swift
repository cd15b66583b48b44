import SupdEngine
import SupdHost
import SupdPlugin

/// What the service manager is told of the daemon's course.
extension Supervisor {
    /// How far its own deadline is pushed out each time (sd_notify(3), EXTEND_TIMEOUT_USEC), and how often it is.
    private static let timeoutExtension: Duration = .seconds(20)
    private static let extensionPeriod: Duration = .seconds(5)

    /// Takes what the service manager has handed over: what it has kept of an earlier daemon, and sockets that it has made.
    func takeHandedOver() {
        var given = host.takeHandedOverSockets()
        let kept = managerStore.takeBack(&given)
        launcher.sockets.takeBack(kept.filter { $0.name.isSocket }.map(\.socket))
        notices.takeBack(kept.filter { !$0.name.isSocket })
        launcher.sockets.adopt(given)
    }

    /// Tells the service manager that the goal is reached, once, and what goes on, whenever that has changed.
    func announceProgress() {
        if readyAt == nil, drain.stage == .idle, fleet.goalReached {
            readyAt = host.now
            // Nothing is to wake a daemon that idles.
            host.disarm(TimerKind.extend.token())
            let sentence = statusSentence
            log.notice("ready: \(sentence)", kind: .daemonReady)
            // What reading the configuration and starting have touched, running does not need.
            host.giveBackMemory()
            emit(.ready)
            notifier.send("READY=1\nSTATUS=\(sentence)", insteadOf: sentence)
        }
        notifier.say { statusSentence }
    }

    /// Pushes the service manager's deadline out for as long as the start or a drain is under way.
    func extendTimeout() {
        guard host.hasServiceManager else { return }
        switch drain.stage {
        case .idle where readyAt != nil, .finished, .held: return
        case .idle, .phase: break
        }
        notifier.extend(by: Self.timeoutExtension)
        host.arm(TimerKind.extend.token(), at: host.now.advanced(by: Self.extensionPeriod))
    }
}
