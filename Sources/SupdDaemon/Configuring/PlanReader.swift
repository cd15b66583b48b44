import SupdConfiguration
import SupdHost
import SupdPlugin
import SupdProtocol

/// Somebody who may not do everything, as one who is told what a configuration changes: a `Viewer` of what is not in force yet, and beside
/// the loop, where plans are written.
struct PlanReader: Sendable {
    let peer: PeerCredentials
    /// `[supervisor.access]` in force.
    let general: AccessRules
    /// The daemon's own user.
    let owner: UInt32

    /// `plan` as he may be told it. A service in force counts by its rules in force, and one that comes by those that the files give it;
    /// all are counted, also those that are not named.
    func told(
        _ plan: ConfigurationPlanReply, from old: ConfigurationInForce, to new: Configuration
    ) -> ConfigurationPlanReply {
        var own = [ServiceName: AccessRules]()
        for place in new.services.indices { own[new.services[place].name] = new.services[place].conduct.access }
        for service in old.services { own[service.definition.name] = service.definition.access }
        // Without a table of its own a service is for whoever may ask.
        let granted = own.mapValues { $0.over(general).granted(to: peer, owner: owner) }
        func sees(_ name: ServiceName) -> Bool { granted[name] != .some(nil) }
        let seesEverything = !granted.values.contains(nil)
        func sees(named name: String) -> Bool { ServiceName(name).map(sees) ?? false }

        var told = plan
        told.services.removeAll { !sees(named: $0.name) }
        told.hidden = plan.services.count - told.services.count
        told.older.removeAll { !sees(named: $0) }
        for place in told.services.indices {
            let service = told.services[place]
            if let with = service.with, !sees(named: with) { told.services[place].with = Sentence.another }
            let mayAdminister = ServiceName(service.name).flatMap { granted[$0] ?? .admin } == .admin
            told.services[place].keys = service.keys.map { key in
                let values = [key.old, key.new].compactMap(\.self)
                let isTold = values.allSatisfy { value in
                    guard mayAdminister || !ToldValues.isDelicate(key.key, value) else { return false }
                    return ToldValues.services(namedBy: key.key, value)?.allSatisfy(sees) ?? seesEverything
                }
                return isTold ? key : key.withoutValues
            }
        }
        // What plugins and hooks are told may name any service.
        guard !seesEverything else { return told }
        told.supervisor = plan.supervisor.map { ToldValues.mayNameAny(ofSupervisor: $0.key) ? $0.withoutValues : $0 }
        for place in told.plugins.indices { told.plugins[place].keys = plan.plugins[place].keys.map(\.withoutValues) }
        return told
    }
}

extension ConfigurationPlanReply.Key {
    /// That it is another one, and no more.
    fileprivate var withoutValues: Self {
        var key = self
        (key.old, key.new, key.standard) = (nil, nil, nil)
        return key
    }
}
