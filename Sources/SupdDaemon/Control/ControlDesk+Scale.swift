import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol

/// `service.scale`: how many instances a service has, until the daemon ends.
extension ControlDesk {
    func scale(_ params: ScaleParams, _ request: Request, _ slot: Int, _ peer: PeerCredentials) {
        do throws(ProtocolError) {
            _ = try scalable(params, peer)
        } catch {
            return fail(request, slot, error)
        }
        begin(slot) { [unowned self] work in
            carryOutInTurn(request, slot, work, waits: params.wait, timeout: params.timeout) {
                [unowned self] () throws(ProtocolError) in
                let service = try scalable(params, peer)
                if params.wait { try requireRoomToWait(for: params.instances, slot) }
                return (scale(service, to: params.instances, peer), .scaled)
            }
            return .done
        }
    }

    /// Has a service have so many instances, and answers those that it has and had.
    private func scale(_ service: ServiceID, to count: Int, _ peer: PeerCredentials) -> [InstanceID] {
        let before = Array(fleet.instances(of: service))
        seam.log.write(
            .info,
            "scale of \(seam.definition(of: service).name) from \(before.count) to \(count) ordered by \(peer.text)",
            about: before.map(seam.name(of:)), kind: .ordered)
        seam.emit(.ordered("scale", before, by: peer.order, detail: "\(count)"))
        return seam.scale(service, to: count, starts: true, cause: peer.order)
    }

    /// The service, where it may have so many instances by order of `peer`.
    private func scalable(_ params: ScaleParams, _ peer: PeerCredentials) throws(ProtocolError) -> ServiceID {
        try seam.drain.requireOpenGate()
        guard !seam.settings.runsOneCommand else {
            throw ProtocolError(.failed, "'supd run' runs one command, with the terminal and descriptors of its own")
        }
        guard let id = roster.service(named: params.service) else {
            guard ServiceSelector(params.service).exactName != nil else {
                throw ProtocolError(
                    .invalidParams,
                    "one service at a time is scaled, by its name; found \(QuotedText.quote(params.service))")
            }
            if let instance = roster.instance(named: params.service) {
                throw ProtocolError(
                    .failed, "'\(params.service)' is one instance: scale '\(seam.name(of: instance).service)'")
            }
            throw ProtocolError(
                .noSuchService, "no service is named \(QuotedText.quote(params.service))",
                suggestion: closestWord(
                    to: params.service,
                    among: fleet.services
                        .filter { access.may(peer, .observe, fleet.instances(of: $0)[0]) }
                        .map { seam.definition(of: $0).name.rawValue }))
        }
        let first = fleet.instances(of: id)[0]
        guard access.may(peer, .operate, first) else {
            throw access.denial(Asker(peer: peer, access: .operate, method: Method.serviceScale.rawValue), of: first)
        }
        let service = seam.definition(of: id).configuration
        guard !seam.isDeparting(id) else { throw .isBeingRemoved(service.name) }
        let more = max(0, params.instances - fleet.reservedCount(of: id))
        guard roster.count + more <= ConfigurationLimits.instances else {
            throw ProtocolError(
                .failed,
                "with \(params.instances) of '\(service.name)' there are over \(ConfigurationLimits.instances) instances "
                    + "in all")
        }
        guard params.instances > 1, service.conduct.log.sink == .file, let file = service.conduct.log.file else {
            return id
        }
        let paths = (1...2).map {
            try? expandSpecifiers(file, instance: InstanceName(service: service.name, index: $0))
        }
        guard paths[0] != paths[1] else {
            throw ProtocolError(
                .failed, "'log.file' is one file for all instances of '\(service.name)': put %i into its name first")
        }
        return id
    }
}
