import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol

/// `service.why`: what has led to what instances are, and what would change it.
extension Supervisor {
    func tellWhy(_ selection: ServiceSelection, _ request: Request, _ slot: Int) {
        guard request.id != nil else { return }
        control.select(request, slot, selection.selectors) { [unowned self] _, instances in
            guard let ticket = control.server.ticket(request, slot) else { return }
            let viewer = control.server.viewer(slot)
            configuring.askForChangedFiles { [unowned self] changed in
                guard control.server.release(ticket) else { return }
                control.server.reply(to: slot, why(instances, ticket.id, changed: changed, viewer))
            }
        }
    }

    private func why(
        _ instances: [InstanceID], _ id: RequestID, changed: [String]?, _ viewer: PeerCredentials?
    ) -> ListReply {
        let instances = instances.filter(fleet.contains)
        let count = min(ProtocolLimits.rememberedChanges, ProtocolLimits.changesTold / max(1, instances.count))
        let shares = logs.shares(of: instances)
        return ListReply(id, "services", count: instances.count) { [unowned self] place, writer in
            guard fleet.contains(instances[place]) else { return }
            var question = LogQuestion(lines: ProtocolLimits.linesOfWhy, before: nil)
            question.bytes = shares[place]
            question.takesOne = instances.count == 1
            why(instances[place], last: count, question, changed: changed, viewer).encode(into: &writer)
        }
    }

    private func why(
        _ instance: InstanceID, last count: Int, _ question: LogQuestion, changed: [String]?,
        _ viewer: PeerCredentials?
    ) -> ServiceWhy {
        let history = roster[instance].history
        let name = name(of: instance)
        let events = history.events(of: name.description, last: count)
        let source = configuring.place(of: name.service).map { place in
            ServiceSource(file: place.file, line: place.line, changed: changed.map { $0.contains(place.file) })
        }
        return ServiceWhy(
            status: status(of: instance), cause: EventCause(fleet[instance].cause), source: source,
            probe: plugins.probes.answer(of: instance),
            // What a pause came from has just been decided, as far as anybody asks now.
            decision: decision(of: instance, as: fleet[instance], from: .stopping),
            waitsFor: wait(of: instance), remedies: remedies(of: instance),
            history: events.compactMap { shown($0, to: viewer) },
            forgotten: history.forgotten + history.count - events.count,
            log: logs.read(instance, name: name, question, configuration: definition(of: instance).conduct.log))
    }
    /// An event as far as `viewer` may see it, as it is told to those who follow: what many were ordered to do names those that he may see,
    /// and what the daemon as a whole does is not for everybody. Nil for a viewer is somebody who may see everything.
    private func shown(_ notice: EventNotice, to viewer: PeerCredentials?) -> EventNotice? {
        guard let viewer, let event = notice.event else { return notice }
        switch event.happening {
        case .order(var order):
            let visible = order.services.filter {
                control.namedInstances($0).contains { control.access.may(viewer, .observe, $0) }
            }
            guard visible.count < order.services.count else { return notice }
            order.services = visible
            order.count = visible.count
            return EventNotice(
                sequence: notice.sequence, content: .event(Event(time: event.time, happening: .order(order))))
        case .apply: return control.access.granted(to: viewer) == nil ? nil : notice
        default: return notice
        }
    }
}
