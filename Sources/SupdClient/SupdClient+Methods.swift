public import SupdConnection
public import SupdPlugin
public import SupdProtocol

/// The protocol's methods. `services` are names, globs and tags as `ServiceSelector` has them; each call throws
/// `refused` with what the daemon says where it says no.
extension SupdClient {
    /// What the daemon as a whole is doing.
    public func supervisorStatus() async throws(ClientError) -> SupervisorStatus {
        try await call(.supervisorStatus)
    }

    /// A round trip through the daemon's core.
    @discardableResult
    public func ping() async throws(ClientError) -> Acknowledgement {
        try await call(.supervisorPing)
    }

    /// The daemon's version, the protocol's, and the methods it has.
    public func version() async throws(ClientError) -> VersionInfo {
        try await call(.supervisorVersion)
    }

    /// The status of `services`, of all where none is named.
    public func status(services: [String] = []) async throws(ClientError) -> [ServiceStatus] {
        try await call(.serviceStatus(ServiceSelection(services: services)), as: ServiceList.self).services
    }

    /// What has led to what each of `services` is, in its last `changes`, and what would change it.
    public func why(
        services: [String], changes: Int = ProtocolLimits.rememberedChanges
    ) async throws(ClientError) -> [ServiceWhy] {
        try await call(.serviceWhy(WhyParams(services: services, changes: changes)), as: ServiceWhys.self).services
    }

    /// Wants `services` up. With `wait`, answers once each is, or has failed, within `timeout`; one result a service.
    @discardableResult
    public func start(
        services: [String], wait: Bool = true, timeout: Duration? = nil
    ) async throws(ClientError) -> [ServiceResult] {
        try await order(OrderParams(services: services, wait: wait, timeout: timeout)) { .serviceStart($0) }
    }

    /// Wants `services` down. With `wait`, answers once each is, within `timeout`; one result a service.
    @discardableResult
    public func stop(
        services: [String], wait: Bool = true, timeout: Duration? = nil
    ) async throws(ClientError) -> [ServiceResult] {
        try await order(OrderParams(services: services, wait: wait, timeout: timeout)) { .serviceStop($0) }
    }

    /// Stops `services` and starts them again. With `wait`, answers once each is up, within `timeout`; one result a
    /// service.
    @discardableResult
    public func restart(
        services: [String], wait: Bool = true, timeout: Duration? = nil
    ) async throws(ClientError) -> [ServiceResult] {
        try await order(OrderParams(services: services, wait: wait, timeout: timeout)) { .serviceRestart($0) }
    }

    /// Has `services` read their configuration again, by their `exec_reload`. With `wait`, answers once each has, within
    /// `timeout`; one result a service.
    @discardableResult
    public func reload(
        services: [String], wait: Bool = true, timeout: Duration? = nil
    ) async throws(ClientError) -> [ServiceResult] {
        try await order(OrderParams(services: services, wait: wait, timeout: timeout)) { .serviceReload($0) }
    }

    /// Changes how many instances `service` has, until the daemon ends. With `wait`, answers once those that are new are up, or
    /// have failed, and those that go are down, within `timeout`; one result an instance that is there or was.
    @discardableResult
    public func scale(
        service: String, instances: Int, wait: Bool = true, timeout: Duration? = nil
    ) async throws(ClientError) -> [ServiceResult] {
        let params = ScaleParams(service: service, instances: instances, wait: wait, timeout: timeout)
        let limit = wait ? Self.replyLimit(timeout) : Self.replyTimeout
        return try await call(.serviceScale(params), timeout: limit, as: ServiceResults.self).services
    }

    /// The processes of `services`, of all where none is named.
    public func tree(services: [String] = []) async throws(ClientError) -> [ServiceTree] {
        try await call(.serviceTree(TreeParams(services: services)), as: ServiceTrees.self).services
    }

    /// What `services` are told, and where that stands.
    public func definitions(services: [String]) async throws(ClientError) -> [DefinedService] {
        try await call(.serviceDefinition(ServiceSelection(services: services)), as: ServiceDefinitions.self).services
    }

    /// `services`, all where none is named, with all that they need and that needs them.
    public func dependencies(services: [String] = []) async throws(ClientError) -> [RelatedService] {
        try await call(.serviceDependencies(DependencyParams(services: services)), as: ServiceDependencies.self)
            .services
    }

    /// What the start of `services`, of all where none is named, has taken.
    public func timings(services: [String] = []) async throws(ClientError) -> ServiceTimings {
        try await call(.serviceTiming(ServiceSelection(services: services)))
    }

    /// Sends `signal` to the main processes of `services`; one result a service.
    @discardableResult
    public func signal(_ signal: Signal, services: [String]) async throws(ClientError) -> [ServiceResult] {
        try await call(.serviceSignal(SignalParams(services: services, signal: signal)), as: ServiceResults.self)
            .services
    }

    /// Lets `services` that are FATAL be started again, their start limits counted anew; one result a service.
    @discardableResult
    public func resetFailed(services: [String]) async throws(ClientError) -> [ServiceResult] {
        try await call(.serviceResetFailed(ServiceSelection(services: services)), as: ServiceResults.self).services
    }

    /// The daemon's task registry.
    public func tasks() async throws(ClientError) -> TaskList {
        try await call(.tasksList)
    }

    /// The last lines of `services`, from the daemon's memory; of one instance those before a place, the `earlier` of an earlier
    /// answer. A reply has no more than `ProtocolLimits.logBytes`: where that was too little, `shortage` says so.
    public func logs(
        services: [String], lines: Int = LogsParams.standardLines, before: UInt64? = nil
    ) async throws(ClientError) -> [ServiceLog] {
        let params = LogsParams(services: services, lines: lines, before: before)
        return try await call(.logsRead(params), as: LogRead.self).services
    }

    /// Ends everything the daemon runs, in order, and answers that it began. The daemon stays.
    @discardableResult
    public func drain() async throws(ClientError) -> Acknowledgement {
        try await call(.supervisorDrain(DrainParams()))
    }

    /// Ends everything the daemon runs, in order, and answers with the report once that is done. The daemon stays.
    public func drainAndWait(timeout: Duration? = nil) async throws(ClientError) -> DrainReport {
        try await call(.supervisorDrain(DrainParams(wait: true, timeout: timeout)), timeout: Self.replyLimit(timeout))
    }

    /// Drains and ends the daemon, and answers that it began. With `now` everything is killed at once, as at a third signal.
    @discardableResult
    public func shutdown(now: Bool = false) async throws(ClientError) -> Acknowledgement {
        try await call(.supervisorShutdown(DrainParams(now: now)))
    }

    /// The same, and answers with the report just before the daemon exits.
    public func shutdownAndWait(timeout: Duration? = nil, now: Bool = false) async throws(ClientError) -> DrainReport {
        try await call(
            .supervisorShutdown(DrainParams(wait: true, timeout: timeout, now: now)), timeout: Self.replyLimit(timeout))
    }

    /// Undoes a drain that holds: what is enabled is started again. Refused where the daemon is not drained.
    @discardableResult
    public func resume() async throws(ClientError) -> Acknowledgement {
        try await call(.supervisorResume)
    }

    /// What is compiled into the daemon.
    public func plugins() async throws(ClientError) -> PluginList {
        try await call(.pluginsList)
    }

    /// What the configuration's files would change of what runs. Throws `refused` with `invalid-configuration` where they have faults.
    public func plan() async throws(ClientError) -> ConfigurationPlanReply {
        try await call(.configPlan)
    }

    /// Puts the configuration's files into effect, and answers with the plan that was carried out. With `expect`, the token of a plan,
    /// refused with `plan-changed` where the files would do something else by now. With `deferred` a service that would have to be
    /// restarted is left running until its next start. With `wait`, answers once all that is touched is where it is to be, or has failed,
    /// within `timeout`.
    @discardableResult
    public func apply(
        expect: String? = nil, deferred: Bool = false, wait: Bool = true, timeout: Duration? = nil
    ) async throws(ClientError) -> ConfigurationPlanReply {
        let params = ReloadParams(expect: expect, deferred: deferred, wait: wait, timeout: timeout)
        return try await call(.configReload(params), timeout: wait ? Self.replyLimit(timeout) : Self.replyTimeout)
    }

    /// Opens the log files of `services` anew, of all where none is named, and answers how many.
    @discardableResult
    public func reopenLogs(services: [String] = []) async throws(ClientError) -> Int {
        try await call(.logsReopen(ServiceSelection(services: services)), as: ReopenedLogs.self).files
    }

    private func order(
        _ params: OrderParams, _ method: (OrderParams) -> Request.Call
    ) async throws(ClientError) -> [ServiceResult] {
        let limit = params.wait ? Self.replyLimit(params.timeout) : Self.replyTimeout
        return try await call(method(params), timeout: limit, as: ServiceResults.self).services
    }

    /// The daemon keeps the timeout itself and answers with it; the client's own is only for a daemon that does not.
    private static func replyLimit(_ timeout: Duration?) -> Duration? {
        timeout.map { $0 + replyTimeout }
    }
}
