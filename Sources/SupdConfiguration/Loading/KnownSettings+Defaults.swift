extension KnownSettings<ServiceKey> {
    /// A service's keys with those of `[defaults]` that it does not set. `log`, `environment`, `limits` and
    /// `resources` are taken together key by key; whoever sets how it is stopped sets all of it.
    func over(_ defaults: KnownSettings?) -> KnownSettings {
        guard let defaults else { return self }
        return over(defaults, merging: ServiceKey.mergedKeyByKey) { !setsInAnotherWay($0) }
    }

    /// Whether this table says in another way what `key` would say.
    private func setsInAnotherWay(_ key: ServiceKey) -> Bool {
        switch key {
        case .stopSteps: StopReader.oneStep.contains { self[$0] != nil }
        case _ where StopReader.oneStep.contains(key): self[.stopSteps] != nil
        default: false
        }
    }
}
