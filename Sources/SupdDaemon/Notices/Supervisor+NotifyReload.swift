import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol

/// Reloads by a signal. A service of type `notify-reload` says that it reads its configuration, and when it has (systemd.service(5)); of any other nothing is
/// heard after the signal, and the reload is over with that.
extension Supervisor {
    /// How long it may take where the service has no limit of its own for its start, which is the one of a reload, too.
    private static let reloadLimit: Duration = .seconds(90)

    func beginReload(of instance: InstanceID, by signal: Signal) -> Result<ReloadKey, ProtocolError> {
        let name = name(of: instance)
        guard notices[instance]?.reload == nil else {
            return .failure(ProtocolError(.failed, "a reload of \(name) is under way already"))
        }
        guard processes.signalMain(of: instance, signal) else {
            return .failure(ProtocolError(.failed, "\(name) has no process that could be sent \(signal)"))
        }
        guard definition(of: instance).type == .notifyReload else { return .success(.signal(instance)) }
        notices[instance]?.reload = ServiceNotices.Reload(since: host.now)
        let limit = fleet[instance].settings.timeoutStart ?? Self.reloadLimit
        host.arm(TimerKind.reload.token(instance), at: host.now.advanced(by: limit))
        noteChange()
        return .success(.signal(instance))
    }

    /// The reload of what does not say when it is done is over as it has begun.
    func endReloadUnlessAwaited(of instance: InstanceID) {
        if notices[instance]?.reload == nil { reloadEnded(.signal(instance), of: instance, problem: nil) }
    }

    /// It has said at `time` that it reads its configuration; what it said before it was told to is of another time.
    func beganReload(_ instance: InstanceID, at time: MonotonicInstant?) {
        guard let reload = notices[instance]?.reload else { return }
        if let time, time < reload.since { return }
        notices[instance]?.reload?.hasBegun = true
    }

    /// It has said that it is ready: again, where it was reading its configuration.
    func finishReload(_ instance: InstanceID) {
        guard notices[instance]?.reload?.hasBegun == true else { return }
        endReloadBySignal(of: instance, problem: nil)
    }

    /// The time for it is over.
    func reloadTimedOut(_ instance: InstanceID) {
        guard let reload = notices[instance]?.reload else { return }
        let what = reload.hasBegun ? "READY=1" : "RELOADING=1"
        endReloadBySignal(
            of: instance, problem: "it did not say \(what) within \(host.now.duration(since: reload.since).text)")
    }

    /// It goes down, and nobody waits for its reload any more.
    func dropReloadBySignal(of instance: InstanceID) {
        guard notices[instance]?.reload != nil else { return }
        endReloadBySignal(of: instance, problem: "it went down meanwhile")
    }

    private func endReloadBySignal(of instance: InstanceID, problem: String?) {
        notices[instance]?.reload = nil
        host.disarm(TimerKind.reload.token(instance))
        noteChange()
        reloadEnded(.signal(instance), of: instance, problem: problem)
    }
}
