extension Settings {
    /// A service's keys with those of `[defaults]` that it does not set. `log`, `environment`, `limits` and
    /// `resources` are taken together key by key; whoever sets how it is stopped sets all of it.
    func over(_ defaults: Settings?) -> Settings {
        guard let defaults else { return self }
        var result = self
        for index in result.list.indices {
            let key = result.list[index].key
            guard let key = ServiceKey(rawValue: key), ServiceKey.mergedKeyByKey.contains(key) else { continue }
            result.list[index].fallback = defaults[key.rawValue]?.value
        }
        for setting in defaults.list where self[setting.key] == nil && !setsInAnotherWay(setting.key) {
            result.list.append(setting)
        }
        return result
    }

    /// Whether this table says in another way what `key` would say.
    private func setsInAnotherWay(_ key: String) -> Bool {
        switch ServiceKey(rawValue: key) {
        case .stopSteps: StopReader.oneStep.contains { self[$0.rawValue] != nil }
        case let key? where StopReader.oneStep.contains(key): self[ServiceKey.stopSteps.rawValue] != nil
        default: false
        }
    }
}
