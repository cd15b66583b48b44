import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol

/// `service.why`: what has led to what instances are, and what would change it.
extension Supervisor {
    func tellWhy(_ params: WhyParams, _ request: Request, _ slot: Int) {
        guard request.id != nil else { return }
        control.select(request, slot, params.selectors, atMost: params.atMost) { [unowned self] _, instances in
            guard let ticket = control.server.ticket(request, slot) else { return }
            let viewer = control.server.viewer(slot)
            configuring.askForChangedFiles { [unowned self] changed in
                guard control.server.release(ticket) else { return }
                let reply = why(instances, ticket.id, last: params.changes, changed: changed, viewer)
                control.server.reply(to: slot, reply)
            }
        }
    }

    private func why(
        _ instances: [InstanceID], _ id: RequestID, last changes: Int, changed: [String]?, _ viewer: Viewer?
    ) -> ListReply {
        let instances = instances.filter(fleet.contains)
        let count = min(changes, ProtocolLimits.changesTold / max(1, instances.count))
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
        _ viewer: Viewer?
    ) -> ServiceWhy {
        let history = roster[instance].history ?? InstanceHistory()
        let name = name(of: instance)
        let told = min(count, history.count)
        let source = configuring.place(of: name.service).map { place in
            ServiceSource(file: place.file, line: place.line, changed: changed.map { $0.contains(place.file) })
        }
        return ServiceWhy(
            status: status(of: instance, for: viewer), cause: EventCause(fleet[instance].cause).told(to: viewer),
            source: source,
            probe: plugins.probes.answer(of: instance),
            // What a pause came from has just been decided, as far as anybody asks now.
            decision: decision(of: instance, as: fleet[instance], from: .stopping),
            waitsFor: wait(of: instance, for: viewer), remedies: remedies(of: instance, for: viewer),
            history: history.events(of: name.description, last: told, for: viewer),
            forgotten: history.forgotten + history.count - told,
            log: logs.read(instance, name: name, question, configuration: definition(of: instance).conduct.log))
    }
}
