import SupdPlugin

/// Puts the top levels of all files together into one configuration.
struct Assembly {
    private let context: LoadContext
    private var supervisor: (configuration: SupervisorConfiguration, place: Place, socketPlace: Place?)?
    private var defaults: KnownSettings<ServiceKey>?
    private var services: [(name: ServiceName, settings: KnownSettings<ServiceKey>)] = []
    private var places = [ServiceName: Place]()
    /// Tables of services that were defined before: looked at as all others, and no part of the configuration.
    private var repetitions: [(name: ServiceName, settings: KnownSettings<ServiceKey>)] = []

    private var plugins = [String: (subject: Subject, place: Place)]()
    /// Tables of plugins that were defined before, as `repetitions`.
    private var furtherPlugins: [(name: String, subject: Subject, place: Place)] = []

    init(context: LoadContext) {
        self.context = context
    }

    /// Adds what one file has.
    mutating func add(_ root: KnownSettings<RootKey>) {
        for (key, setting) in root.list {
            switch key {
            case .supervisor: addSupervisor(setting)
            case .defaults: addDefaults(setting)
            case .service: addServices(Subject(setting, faults: context.faults))
            case .plugins: addPlugins(Subject(setting, faults: context.faults))
            case .include: break
            }
        }
    }

    /// The configuration of all that was added; good only where no fault was told.
    mutating func configuration(allWereRead: Bool) -> Configuration {
        let drafts = services.map { draft($0, isRepetition: false) }
        let predecessors = DependencyCheck.run(
            services: drafts, repetitions: repetitions.map { draft($0, isRepetition: true) }, names: places.keys,
            allWereRead: allWereRead, faults: context.faults)
        InstanceCheck.run(services: drafts, faults: context.faults)
        let socketPlace = supervisor?.socketPlace
        let supervisor = supervisor?.configuration ?? .init()
        SocketCheck.run(services: drafts, controlSocket: supervisor.socket, faults: context.faults)
        let plugins = pluginOptions(allWereRead: allWereRead)
        // In what could not be read there may be more services.
        if allWereRead { context.references.check(among: places.keys, faults: context.faults) }
        if !context.faults.hasFaults {
            StopTimeCheck.run(
                services: drafts, predecessors: predecessors, budget: supervisor.drain.services, faults: context.faults)
            LogFileCheck.run(services: drafts, sources: context.sources, faults: context.faults)
            FolderCheck.run(services: drafts, sources: context.sources, faults: context.faults)
            SocketPlaceCheck.run(
                services: drafts,
                control: supervisor.socket.flatMap { path in
                    socketPlace.map { Located(value: path, place: $0) }
                }, sources: context.sources, faults: context.faults)
            ProgramCheck.run(services: drafts, sources: context.sources, faults: context.faults)
            context.references.warnOfPrograms(sources: context.sources, faults: context.faults)
            EnvironmentFileCheck.run(services: drafts, sources: context.sources, faults: context.faults)
            PrivilegeCheck.run(services: drafts, sources: context.sources, faults: context.faults)
            ReachCheck.run(services: drafts, sources: context.sources, faults: context.faults)
            SenseCheck.run(services: drafts, access: supervisor.access, faults: context.faults)
            VariableCheck.run(services: drafts, faults: context.faults)
        }
        var configuration = Configuration(
            supervisor: supervisor, services: drafts.map(\.configuration), plugins: plugins)
        for draft in drafts {
            configuration.places.add(draft.name, file: context.faults.file(draft.place.file), line: draft.place.line)
        }
        configuration.places.sort()
        configuration.pluginTexts = self.plugins.mapValues { SettingsText(ofPlugin: $0.subject.settings) }
        return configuration
    }

    private func draft(
        _ service: (name: ServiceName, settings: KnownSettings<ServiceKey>), isRepetition: Bool
    ) -> ServiceDraft {
        ServiceReader(
            name: service.name, own: service.settings, defaults: defaults, isRepetition: isRepetition, context: context
        ).draft()
    }

    private mutating func addSupervisor(_ setting: Setting) {
        let subject = Subject(setting, faults: context.faults)
        guard let settings = subject.settings else { return subject.refuse("a table") }
        let configuration = SupervisorReader(context: context).configuration(settings)
        if let first = supervisor?.place { return tellTwice("[supervisor]", setting, first: first) }
        supervisor = (configuration, settings.place, settings[SupervisorKey.socket.rawValue]?.value.place)
    }

    private mutating func addPlugins(_ subject: Subject) {
        for (name, table, place) in PluginTablesReader(context: context).tables(subject) {
            if let first = plugins[name]?.place {
                context.faults.add(
                    "[plugins.\(name)] is defined a second time; the first is at \(context.faults.description(of: first))",
                    at: place)
                furtherPlugins.append((name, table, place))
            } else {
                plugins[name] = (table, place)
            }
        }
    }

    /// The options of each plugin. In what could not be read there may be more of them, so that only those that are there are judged.
    private func pluginOptions(allWereRead: Bool) -> [String: PluginOptions] {
        let reader = PluginTablesReader(context: context)
        var options = [String: PluginOptions]()
        for plugin in context.plugins.plugins {
            let table = plugins[plugin.name]
            options[plugin.name] = reader.options(
                of: plugin, table?.subject, isWhole: allWereRead,
                at: table?.place ?? Place(file: 0, line: 0, column: 0))
            for table in furtherPlugins where table.name == plugin.name {
                _ = reader.options(of: plugin, table.subject, isWhole: false, at: table.place)
            }
        }
        return options
    }

    private mutating func addDefaults(_ setting: Setting) {
        let subject = Subject(setting, faults: context.faults)
        guard let table = subject.settings else { return subject.refuse("a table") }
        var settings = KnownSettings<ServiceKey>(table, whereabouts: " in [defaults]", faults: context.faults)
        for key in ServiceKey.notInDefaults {
            guard let setting = settings[key] else { continue }
            context.faults.add(
                "'\(key.rawValue)' cannot stand in [defaults]: say it in each [service.NAME]", at: setting.place)
        }
        settings.remove(ServiceKey.notInDefaults)
        StopReader.checkOneWay(settings, faults: context.faults)
        checkDefaults(settings)
        if let first = defaults?.place { return tellTwice("[defaults]", setting, first: first) }
        defaults = settings
    }

    private mutating func addServices(_ subject: Subject) {
        guard let tables = subject.settings else { return subject.refuse("a table of services, as in [service.NAME]") }
        for table in tables.list {
            guard let name = ServiceName(table.key) else {
                tellBadName(table)
                lookIntoUnnamed(subject.member(table))
                continue
            }
            guard let settings = subject.member(table).settings else {
                if ServiceKey(rawValue: table.key) != nil || ServiceKey.counterpart(of: table.key) != nil {
                    context.faults.add(
                        "'\(table.key)' stands in [service] itself: a service has a table with its name, as in [service.web]",
                        at: table.place)
                } else {
                    subject.member(table).refuse("a table, as in [service.\(name)]")
                }
                continue
            }
            let first = places[name]
            if let first {
                tellTwice("[service.\(name)]", table, first: first)
            } else {
                places[name] = settings.place
            }
            guard services.count < ConfigurationLimits.services else {
                if services.count == ConfigurationLimits.services {
                    context.faults.add(
                        "there are more than \(ConfigurationLimits.services) services", at: settings.place)
                }
                return
            }
            let known = KnownSettings<ServiceKey>(
                settings, whereabouts: " in [service.\(name)]", faults: context.faults)
            StopReader.checkOneWay(known, faults: context.faults)
            if first == nil { services.append((name, known)) } else { repetitions.append((name, known)) }
        }
    }

    /// What a table that cannot be a service has is looked at as if it were one.
    private mutating func lookIntoUnnamed(_ table: Subject) {
        guard let settings = table.settings, let name = ServiceName("_") else { return }
        let known = KnownSettings<ServiceKey>(settings, whereabouts: " in [\(table.path)]", faults: context.faults)
        StopReader.checkOneWay(known, faults: context.faults)
        repetitions.append((name, known))
    }

    /// `[defaults]` is looked at by itself once, so that it is checked also where no service takes something of it.
    private func checkDefaults(_ defaults: KnownSettings<ServiceKey>) {
        guard let name = ServiceName("defaults") else { return }
        _ = ServiceReader(defaults: defaults, as: name, context: context).draft()
    }

    /// Tells of a table that another file defines; that one file does so twice was told when that was read.
    private func tellTwice(_ table: String, _ second: Setting, first: Place) {
        guard !second.isRepetition else { return }
        context.faults.add(
            "\(table) is defined a second time; the first is at \(context.faults.description(of: first))",
            at: second.value.place)
    }

    private func tellBadName(_ table: Setting) {
        let hint =
            if table.key.utf8.contains(UInt8(ascii: "@")) {
                "; @ is kept for instances, which 'instances' makes"
            } else if ServiceName.isReserved(table.key) {
                "; what begins with tag: or state: selects services by that, and none by its name"
            } else {
                ""
            }
        context.faults.add(
            "\(quoted(table.key)) cannot name a service: use letters, digits and _ . : -, "
                + "not - or . first, at most \(ServiceName.maximumLength)\(hint)", at: table.place)
    }
}
