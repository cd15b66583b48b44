import SupdPlugin

/// Puts the top levels of all files together into one configuration.
struct Assembly {
    private let context: LoadContext
    private var supervisor: (configuration: SupervisorConfiguration, place: Place)?
    private var defaults: Settings?
    private var services: [(name: ServiceName, settings: Settings)] = []
    private var places: [ServiceName: Place] = [:]

    init(context: LoadContext) {
        self.context = context
    }

    /// Adds what one file has.
    mutating func add(_ root: Settings) {
        let reader = TableReader<RootKey>(root, faults: context.faults)
        if let subject = reader.subject(.supervisor) { addSupervisor(subject) }
        if let subject = reader.subject(.defaults) { addDefaults(subject) }
        if let subject = reader.subject(.service) { addServices(subject) }
    }

    /// The configuration of all that was added; good only where no fault was told.
    mutating func configuration(allWereRead: Bool) -> Configuration {
        if let defaults { checkDefaults(defaults) }
        let drafts = services.map { service in
            ServiceReader(name: service.name, own: service.settings, defaults: defaults, context: context).draft()
        }
        DependencyCheck.run(
            services: drafts, names: Set(places.keys), allWereRead: allWereRead, faults: context.faults)
        InstanceCheck.run(services: drafts, faults: context.faults)
        return Configuration(
            supervisor: supervisor?.configuration ?? .init(), services: drafts.map(\.configuration))
    }

    private mutating func addSupervisor(_ subject: Subject) {
        guard let settings = subject.settings else { return subject.refuse("a table") }
        if let first = supervisor?.place { return tellTwice("[supervisor]", first: first, second: settings.place) }
        supervisor = (SupervisorReader(faults: context.faults).configuration(settings), settings.place)
    }

    private mutating func addDefaults(_ subject: Subject) {
        guard var settings = subject.settings else { return subject.refuse("a table") }
        if let first = defaults?.place { return tellTwice("[defaults]", first: first, second: settings.place) }
        settings.keepOnly(ServiceKey.self, whereabouts: " in [defaults]", faults: context.faults)
        for key in ServiceKey.allCases where ServiceKey.notInDefaults.contains(key) {
            guard let setting = settings[key.rawValue] else { continue }
            context.faults.add(
                "'\(key.rawValue)' cannot stand in [defaults]: say it in each [service.NAME]", at: setting.place)
        }
        settings.list.removeAll { setting in
            ServiceKey(rawValue: setting.key).map(ServiceKey.notInDefaults.contains) ?? true
        }
        StopReader.checkOneWay(settings, faults: context.faults)
        defaults = settings
    }

    private mutating func addServices(_ subject: Subject) {
        guard let tables = subject.settings else { return subject.refuse("a table of services, as in [service.NAME]") }
        for table in tables.list {
            guard let name = ServiceName(table.key) else {
                tellBadName(table)
                continue
            }
            guard var settings = subject.member(table).settings else {
                subject.member(table).refuse("a table, as in [service.\(name)]")
                continue
            }
            if let first = places[name] {
                tellTwice("[service.\(name)]", first: first, second: settings.place)
                continue
            }
            places[name] = settings.place
            guard services.count < ConfigurationLimits.services else {
                if services.count == ConfigurationLimits.services {
                    context.faults.add(
                        "there are more than \(ConfigurationLimits.services) services", at: settings.place)
                }
                return
            }
            settings.keepOnly(ServiceKey.self, whereabouts: " in [service.\(name)]", faults: context.faults)
            StopReader.checkOneWay(settings, faults: context.faults)
            services.append((name, settings))
        }
    }

    /// `[defaults]` is looked at by itself once, so that it is checked also where no service takes something of it.
    private func checkDefaults(_ defaults: Settings) {
        guard let name = ServiceName("defaults") else { return }
        _ = ServiceReader(defaults: defaults, as: name, context: context).draft()
    }

    private func tellTwice(_ table: String, first: Place, second: Place) {
        context.faults.add(
            "\(table) is defined a second time; the first is at \(context.faults.description(of: first))", at: second)
    }

    private func tellBadName(_ table: Setting) {
        let hint =
            table.key.utf8.contains(UInt8(ascii: "@")) ? "; @ is kept for instances, which 'instances' makes" : ""
        context.faults.add(
            "\(quoted(table.key)) cannot name a service: use letters, digits and _ . : -, "
                + "not - or . first, at most \(ServiceName.maximumLength)\(hint)", at: table.place)
    }
}
