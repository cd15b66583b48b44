import SupdPlugin

/// Reads one `[service.NAME]` with `[defaults]` beneath it, or `[defaults]` alone for its own faults.
struct ServiceReader {
    let context: LoadContext
    let name: ServiceName
    /// The keys of the table itself.
    let own: KnownSettings<ServiceKey>
    /// The same with the defaults that apply.
    let reader: TableReader<ServiceKey>
    /// Whether what belongs together may stand elsewhere: `[defaults]` leaves it to a service, a second table of a service
    /// to the first.
    let isPart: Bool

    /// The service of a table, or of a second one of that name.
    init(
        name: ServiceName, own: KnownSettings<ServiceKey>, defaults: KnownSettings<ServiceKey>?,
        isRepetition: Bool = false, context: LoadContext
    ) {
        self.context = context
        self.name = name
        self.own = own
        reader = TableReader(own.over(defaults), faults: context.faults)
        isPart = isRepetition
    }

    /// `[defaults]` by itself, as `name`.
    init(defaults: KnownSettings<ServiceKey>, as name: ServiceName, context: LoadContext) {
        self.context = context
        self.name = name
        own = defaults
        reader = TableReader(defaults, faults: context.faults)
        isPart = true
    }

    /// Looks at everything and tells what is wrong. The draft is good for a configuration only where nothing was.
    func draft() -> ServiceDraft {
        requireCommand()
        let restart = context.restartPolicies.value(reader.subject(.restart), at: own.place)
        let backoff = context.backoffs.value(reader.subject(.backoff), at: own.place)
        var service = ServiceConfiguration(
            name: name, execStart: reader.read(.execStart, as: .command) ?? [],
            restart: restart?.value ?? RefusedPolicy(), restartName: restart?.name ?? "",
            backoff: backoff?.value ?? RefusedPolicy(), backoffName: backoff?.name ?? "")
        readWhatItIs(into: &service)
        let references = readReferences(into: &service)
        readWhatItRunsWith(into: &service)
        let sockets = reader.read(.sockets, as: .sockets(of: name)) ?? []
        service.sockets = sockets.map(\.value)
        readHowItEnds(into: &service)
        service.conduct.probes = ProbesReader(context: context, reader: reader, own: own).probes(
            of: service.conduct.type)
        NotificationsReader(context: context, reader: reader, own: own, isPart: isPart).read(into: &service)
        checkPolicy(of: service)
        CommandsReader(reader: reader, own: own, isPart: isPart).read(into: &service)
        if let subject = reader.subject(.hooks) {
            service.conduct.hooks = HooksReader(context: context, points: [.beforeStop, .afterStop]).hooks(subject)
        }
        let log = LogReader(context: context)
        service.conduct.log = log.configuration(reader.subject(.log), of: service.conduct.identity)
        if !isPart { checkReady(of: service) }
        if !isPart {
            log.checkTogether(
                service.conduct.log, reader.subject(.log), own: own[.log]?.value.settings)
        }
        // Of what is refused nobody asks.
        if !isPart, !context.faults.hasFaults {
            let text = service.settingsText(reader.table, context: context)
            service.text = text
        }
        return ServiceDraft(
            configuration: service, place: own.place, references: references,
            commandPlace: reader.place(of: .execStart) ?? own.place,
            instancesPlace: reader.place(of: .instances),
            stopTimePlace: StopTimeCheck.keys.lazy.compactMap { reader.place(of: $0) }.first,
            logFilePlace: reader.subject(.log)?.settings?[LogKey.file.rawValue]?.value.place,
            socketPlaces: sockets.map(\.place), table: reader.table)
    }

    private func requireCommand() {
        guard !isPart, own.lacks(.execStart) else { return }
        context.faults.add(
            "[service.\(name)] has no 'exec_start': give its command as a list of words or as one string", at: own.place
        )
    }

    private func readWhatItIs(into service: inout ServiceConfiguration) {
        reader.read(.description, as: .line, into: &service.description)
        reader.read(.type, as: .word(), into: &service.conduct.type)
        reader.read(.enabled, as: .bool, into: &service.conduct.enabled)
        reader.read(.essential, as: .bool, into: &service.conduct.essential)
        reader.read(
            .instances, as: .integer(1...ConfigurationLimits.instancesOfAService), into: &service.instances)
        reader.read(.tags, as: .list(of: .tag), into: &service.tags)
        service.conduct.access = reader.subject(.access).map(AccessReader(context: context).rules)
    }

    private func readReferences(into service: inout ServiceConfiguration) -> [Reference] {
        var references: [Reference] = []
        func read(_ key: ServiceKey, into names: inout [ServiceName]) {
            guard
                let targets = reader.read(
                    key, as: .list(of: .located(.serviceName), atMost: ConfigurationLimits.references))
            else { return }
            var seen: Set<ServiceName> = []
            for target in targets where seen.insert(target.value).inserted {
                names.append(target.value)
                references.append(Reference(key: key, target: target.value, place: target.place))
            }
        }
        read(.requires, into: &service.requires)
        read(.wants, into: &service.wants)
        read(.after, into: &service.after)
        read(.before, into: &service.before)
        read(.bindsTo, into: &service.bindsTo)
        read(.partOf, into: &service.partOf)
        return references
    }

    private func readWhatItRunsWith(into service: inout ServiceConfiguration) {
        service.conduct.identity = IdentityReader(context: context, reader: reader).identity()
        reader.read(.umask, as: .fileMode, into: &service.conduct.umask)
        reader.read(.workingDirectory, as: .absolutePath.withSpecifiers, into: &service.workingDirectory)
        reader.read(.nice, as: .integer(-20...19), into: &service.conduct.nice)
        reader.read(.oomScoreAdjust, as: .integer(-1000...1000), into: &service.conduct.oomScoreAdjust)
        reader.read(.noNewPrivileges, as: .bool, into: &service.conduct.noNewPrivileges)
        service.conduct.limits = reader.subject(.limits).map(limits) ?? []
        service.conduct.resources =
            reader.subject(.resources).map(ResourcesReader(faults: context.faults).controls) ?? []
        service.environment = reader.subject(.environment).map(environment) ?? []
        reader.read(.environmentFiles, as: .list(of: .environmentFile), into: &service.conduct.environmentFiles)
        reader.read(.passEnvironment, as: .list(of: .passedVariable), into: &service.conduct.passEnvironment)
    }

    private func readHowItEnds(into service: inout ServiceConfiguration) {
        reader.read(.successExitStatus, as: .exitStatuses, into: &service.conduct.exitStatusRules.success)
        reader.read(.restartPreventExitStatus, as: .exitStatuses, into: &service.conduct.exitStatusRules.restartPrevent)
        reader.read(.restartForceExitStatus, as: .exitStatuses, into: &service.conduct.exitStatusRules.restartForce)
        reader.read(.startLimitBurst, as: .integer(0...1_000_000), into: &service.conduct.startLimit.burst)
        reader.read(.startLimitInterval, as: .positiveDuration, into: &service.conduct.startLimit.interval)
        service.conduct.stopSteps = StopReader(reader: reader).steps(standard: service.conduct.stopSteps)
        reader.read(.killMode, as: .word(), into: &service.conduct.killMode)
        // A oneshot is STARTING for as long as it works, so as in systemd.service(5) it has a limit only where one is set.
        service.conduct.timeoutStart = service.standardTimeoutStart
        if let limit = reader.read(.timeoutStart, as: .timeLimit) { service.conduct.timeoutStart = limit.duration }
        let runtimeMax = reader.read(.runtimeMax, as: .positiveDuration)
        let minUptime = reader.read(.minUptime, as: .duration)
        guard service.conduct.type == .oneshot else {
            service.conduct.runtimeMax = runtimeMax
            service.conduct.minUptime = minUptime ?? service.conduct.minUptime
            return
        }
        refuseOfOneshot(.runtimeMax, "'timeout_start' limits how long it may work")
        refuseOfOneshot(.minUptime, "it is up once it has ended with success")
    }

    /// What is only for a service that goes on running. A oneshot never is, so what `[defaults]` say of that is not for it.
    private func refuseOfOneshot(_ key: ServiceKey, _ advice: String) {
        guard !isPart, let setting = own[key] else { return }
        context.faults.add(
            "'\(key.rawValue)' is for a service that goes on running, and '\(name)' is a oneshot: \(advice)",
            at: setting.place)
    }

    /// A oneshot has done its work when it has ended with success, and a policy that would have it done anew is a mistake (systemd.service(5), Restart=).
    /// One of `[defaults]` is meant for those that go on running, and is not asked about a success of a oneshot.
    private func checkPolicy(of service: ServiceConfiguration) {
        guard service.conduct.type == .oneshot, !isPart else { return }
        let success = ExitRecord(attempt: 1, pid: 1, outcome: .exited(code: 0), ranFor: .seconds(1))
        let advice = "write \"on-failure\" for one that is to be tried again until it succeeds"
        if let setting = own[.restart] {
            switch service.conduct.restart.decide(RestartContext(exit: success)) {
            case .restart, .restartAfter:
                context.faults.add(
                    "'restart' of \"\(service.conduct.restartName)\" would run '\(name)' again after each success, for ever, and what requires it would never "
                        + "start, as it is a oneshot: \(advice)", at: setting.place)
            case .stay, .giveUp: break
            }
        }
        if let setting = own[.restartForceExitStatus],
            service.conduct.exitStatusRules.restartForce.contains(success.outcome)
        {
            context.faults.add(
                "'restart_force_exit_status' has 0, with which '\(name)' ends when its work is done, as it is a oneshot: take it out",
                at: setting.place)
        }
    }

    /// What has to fit together for it to say that it is ready, and to have descriptors kept: these come after its sockets (sd_listen_fds(3)).
    private func checkReady(of service: ServiceConfiguration) {
        let first = 3 + service.sockets.count + service.conduct.fileDescriptorStoreMax
        for signal in service.conduct.probes?.signals ?? [] {
            guard let subject = reader.subject(.ready) else { continue }
            switch signal {
            case .descriptor(let number) where number < first:
                subject.fault(
                    first > ReadySignal.lastDescriptor
                        ? "of type \"fd\" has no room above its sockets and 'fd_store_max': lower that"
                        : "of type \"fd\" has the descriptor \(number), which may be one of its sockets: take \(first) or a later one"
                )
            case .line where [.none, .inherit, .journalDirect].contains(service.conduct.log.sink):
                subject.fault(
                    "of type \"log\" never comes true, as no line is read of what 'log.sink' = \"\(service.conduct.log.sink.rawValue)\" has: choose another of the two"
                )
            case .descriptor, .line, .notice, .delay: break
            }
        }
        let limit = service.conduct.limits.first { $0.name == ResourceName.nofile.rawValue }?.soft
        if service.conduct.fileDescriptorStoreMax > 0, let limit, limit < UInt64(first) {
            reader.subject(.fdStoreMax)?.fault(
                "needs 'limits.nofile' of at least \(first), found \(limit): the next start could not be given what is kept"
            )
        }
    }

    private func limits(_ subject: Subject) -> [ResourceLimit] {
        guard let limits = TableReader<ResourceName>(subject, faults: context.faults) else { return [] }
        return ResourceName.allCases.compactMap { name in
            limits.read(name, as: .resourceLimit).map {
                ResourceLimit(name: name.rawValue, resource: name.number, soft: $0.soft, hard: $0.hard)
            }
        }
    }

    private func environment(_ subject: Subject) -> [EnvironmentVariable] {
        guard let settings = subject.settings else {
            subject.refuse("a table like { NAME = \"value\" }")
            return []
        }
        if settings.list.count > ConfigurationLimits.listItems {
            subject.fault(
                "has \(settings.list.count) variables; at most \(ConfigurationLimits.listItems) are allowed")
        }
        return settings.list.sorted { $0.key < $1.key }.compactMap { setting in
            let value = Form<String>.text().withSpecifiers.read(subject.member(setting))
            guard VariableName.isValid(setting.key) else {
                context.faults.add(
                    "\(quoted(setting.key)) cannot name a variable: use letters, digits and _, no digit first",
                    at: setting.place)
                return nil
            }
            return value.map { EnvironmentVariable(name: setting.key, value: $0) }
        }
    }
}
