package import SupdPlugin

/// What it would take to go from one configuration to another.
///
/// It is a value: making it asks nobody and changes nothing, and takes time in proportion to the size of both. What the configurations
/// were made from is compared by their `text`, so that it does not matter which of two loads a policy or a hook is of.
package struct ConfigurationPlan: Hashable, Sendable {
    /// The services that do not stay as they are: those that are removed, in the order of the old files, then those that are added,
    /// restarted, changed and scaled, in the order of the new ones.
    package private(set) var services: [ServiceChange] = []
    /// How many services stay as they are.
    package private(set) var unchanged = 0
    /// What is different in `[supervisor]`; some of it only once supd is restarted.
    package private(set) var supervisor: [KeyChange]
    /// The plugins with other options, in the order of their names.
    package private(set) var plugins: [PluginChange]
    /// That of the new configuration: see `Configuration.token`.
    package let token: String

    /// The plan that leads from `old` to `new`, in a daemon that was started with `started`: what takes a restart of it is different for
    /// as long as it runs. `standings` has the services that are not all as `old` says.
    package init(
        from old: Configuration, to new: Configuration, started: SupervisorConfiguration? = nil,
        standings: [ServiceName: ServiceStanding] = [:]
    ) {
        let effect = { (key: String, _: String?, _: String?) in KeyEffect.ofSupervisor(key) }
        let since = (started ?? old.supervisor).text.changes(to: new.supervisor.text, effect: effect)
        let now = old.supervisor.text.changes(to: new.supervisor.text, effect: effect)
        supervisor = since.filter { $0.effect == .daemonRestart } + now.filter { $0.effect != .daemonRestart }
        plugins = Self.plugins(from: old, to: new)
        token = new.token
        compareServices(from: old.services, to: new.services, standings)
    }

    /// Whether there is nothing to do.
    package var isEmpty: Bool { services.isEmpty && supervisor.isEmpty && plugins.isEmpty }

    /// How many services change in this way.
    package func count(of kind: ServiceChange.Kind) -> Int {
        kind == .unchanged ? unchanged : services.count { $0.kind == kind }
    }

    /// By index: a copy of a service counts the references to all that it has.
    private mutating func compareServices(
        from old: [ServiceConfiguration], to new: [ServiceConfiguration], _ standings: [ServiceName: ServiceStanding]
    ) {
        var places = [ServiceName: Int]()
        places.reserveCapacity(old.count)
        for place in old.indices { places[old[place].name] = place }
        var isKept = [Bool](repeating: false, count: old.count)
        var byKind = [ServiceChange.Kind: [ServiceChange]]()
        for index in new.indices {
            guard let place = places[new[index].name] else {
                let change = ServiceChange(
                    name: new[index].name, kind: .added, oldInstances: 0, newInstances: new[index].instances)
                byKind[.added, default: []].append(change)
                continue
            }
            isKept[place] = true
            if old[place].text == new[index].text {
                unchanged += 1
            } else if let change = ServiceChange(
                from: old[place], to: new[index], standing: standings[new[index].name])
            {
                byKind[change.kind, default: []].append(change)
            } else {
                unchanged += 1
            }
        }
        for place in old.indices where !isKept[place] {
            let instances = standings[old[place].name]?.instances ?? old[place].instances
            let change = ServiceChange(
                name: old[place].name, kind: .removed, oldInstances: instances, newInstances: 0)
            byKind[.removed, default: []].append(change)
        }
        services = ServiceChange.Kind.allCases.flatMap { byKind[$0] ?? [] }
    }

    private static func plugins(from old: Configuration, to new: Configuration) -> [PluginChange] {
        let none = PluginOptions([:])
        return Set(old.plugins.keys).union(new.plugins.keys).sorted().compactMap { name in
            // Options of the same meaning are the same, however they are written.
            guard old.plugins[name] ?? none != new.plugins[name] ?? none else { return nil }
            let texts = (old.pluginTexts[name] ?? SettingsText(), new.pluginTexts[name] ?? SettingsText())
            return PluginChange(
                name: name, keys: texts.0.changes(to: texts.1) { _, _, _ in KeyEffect.ofPluginOption })
        }
    }
}

/// How a service stands where that is not as the configuration in force says.
package struct ServiceStanding: Sendable {
    /// How many instances it has.
    package var instances: Int
    /// What those that are up, or would be, go by, each definition once; empty where that is the one in force.
    package var running: [ServiceConfiguration]

    /// A standing of these.
    package init(instances: Int, running: [ServiceConfiguration]) {
        self.instances = instances
        self.running = running
    }
}

/// What becomes of a service.
package struct ServiceChange: Hashable, Sendable {
    /// The ways in which a service changes, in the order a plan lists them. Another name is a removal and an addition.
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        /// It is not there any more.
        case removed
        /// It was not there before.
        case added
        /// A key is different that only a new process gets; what else is different changes with it.
        case restarted
        /// Keys are different that it takes over where it is.
        case changed
        /// Only the number of its instances is different.
        case scaled
        /// Nothing is different.
        case unchanged
    }

    /// Its name.
    package var name: ServiceName
    /// What becomes of it.
    package var kind: Kind
    /// The keys that are different, by name; none of a service that is removed or added.
    package var keys: [KeyChange]
    /// How many instances it has, 0 where it is not there; as many as the new one where the number in the files stays the same.
    package var oldInstances: Int
    /// How many the new one gives it.
    package var newInstances: Int

    /// A change of these.
    package init(name: ServiceName, kind: Kind, keys: [KeyChange] = [], oldInstances: Int, newInstances: Int) {
        self.name = name
        self.kind = kind
        self.keys = keys
        self.oldInstances = oldInstances
        self.newInstances = newInstances
    }

    /// The change from one definition of a service to another; nil where nothing becomes of it. What runs by others than `old` is compared
    /// with those.
    package init?(from old: ServiceConfiguration, to new: ServiceConfiguration, standing: ServiceStanding? = nil) {
        var keys = Self.keys(from: old, to: new)
        let instances = keys.first { $0.key == ServiceKey.instances.rawValue }
        if let running = standing?.running, !running.isEmpty {
            let all = running.map { Self.keys(from: $0, to: new) }
            keys = all.first { $0.contains { $0.effect == .nextStart } } ?? all.first { !$0.isEmpty } ?? []
            // How many there are to be is said by that in force, whatever each was begun by.
            keys.removeAll { $0.key == ServiceKey.instances.rawValue }
            let place = keys.firstIndex { $0.key > ServiceKey.instances.rawValue } ?? keys.endIndex
            if let instances { keys.insert(instances, at: place) }
        }
        guard !keys.isEmpty else { return nil }
        let kind: Kind =
            if keys.contains(where: { $0.effect == .nextStart }) {
                .restarted
            } else if keys.allSatisfy({ $0.key == ServiceKey.instances.rawValue }) {
                .scaled
            } else {
                .changed
            }
        let before = instances == nil ? new.instances : standing?.instances ?? old.instances
        self.init(name: new.name, kind: kind, keys: keys, oldInstances: before, newInstances: new.instances)
    }

    private static func keys(from old: ServiceConfiguration, to new: ServiceConfiguration) -> [KeyChange] {
        var keys = old.text.changes(to: new.text, effect: KeyEffect.ofService)
        for place in keys.indices where keys[place].old == nil || keys[place].new == nil {
            keys[place].standard = (keys[place].old == nil ? old : new).standard(of: keys[place].key)
        }
        // What holds without a key may be another where that is a matter of the type.
        keys.removeAll { $0.standard != nil && ($0.old ?? $0.standard) == ($0.new ?? $0.standard) }
        return keys
    }

    /// Whether the key `key`, or a key of the table `key`, is different: `log` where `log.file` is.
    package func touches(_ key: String) -> Bool {
        keys.contains { $0.key == key || $0.key.hasPrefix(key + ".") }
    }
}

/// Other options of a plugin: it is taken down and up again, and no other.
package struct PluginChange: Hashable, Sendable {
    /// The plugin's name.
    package var name: String
    /// The options that are different.
    package var keys: [KeyChange]

    /// A change of these.
    package init(name: String, keys: [KeyChange]) {
        self.name = name
        self.keys = keys
    }
}
