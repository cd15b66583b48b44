import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol

/// `service.scale`: how many instances a service has, until the daemon ends.
extension Supervisor {
    func scale(_ params: ScaleParams, _ request: Request, _ slot: Int, _ peer: PeerCredentials) {
        do throws(ProtocolError) {
            _ = try scalable(params)
        } catch {
            return fail(request, slot, error)
        }
        begin(slot) { supervisor, work in
            supervisor.carryOutInTurn(request, slot, work, waits: params.wait, timeout: params.timeout) {
                supervisor throws(ProtocolError) in
                let place = try supervisor.scalable(params)
                if params.wait { try supervisor.requireRoomToWait(for: params.instances, slot) }
                return (supervisor.scale(place, to: params.instances, peer), .scaled)
            }
            return .done
        }
    }

    /// Has a service have so many instances, and answers those that it has and had.
    private func scale(_ place: Int, to count: Int, _ peer: PeerCredentials) -> [Int] {
        let before = Array(fleet.instances(of: place))
        log.info(
            "scale of \(services[place].name) from \(before.count) to \(count) ordered by uid \(peer.uid), "
                + "pid \(peer.pid)")
        reserve(place, count)
        let cause = Cause.order(uid: peer.uid, pid: peer.pid)
        act { $0.scale(place, to: count, cause: cause, now: $1, random: $2, into: &$3) }
        let after = Array(fleet.instances(of: place))
        let kept = Set(after)
        return after + before.filter { !kept.contains($0) }
    }

    /// The service's place, where it may have so many instances.
    private func scalable(_ params: ScaleParams) throws(ProtocolError) -> Int {
        try requireOpenGate()
        guard !settings.runsOneCommand else {
            throw ProtocolError(.failed, "'supd run' runs one command, with the terminal and descriptors of its own")
        }
        guard let place = servicesByName[params.service] else {
            if let instance = instancesByName[params.service] {
                throw ProtocolError(
                    .failed, "'\(params.service)' is one instance: scale '\(instances[instance].service)'")
            }
            throw ProtocolError(
                .noSuchService, "no service is named \(QuotedText.quote(params.service))",
                suggestion: closestWord(to: params.service, among: services.map(\.name.rawValue)))
        }
        let service = services[place]
        let places = fleet.places(of: place)
        guard instances.count + max(0, params.instances - places) <= ConfigurationLimits.instances else {
            throw ProtocolError(
                .failed,
                "with \(params.instances) of '\(service.name)' there are over \(ConfigurationLimits.instances) instances "
                    + "in all")
        }
        guard params.instances > 1, service.log.sink == .file, let file = service.log.file else { return place }
        let paths = (1...2).map {
            try? expandSpecifiers(file, instance: InstanceName(service: service.name, index: $0))
        }
        guard paths[0] != paths[1] else {
            throw ProtocolError(
                .failed, "'log.file' is one file for all instances of '\(service.name)': put %i into its name first")
        }
        return place
    }

    /// Has room for `count` instances of a service in all that is kept by instance. From the first time on they are numbered.
    private func reserve(_ place: Int, _ count: Int) {
        let service = services[place].name
        let first = fleet.instances(of: place)[0]
        if count > 1, instances[first].index == nil {
            instances[first] = InstanceName(service: service, index: 1)
            instancesByName[instances[first].description] = first
        }
        var number = fleet.places(of: place)
        for instance in fleet.reserve(place, instances: count, now: host.now) {
            number += 1
            let name = InstanceName(service: service, index: number)
            instances.append(name)
            instancesByName[name.description] = instance
            running.append(nil)
            logs.addInstance()
        }
    }

    /// The instances that there are, in the order of the configuration; those that were scaled away only while they go.
    var listed: [Int] {
        // Nothing was ever scaled.
        guard instances.count > scaledFrom || fleet.listedCount < instances.count else {
            return Array(instances.indices)
        }
        return services.indices.flatMap { Array(fleet.instances(of: $0)) }
    }
}
