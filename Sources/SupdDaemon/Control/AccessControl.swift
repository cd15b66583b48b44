import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol

/// Somebody who asks for something of services that takes a class: with each service its own rules count.
struct Asker {
    let peer: PeerCredentials
    let access: AccessClass
    let method: String
}

/// Instances that globs and tags mean, and of which who asks may see more than do.
struct RefusedInstances {
    var instances: [InstanceID] = []
    let asker: Asker
}

extension AccessRules {
    /// What a client may do by these rules; `owner` is the daemon's own user, who may do everything, as root may.
    func granted(to peer: PeerCredentials, owner: UInt32) -> AccessClass? {
        if peer.uid == 0 || peer.uid == owner { return .admin }
        return access(ofUser: peer.uid, groups: [peer.gid] + peer.groups)
    }
}

/// Who may do what: `[supervisor.access]`, and over that of each service its own table.
final class AccessControl {
    private unowned let seam: any ControlSeam
    /// Who may do what, beside root and the daemon's own user.
    private var general = AccessRules()
    /// The same with what the tables of services add: who is in none of them may do nothing with anything.
    private var toAnything = AccessRules()

    /// Nobody may do anything yet, but for root and the daemon's own user.
    init(_ seam: any ControlSeam) { self.seam = seam }

    /// Judges by these rules, and by those that services in force have of their own; `toAnything` is of them all together.
    func takeOver(_ general: AccessRules, toAnything: AccessRules) {
        self.general = general
        self.toAnything = toAnything
    }

    /// What a client may do with the daemon; nil for nothing. The daemon's own user and root may do everything.
    func granted(to peer: PeerCredentials) -> AccessClass? { granted(to: peer, by: general) }

    /// What a client may do with a service that has `rules` of its own, or none.
    func granted(to peer: PeerCredentials, overridden rules: AccessRules?) -> AccessClass? {
        granted(to: peer, by: rules?.over(general) ?? general)
    }

    /// Whether a client may do anything at all, be it with one service.
    func mayAnything(_ peer: PeerCredentials) -> Bool { granted(to: peer, by: toAnything) != nil }

    func mayEverything(_ peer: PeerCredentials) -> Bool { peer.uid == 0 || peer.uid == seam.settings.uid }

    private func granted(to peer: PeerCredentials, by rules: AccessRules) -> AccessClass? {
        rules.granted(to: peer, owner: seam.settings.uid)
    }

    /// Somebody as one who is told things; nil where he may see everything.
    func viewer(_ peer: PeerCredentials) -> Viewer? { mayEverything(peer) ? nil : Viewer(peer, self) }

    /// How somebody is told what a configuration changes, by the rules of now.
    func planReader(_ peer: PeerCredentials) -> PlanReader {
        PlanReader(peer: peer, general: general, owner: seam.settings.uid)
    }

    /// Whether a client may do what takes `access` with an instance.
    func may(_ peer: PeerCredentials, _ access: AccessClass, _ instance: InstanceID) -> Bool {
        granted(to: peer, overridden: ownRules(of: instance)).map { $0 >= access } ?? false
    }

    /// The same with a service of that name; nothing with one that is not there any more.
    func may(_ peer: PeerCredentials, _ access: AccessClass, service name: ServiceName) -> Bool {
        guard let service = seam.roster.service(named: name.rawValue) else { return false }
        return granted(to: peer, overridden: ownRules(of: service)).map { $0 >= access } ?? false
    }

    /// Whether a client may do what takes `access` with every service.
    func mayAll(_ peer: PeerCredentials, _ access: AccessClass) -> Bool {
        seam.fleet.services.allSatisfy {
            granted(to: peer, overridden: ownRules(of: $0)).map { $0 >= access } ?? false
        }
    }

    /// Whether there is a service of that name.
    func has(_ name: ServiceName) -> Bool { seam.roster.service(named: name.rawValue) != nil }

    /// The service and the name of an instance; nil of one that is not there any more.
    func find(_ instance: InstanceID) -> (service: ServiceID, name: InstanceName)? {
        seam.roster.find(instance).map { ($0.service, $0.name) }
    }

    /// The rules that the service of an instance has of its own.
    func ownRules(of instance: InstanceID) -> AccessRules? { ownRules(of: seam.roster[instance].service) }

    private func ownRules(of service: ServiceID) -> AccessRules? {
        seam.roster.definition(of: service).access
    }

    // MARK: Denials

    /// The denial of what takes `access`.
    func denial(of method: String, needs access: AccessClass) -> ProtocolError {
        denial(Denial(method, needs: access), by: general, ["supervisor.access"])
    }

    /// The denial of what is asked of one instance.
    func denial(_ asker: Asker, of instance: InstanceID) -> ProtocolError {
        let name = seam.name(of: instance)
        let own = ownRules(of: instance).map { (rules: $0.over(general), tables: ["service.\(name.service).access"]) }
        return denial(
            Denial(asker.method, of: name.description, needs: asker.access), by: own?.rules ?? general,
            (own?.tables ?? []) + ["supervisor.access"])
    }

    /// A denial with those who may, by `rules` that stand in `tables`.
    private func denial(_ denial: Denial, by rules: AccessRules, _ tables: [String]) -> ProtocolError {
        var denial = denial
        let (uid, user) = (seam.settings.uid, seam.settings.userName)
        if uid != 0 { denial.holders.append("uid \(uid)" + (user.map { " (\($0))" } ?? "")) }
        let named = rules.names(for: denial.needs).filter { $0 != "root" }
        denial.holders += named
        denial.tables = named.isEmpty ? [] : tables
        return .notPermitted(denial)
    }
}
