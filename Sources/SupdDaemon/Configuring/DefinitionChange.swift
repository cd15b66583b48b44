import SupdConfiguration

/// What another definition comes to for what there is of its service: of a `ServiceChange` what is looked at on the loop.
struct DefinitionChange: Sendable {
    /// The keys that something is done about when they are different.
    struct Keys: OptionSet, Sendable {
        let rawValue: UInt8

        static let sockets = Keys(rawValue: 1 << 0)
        static let enabled = Keys(rawValue: 1 << 1)
        static let instances = Keys(rawValue: 1 << 2)
        static let log = Keys(rawValue: 1 << 3)
        static let logSink = Keys(rawValue: 1 << 4)
        static let ready = Keys(rawValue: 1 << 5)
        static let health = Keys(rawValue: 1 << 6)
        /// What the processes of one that runs are given.
        static let tree = Keys(rawValue: 1 << 7)
    }

    /// What becomes of the service.
    let kind: ServiceChange.Kind
    /// Which keys are different.
    let keys: Keys
    /// How many instances it is to have.
    let instances: Int

    /// Of this change; nil for none.
    init?(_ change: ServiceChange?) {
        guard let change else { return nil }
        kind = change.kind
        keys = Keys(change)
        instances = change.newInstances
    }

    /// From one definition to another; nil where nothing becomes of it.
    init?(from old: ServiceDefinition, to new: ServiceDefinition) {
        self.init(ServiceChange(from: old.configuration, to: new.configuration))
    }

    /// Whether what runs takes it over where it is.
    var isAtOnce: Bool { kind == .changed || kind == .scaled }
}

extension DefinitionChange.Keys {
    private static let touched: [(key: String, Self)] = [
        ("sockets", .sockets), ("enabled", .enabled), ("instances", .instances), ("log", .log), ("log.sink", .logSink),
        ("ready", .ready), ("health", .health), ("limits", .tree), ("nice", .tree), ("oom_score_adjust", .tree),
        ("resources", .tree),
    ]

    fileprivate init(_ change: ServiceChange) {
        self = []
        for (key, keys) in Self.touched where change.touches(key) { formUnion(keys) }
    }
}
