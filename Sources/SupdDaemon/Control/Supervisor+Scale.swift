import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol

/// `service.scale`: how many instances a service has, until the daemon ends.
extension Supervisor {
    func scale(_ params: ScaleParams, _ request: Request, _ slot: Int, _ peer: PeerCredentials) {
        do throws(ProtocolError) {
            let place = try scalable(params)
            let before = Array(fleet.instances(of: place))
            log.info(
                "scale of \(params.service) from \(before.count) to \(params.instances) ordered by uid \(peer.uid), "
                    + "pid \(peer.pid)")
            reserve(place, params.instances)
            let cause = Cause.order(uid: peer.uid, pid: peer.pid)
            act { $0.scale(place, to: params.instances, cause: cause, now: $1, random: $2, into: &$3) }
            let concerned =
                Array(fleet.instances(of: place)) + before.filter { !fleet.instances(of: place).contains($0) }
            guard let id = request.id else { return }
            guard params.wait else {
                let results = concerned.map { ServiceResult(status: status(of: $0)) }
                return reply(to: slot, id: id, ServiceResults(services: results))
            }
            wait(Waiter(slot: slot, id: id, goal: .scaled, instances: concerned), timeout: params.timeout)
        } catch {
            if request.id != nil { reply(to: slot, id: request.id, error: error) }
        }
    }

    /// The service's place, where it may have so many instances.
    private func scalable(_ params: ScaleParams) throws(ProtocolError) -> Int {
        try requireOpenGate()
        guard !settings.runsOneCommand else {
            throw ProtocolError(.failed, "'supd run' runs one command, with the terminal and descriptors of its own")
        }
        guard let place = services.firstIndex(where: { $0.name.rawValue == params.service }) else {
            if let instance = instancesByName[params.service] {
                throw ProtocolError(
                    .failed, "'\(params.service)' is one instance: scale '\(instances[instance].service)'")
            }
            throw ProtocolError(
                .noSuchService, "no service is named \(QuotedText.quote(params.service))",
                suggestion: closestWord(to: params.service, among: services.map(\.name.rawValue)))
        }
        let service = services[place]
        let places = instances.count { $0.service == service.name }
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
        for instance in fleet.reserve(place, instances: count, now: host.now) {
            let number = instances.count { $0.service == service } + 1
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
        guard instances.count > scaledFrom || fleet.hasDeparting else { return Array(instances.indices) }
        return services.indices.flatMap { Array(fleet.instances(of: $0)) }
    }
}
