import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol

/// `service.scale`: how many instances a service has, until the daemon ends.
extension Supervisor {
    func scale(_ params: ScaleParams, _ request: Request, _ slot: Int, _ peer: PeerCredentials) {
        do throws(ProtocolError) {
            _ = try scalable(params, peer)
        } catch {
            return fail(request, slot, error)
        }
        begin(slot) { supervisor, work in
            supervisor.carryOutInTurn(request, slot, work, waits: params.wait, timeout: params.timeout) {
                supervisor throws(ProtocolError) in
                let place = try supervisor.scalable(params, peer)
                if params.wait { try supervisor.requireRoomToWait(for: params.instances, slot) }
                return (supervisor.scale(place, to: params.instances, peer), .scaled)
            }
            return .done
        }
    }

    /// Has a service have so many instances, and answers those that it has and had.
    private func scale(_ service: ServiceID, to count: Int, _ peer: PeerCredentials) -> [InstanceID] {
        let before = fleet.instances(of: service).count
        log.write(
            .info,
            "scale of \(configuration(of: service).name) from \(before) to \(count) ordered by \(peer.text)",
            about: fleet.instances(of: service).map(name(of:)), kind: .ordered)
        emit(.ordered("scale", Array(fleet.instances(of: service)), by: peer.order, detail: "\(count)"))
        return scale(service, to: count, cause: peer.order)
    }

    /// The same for whatever cause. Unless it `starts` them, those that stay are left as they are.
    func scale(_ service: ServiceID, to count: Int, starts: Bool = true, cause: Cause) -> [InstanceID] {
        let before = Array(fleet.instances(of: service))
        reserve(service, count)
        act { $0.scale(service, to: count, starts: starts, cause: cause, now: $1, random: $2, into: &$3) }
        let after = Array(fleet.instances(of: service))
        let kept = Set(after)
        return after + before.filter { !kept.contains($0) }
    }

    /// The service, where it may have so many instances by order of `peer`.
    private func scalable(_ params: ScaleParams, _ peer: PeerCredentials) throws(ProtocolError) -> ServiceID {
        try requireOpenGate()
        guard !settings.runsOneCommand else {
            throw ProtocolError(.failed, "'supd run' runs one command, with the terminal and descriptors of its own")
        }
        guard let id = roster.service(named: params.service) else {
            if let instance = roster.instance(named: params.service) {
                throw ProtocolError(
                    .failed, "'\(params.service)' is one instance: scale '\(name(of: instance).service)'")
            }
            throw ProtocolError(
                .noSuchService, "no service is named \(QuotedText.quote(params.service))",
                suggestion: closestWord(
                    to: params.service,
                    among: fleet.services.lazy.filter { self.may(peer, .observe, self.fleet.instances(of: $0)[0]) }
                        .map { self.configuration(of: $0).name.rawValue }))
        }
        let first = fleet.instances(of: id)[0]
        guard may(peer, .operate, first) else {
            throw denial(Asker(peer: peer, access: .operate, method: Method.serviceScale.rawValue), of: first)
        }
        let service = configuration(of: id)
        guard !configuring.departing.contains(id) else { throw Self.isRemoved(service.name.rawValue) }
        guard roster.count + max(0, params.instances - fleet.reservedCount(of: id)) <= ConfigurationLimits.instances
        else {
            throw ProtocolError(
                .failed,
                "with \(params.instances) of '\(service.name)' there are over \(ConfigurationLimits.instances) instances "
                    + "in all")
        }
        guard params.instances > 1, service.log.sink == .file, let file = service.log.file else { return id }
        let paths = (1...2).map {
            try? expandSpecifiers(file, instance: InstanceName(service: service.name, index: $0))
        }
        guard paths[0] != paths[1] else {
            throw ProtocolError(
                .failed, "'log.file' is one file for all instances of '\(service.name)': put %i into its name first")
        }
        return id
    }

    /// Has room for `count` instances of a service in all that is kept by instance. From the first time on they are numbered.
    func reserve(_ service: ServiceID, _ count: Int) {
        let first = fleet.instances(of: service)[0]
        if count > 1, name(of: first).index == nil { roster.number(first, 1) }
        var number = fleet.reservedCount(of: service)
        for instance in fleet.reserve(service, instances: count, now: host.now) {
            number += 1
            roster.add(instance, of: service, InstanceName(service: configuration(of: service).name, index: number))
            meet(instance)
        }
    }

    /// The instances that there are, in the order of the configuration; those that were scaled away only while they go.
    var listed: [InstanceID] { fleet.services.flatMap { Array(fleet.instances(of: $0)) } }
}
