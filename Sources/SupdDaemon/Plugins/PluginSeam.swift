import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol

/// What plugins' parts look at of others, and have them do. They know no more of them.
protocol PluginSeam: Seam {
    /// What a probe finds may be what makes an instance up.
    var notices: NoticeReader { get }
    var settings: SupervisorSettings { get }
    /// Every part that runs is a task that a drain waits for.
    var drain: DrainConductor { get }
    var channels: ChannelTable { get }
    /// Clients that have called a method are answered there.
    var control: ControlDesk { get }
    /// The wall time of a monotonic instant, for display.
    func wall(_ instant: MonotonicInstant) -> WallTime

    /// What an instance was begun by, or is to be.
    func serviceDefinition(of instance: InstanceID) -> ServiceDefinition
    /// What plugins are told of an instance.
    func summary(of instance: InstanceID) -> ServiceSummary
    /// The same of all that `selectors` name; none name all. Where there is a caller, of what he may see.
    func summaries(
        of selectors: [String], for caller: MethodCall.Caller?
    ) -> Result<[ServiceSummary], ServiceControlError>
    /// Has an order of a plugin's carried out; where there is a caller, only of what he might order himself.
    func obey(
        _ order: ControlDesk.Order, _ selectors: [String], of plugin: String, for caller: MethodCall.Caller?
    ) -> Result<Void, ServiceControlError>

    /// Hooks are part of the errands of a stop.
    var commands: CommandRunner { get }
    /// Has the ends of programs be told, and of spawns that are not back.
    var processes: ProcessKeeper { get }
}

extension Supervisor: PluginSeam {
    func serviceDefinition(of instance: InstanceID) -> ServiceDefinition { roster[instance].definition }

    func summary(of instance: InstanceID) -> ServiceSummary { summary(of: instance, as: fleet[instance]) }

    /// What there was to say of it when its machine was this.
    func summary(of instance: InstanceID, as machine: ServiceMachine, for viewer: Viewer? = nil) -> ServiceSummary {
        ServiceSummary(
            name: name(of: instance), state: machine.state, desired: machine.desired, pid: machine.pid,
            restarts: machine.restarts, lastExit: machine.lastExit, health: plugins.probes.health(of: instance),
            reason: words(of: instance, as: machine).told(to: viewer))
    }

    func summaries(
        of selectors: [String], for caller: MethodCall.Caller?
    ) -> Result<[ServiceSummary], ServiceControlError> {
        let viewer = caller.flatMap { control.access.viewer($0.peer) }
        return selected(selectors, .observe, for: caller).map { instances in
            instances.map { summary(of: $0, as: fleet[$0], for: viewer) }
        }
    }

    private func selected(
        _ selectors: [String], _ access: AccessClass, for caller: MethodCall.Caller?
    ) -> Result<[InstanceID], ServiceControlError> {
        let asker = caller.flatMap { caller in
            control.access.viewer(caller.peer).map { Asker(peer: $0.peer, access: access, method: caller.method) }
        }
        if selectors.isEmpty, asker == nil { return .success(listed) }
        return control.select(texts: selectors, for: asker).mapError { error in
            ServiceControlError(error.kind == .notPermitted ? .notPermitted : .noSuchService, error.message)
        }
    }

    func obey(
        _ order: ControlDesk.Order, _ selectors: [String], of plugin: String, for caller: MethodCall.Caller?
    ) -> Result<Void, ServiceControlError> {
        if drain.gate != .open, order != .stop {
            return .failure(ServiceControlError(.shuttingDown, "supd is shutting down and starts nothing any more"))
        }
        guard !selectors.isEmpty else { return .failure(ServiceControlError(.noSuchService, "no service is named")) }
        return selected(selectors, .operate, for: caller).map { instances in
            let whom = caller.map { " for \($0.peer.text)" } ?? ""
            log.write(
                .info, "\(order.rawValue) of \(control.list(instances)) ordered by plugin '\(plugin)'\(whom)",
                about: instances.map(name(of:)), kind: .ordered)
            control.carryOut(order, instances, by: .plugin(plugin))
        }
    }
}
