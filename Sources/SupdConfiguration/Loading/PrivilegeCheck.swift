import SupdPlugin

/// Looks for what cannot be done by who checks, as an ordinary user: a start would say so too, and by then somebody waits for the service.
struct PrivilegeCheck {
    private let own: Credentials
    private let privileges: Privileges
    private let faults: FaultCollector

    /// Warns of each of `services` that asks for more than `sources` has; nothing where nobody looks.
    static func run(services: [ServiceDraft], sources: any ConfigurationSources, faults: FaultCollector) {
        guard let privileges = sources.privileges else { return }
        let check = PrivilegeCheck(own: sources.ownCredentials, privileges: privileges, faults: faults)
        for draft in services { check.look(at: draft) }
    }

    private func look(at draft: ServiceDraft) {
        let service = draft.configuration
        func warn(_ key: ServiceKey, _ problem: String, _ advice: String) {
            faults.warn(
                "\(problem), and uid \(own.uid), who checks this, cannot have that: '\(draft.name)' cannot be started; \(advice)",
                at: draft.place(of: key) ?? draft.place)
        }
        if let (key, capability) = foreignIdentity(service.conduct.identity) {
            warn(key, "'\(key.rawValue)' is not supd's own", advice("leave it out", asRoot: true, capability.rawValue))
        } else if service.conduct.log.sink == .file, let owner = service.conduct.log.owner, isForeign(owner) {
            faults.warn(
                "'log.owner' is not supd's own user and group, and uid \(own.uid), who checks this, cannot give files away: what "
                    + "'\(draft.name)' writes is lost; \(advice("leave it out", asRoot: true, Privileges.Identifying.chown.rawValue))",
                at: draft.place(of: .log) ?? draft.place)
        }
        if let nice = service.conduct.nice, nice < privileges.lowestNice {
            warn(
                .nice, "'nice' is \(nice), under \(privileges.lowestNice)",
                advice("raise it, or RLIMIT_NICE of supd", "CAP_SYS_NICE"))
        }
        if let score = service.conduct.oomScoreAdjust, score < privileges.lowestOOMScore {
            warn(
                .oomScoreAdjust, "'oom_score_adjust' is \(score), under \(privileges.lowestOOMScore)",
                advice("raise it, or leave it out", "CAP_SYS_RESOURCE"))
        }
        for limit in service.conduct.limits {
            guard let most = privileges.hardLimits[limit.resource], limit.hard > most else { continue }
            warn(
                .limits, "'limits.\(limit.name)' has a hard limit above supd's own of \(most)",
                advice("lower it, or raise supd's own first", "CAP_SYS_RESOURCE"))
        }
        if let controllers = privileges.controllers,
            let control = service.conduct.resources.first(where: { !controllers.contains($0.controller) })
        {
            let takes = "'resources.\(control.key)' takes the controller '\(control.controller)', which"
            if own.uid == 0 {
                warn(
                    .resources, "\(takes) version 2 of control groups does not have here",
                    "leave it out, or have the kernel keep that there (systemd.unified_cgroup_hierarchy=1)")
            } else {
                warn(
                    .resources, "\(takes) is not delegated to users",
                    "leave it out, or add that to Delegate= of user@.service")
            }
        }
        for (socket, place) in zip(service.sockets, draft.socketPlaces) {
            guard case .internet(_, let port) = socket.address, port < privileges.lowestPort else { continue }
            faults.warn(
                "the socket '\(socket.name)' of '\(draft.name)' has the port \(port), and uid \(own.uid), who checks this, may bind none "
                    + "under \(privileges.lowestPort): it cannot be started unless systemd hands the socket over; "
                    + advice("take another port", "CAP_NET_BIND_SERVICE"),
                at: place)
        }
    }

    /// What can be done, and for root, from whom that was taken, the capability that would do. An ordinary user has none of them: where all it
    /// takes is to be root, that is said.
    private func advice(_ plain: String, asRoot: Bool = false, _ capability: String) -> String {
        if own.uid == 0 { return "\(plain), or let supd have \(capability), which root lacks here" }
        return asRoot ? "\(plain), or have supd run as root" : plain
    }

    /// The key by which a service is to run as somebody whom this process cannot become, and what it lacks; nil where it can.
    private func foreignIdentity(_ identity: Identity?) -> (ServiceKey, Privileges.Identifying)? {
        guard let identity else { return nil }
        // Who becomes another user becomes one of that one's groups first.
        let lacking = privileges.lacking.contains(.setgid) ? Privileges.Identifying.setgid : nil
        if identity.uid != own.uid, let lacking = lacking ?? (privileges.lacking.contains(.setuid) ? .setuid : nil) {
            return (.user, lacking)
        }
        guard let lacking else { return nil }
        if identity.gid != own.gid { return (.group, lacking) }
        return Set(identity.groups).isSubset(of: own.groups + [own.gid]) ? nil : (.supplementaryGroups, lacking)
    }

    private func isForeign(_ owner: FileOwner) -> Bool {
        privileges.lacking.contains(.chown) && (owner.uid != own.uid || !(own.groups + [own.gid]).contains(owner.gid))
    }
}
