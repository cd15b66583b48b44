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

/// Who may do what: `[supervisor.access]`, and over that of each service its own table.
extension Supervisor {
    /// What a client may do with the daemon; nil for nothing. The daemon's own user and root may do everything.
    func access(of peer: PeerCredentials) -> AccessClass? { access(of: peer, by: control.access) }

    /// What a client may do with a service that has `rules` of its own, or none.
    func access(of peer: PeerCredentials, toOneOf rules: AccessRules?) -> AccessClass? {
        access(of: peer, by: rules?.over(control.access) ?? control.access)
    }

    /// Whether a client may do anything at all, be it with one service.
    func mayAnything(_ peer: PeerCredentials) -> Bool { access(of: peer, by: control.accessToAnything) != nil }

    private func access(of peer: PeerCredentials, by rules: AccessRules) -> AccessClass? {
        if mayEverything(peer) { return .admin }
        return rules.access(ofUser: peer.uid, groups: [peer.gid] + peer.groups)
    }

    func mayEverything(_ peer: PeerCredentials) -> Bool { peer.uid == 0 || peer.uid == settings.uid }

    /// Whether a client may do what takes `access` with an instance.
    func may(_ peer: PeerCredentials, _ access: AccessClass, _ instance: InstanceID) -> Bool {
        self.access(of: peer, toOneOf: ownRules(of: instance)).map { $0 >= access } ?? false
    }

    /// The rules that the service of an instance has of its own.
    func ownRules(of instance: InstanceID) -> AccessRules? { ownRules(of: roster[instance].service) }

    private func ownRules(of service: ServiceID) -> AccessRules? { roster.definition(of: service).configuration.access }

    /// Has clients judged by the configuration that is in force.
    func takeOver(access general: AccessRules) {
        control.setAccess(general, services: fleet.services.lazy.compactMap(ownRules))
    }

    /// The denial of what takes `access`.
    func denial(of method: String, needs access: AccessClass) -> ProtocolError {
        .notPermitted(method, needs: access, who: whoMay(access, "this supd", control.access, "[supervisor.access]"))
    }

    /// The denial of what is asked of one instance.
    func denial(_ asker: Asker, of instance: InstanceID) -> ProtocolError {
        let service = configuration(of: roster[instance].service).name
        var table = "[supervisor.access]"
        let own = ownRules(of: instance)
        if own != nil { table = "[service.\(service).access] over \(table)" }
        return .notPermitted(
            "\(asker.method) of \(name(of: instance))", needs: asker.access,
            who: whoMay(asker.access, "\(service)", own?.over(control.access) ?? control.access, table))
    }

    /// Who may do what takes `access`, for those who may not.
    private func whoMay(_ access: AccessClass, _ what: String, _ rules: AccessRules, _ table: String) -> String {
        let own = settings.uid == 0 ? [] : ["uid \(settings.uid)" + (settings.userName.map { " (\($0))" } ?? "")]
        let named = rules.names(for: access).filter { $0 != "root" }
        guard !named.isEmpty else {
            let who = (["root"] + own).joined(separator: " and ")
            return "only \(who) may command \(what); run supctl with sudo" + (own.isEmpty ? "" : ", or as that user")
        }
        return "those who do are root, \((own + named).joined(separator: ", ")) (\(table)); run supctl with sudo"
    }

    /// Counts and logs that a request was denied, wholly or of some services.
    func noteDenial(of request: Request, _ slot: Int) {
        guard let peer = control[slot]?.peer, let access = accessClass(of: request) else { return }
        let method = request.call.methodName
        warnOnce(
            .init(kind: .request(method), uid: peer.uid),
            "denied \(method) to uid \(peer.uid), pid \(peer.pid): it needs '\(access.rawValue)'")
        guard let connection = control[slot] else { return }
        connection.denials += 1
        guard connection.denials.isMultiple(of: ProtocolLimits.denialsInARow) else { return }
        connection.isResting = true
        host.arm(TimerKind.rest.token(slot), at: host.now.advanced(by: ProtocolLimits.restAfterDenials))
    }

    /// Takes requests of a connection again.
    func endRest(of slot: Int) { control.update(slot) { $0.isResting = false } }

    /// The class of a call; nil for a plugin's method that there is not.
    func accessClass(of request: Request) -> AccessClass? {
        if case .plugin(let call) = request.call { return plugins.catalogue.methods[call.method]?.value.access }
        return request.method?.accessClass
    }
}
