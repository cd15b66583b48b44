import SupdPlugin

/// Reads `ready` and `health` of a service.
struct ProbesReader {
    /// How often a service that is starting is asked.
    static let readinessPeriod: Duration = .milliseconds(500)
    /// How often a service that is up is asked.
    static let healthPeriod: Duration = .seconds(10)
    /// How many failures in a row make a service unhealthy where it does not say.
    static let failureThreshold = 3
    /// The bounds of `failure_threshold`.
    static let failureThresholds = 1...1_000
    /// The least `period`: a probe is no busy loop.
    static let shortestPeriod: Duration = .milliseconds(10)

    let context: LoadContext
    let reader: TableReader<ServiceKey>
    /// The keys of the table itself, without the defaults.
    let own: KnownSettings<ServiceKey>

    /// The probes of a service of `type`; nil where it has none.
    func probes(of type: ServiceType) -> ServiceProbes? {
        let ready = ReadyReader(probes: self).conditions(reader.subject(.ready))
        let health = reader.subject(.health).flatMap(health)
        guard type != .oneshot else {
            refuse()
            return nil
        }
        guard ready.probe != nil || health != nil || !ready.signals.isEmpty else { return nil }
        return ServiceProbes(readiness: ready.probe, signals: ready.signals, health: health)
    }

    /// A oneshot is up when it has ended: there is nobody to ask. What `[defaults]` says of probes is not for it.
    private func refuse() {
        for key in [ServiceKey.ready, .health] {
            guard let setting = own[key] else { continue }
            context.faults.add(
                "'\(key.rawValue)' is of no use beside type = \"oneshot\", which is up once its process has ended with "
                    + "success: leave it out, or set type = \"exec\"", at: setting.place)
        }
    }

    func readiness(_ subject: Subject) -> PlannedProbe? {
        planned(subject, context.readinessProbes, period: Self.readinessPeriod)
    }

    private func health(_ subject: Subject) -> PlannedProbe? {
        let planned = planned(subject, context.healthProbes, period: Self.healthPeriod)
        let threshold = read(.failureThreshold, of: subject, as: .integer(Self.failureThresholds))
        let onFailure = read(.onFailure, of: subject, as: Form<PlannedProbe.OnFailure>.word())
        guard var probe = planned else { return nil }
        probe.failureThreshold = threshold ?? Self.failureThreshold
        probe.onFailure = onFailure ?? probe.onFailure
        return probe
    }

    /// What both have. All keys are looked at, also where there is no such probe.
    private func planned(
        _ subject: Subject, _ probes: PluginReader<any Probe>, period standard: Duration
    ) -> PlannedProbe? {
        let made = probes.value(subject, at: subject.place)
        let initialDelay = read(.initialDelay, of: subject, as: .duration)
        let period = read(.period, of: subject, as: .probePeriod)
        let timeout = read(.timeout, of: subject, as: .positiveDuration)
        guard let made else { return nil }
        var probe = PlannedProbe(name: made.name, plugin: made.plugin, probe: made.value, period: period ?? standard)
        probe.initialDelay = initialDelay ?? probe.initialDelay
        probe.timeout = timeout ?? probe.timeout
        return probe
    }

    private func read<Value>(_ key: ProbeKey, of subject: Subject, as form: Form<Value>) -> Value? {
        subject.settings?[key.rawValue].flatMap { form.read(subject.member($0)) }
    }
}

extension Form where Value == Duration {
    fileprivate static var probePeriod: Form {
        duration.and { $0 < ProbesReader.shortestPeriod ? "must be at least \(ProbesReader.shortestPeriod.text)" : nil }
    }
}
