import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol

/// Reloads by a signal. A service of type `notify-reload` says that it reads its configuration, and when it has (systemd.service(5)); of any other nothing is
/// heard after the signal, and the reload is over with that.
final class SignalReloads {
    /// How long it may take where the service has no limit of its own for its start, which is the one of a reload, too.
    private static let limit = ServiceConduct.ordinaryTimeoutStart

    private struct Reload {
        /// When it was signalled: what was said before is not of it.
        let since: MonotonicInstant
        /// Whether it has said that it reads its configuration.
        var hasBegun = false
    }

    private unowned let seam: any NoticeSeam
    private let host: any Host
    /// Those that are not finished.
    private var reloads = [InstanceID: Reload]() { didSet { changes += 1 } }
    /// How often anything of them has changed.
    private(set) var changes: UInt64 = 0

    /// None yet.
    init(_ seam: any NoticeSeam) {
        self.seam = seam
        host = seam.host
    }

    func isUnderWay(_ instance: InstanceID) -> Bool { reloads[instance] != nil }

    /// Signals an instance to reload.
    func begin(of instance: InstanceID, by signal: Signal) -> Result<ReloadKey, ProtocolError> {
        let name = seam.name(of: instance)
        guard !isUnderWay(instance) else {
            return .failure(ProtocolError(.failed, "a reload of \(name) is under way already"))
        }
        guard seam.processes.signalMain(of: instance, signal) else {
            return .failure(ProtocolError(.failed, "\(name) has no process that could be sent \(signal)"))
        }
        guard seam.definition(of: instance).conduct.type == .notifyReload else { return .success(.signal(instance)) }
        reloads[instance] = Reload(since: host.now)
        let limit = seam.fleet[instance].settings.timeoutStart ?? Self.limit
        host.arm(TimerKind.reload.token(instance), at: host.now.advanced(by: limit))
        seam.noteChange()
        return .success(.signal(instance))
    }

    /// The reload of what does not say when it is done is over as it has begun.
    func endUnlessAwaited(of instance: InstanceID) {
        if !isUnderWay(instance) { seam.reloadEnded(.signal(instance), of: instance, problem: nil) }
    }

    /// It has said at `time` that it reads its configuration; what it said before it was told to is of another time.
    func began(_ instance: InstanceID, at time: MonotonicInstant?) {
        guard let reload = reloads[instance] else { return }
        if let time, time < reload.since { return }
        reloads[instance]?.hasBegun = true
    }

    /// It has said that it is ready: again, where it was reading its configuration.
    func finish(_ instance: InstanceID) {
        guard reloads[instance]?.hasBegun == true else { return }
        end(of: instance, problem: nil)
    }

    /// The time for it is over.
    func timedOut(_ instance: InstanceID) {
        guard let reload = reloads[instance] else { return }
        let what = reload.hasBegun ? "READY=1" : "RELOADING=1"
        end(of: instance, problem: "it did not say \(what) within \(host.now.duration(since: reload.since).text)")
    }

    /// It goes down, and nobody waits for its reload any more.
    func drop(of instance: InstanceID) {
        if isUnderWay(instance) { end(of: instance, problem: "it went down meanwhile") }
    }

    private func end(of instance: InstanceID, problem: String?) {
        reloads[instance] = nil
        host.disarm(TimerKind.reload.token(instance))
        seam.noteChange()
        seam.reloadEnded(.signal(instance), of: instance, problem: problem)
    }
}
