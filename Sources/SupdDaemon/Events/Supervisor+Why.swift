import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol

/// `service.why`: what has led to what instances are, and what would change it.
extension Supervisor {
    func tellWhy(_ selection: ServiceSelection, _ request: Request, _ slot: Int) {
        guard request.id != nil else { return }
        select(request, slot, selection.selectors) { supervisor, _, instances in
            guard let ticket = supervisor.ticket(request, slot) else { return }
            supervisor.askForChangedFiles { supervisor, changed in
                guard supervisor.release(ticket) else { return }
                supervisor.reply(to: slot, supervisor.why(instances, ticket.id, changed: changed))
            }
        }
    }

    private func why(_ instances: [InstanceID], _ id: RequestID, changed: [String]?) -> ListReply {
        let instances = instances.filter(fleet.contains)
        let count = min(ProtocolLimits.rememberedChanges, ProtocolLimits.changesTold / max(1, instances.count))
        let shares = shares(of: instances)
        return ListReply(id, "services", count: instances.count) { supervisor, place, writer in
            guard supervisor.fleet.contains(instances[place]) else { return }
            var question = LogQuestion(lines: ProtocolLimits.linesOfWhy, before: nil)
            question.bytes = shares[place]
            question.takesOne = instances.count == 1
            supervisor.why(instances[place], last: count, question, changed: changed).encode(into: &writer)
        }
    }

    private func why(
        _ instance: InstanceID, last count: Int, _ question: LogQuestion, changed: [String]?
    ) -> ServiceWhy {
        let history = roster[instance].history
        let name = name(of: instance)
        let events = history.events(of: name.description, last: count)
        let source = configuring.inForce.places[name.service].map { place in
            ServiceSource(file: place.file, line: place.line, changed: changed.map { $0.contains(place.file) })
        }
        return ServiceWhy(
            status: status(of: instance), cause: EventCause(fleet[instance].cause), source: source,
            probe: plugins.probes.answer(of: instance),
            // What a pause came from has just been decided, as far as anybody asks now.
            decision: decision(of: instance, as: fleet[instance], from: .stopping),
            waitsFor: wait(of: instance), remedies: remedies(of: instance), history: events,
            forgotten: history.forgotten + history.count - events.count,
            log: logs.read(instance, name: name, question, configuration: definition(of: instance).log))
    }
}
