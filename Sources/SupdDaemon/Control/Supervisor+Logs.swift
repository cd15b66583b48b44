import SupdConfiguration
import SupdEngine
import SupdPlugin
import SupdProtocol

/// `logs.read`.
extension Supervisor {
    /// Answers with the last lines of the instances that are named, in their order.
    func readLogs(_ params: LogsParams, _ request: Request, _ slot: Int) {
        guard let id = request.id else { return }
        select(request, slot, params.selectors) { supervisor, _, instances in
            guard params.before == nil || instances.count == 1 else {
                return supervisor.fail(
                    request, slot,
                    ProtocolError(
                        .invalidParams,
                        "'before' is a place in the lines of one instance: name one, not \(instances.count)"))
            }
            supervisor.reply(to: slot, supervisor.lines(of: instances, id, params))
        }
    }

    /// A reply with the last lines of `instances`; `isRead` is told when those of one are written.
    func lines(
        of instances: [InstanceID], _ id: RequestID, _ params: LogsParams,
        isRead: @escaping (InstanceID) -> Void = { _ in }
    ) -> ListReply {
        let shares = shares(of: instances)
        return ListReply(id, "services", count: instances.count) { supervisor, place, writer in
            let instance = instances[place]
            guard supervisor.fleet.contains(instance) else { return }
            var question = LogQuestion(lines: params.lines, before: params.before)
            question.bytes = shares[place]
            question.takesOne = instances.count == 1
            supervisor.logs.read(
                instance, name: supervisor.name(of: instance), question,
                configuration: supervisor.definition(of: instance).log
            ).encode(into: &writer)
            isRead(instance)
        }
    }

    /// How many bytes of lines each of `instances` has of what one reply may have: who has little in memory leaves the rest of its
    /// share to the others.
    func shares(of instances: [InstanceID]) -> [Int] {
        let sizes = instances.map(logs.memoryInUse)
        var shares = [Int](repeating: 0, count: sizes.count)
        var bytesLeft = ProtocolLimits.logBytes
        for (done, place) in sizes.indices.sorted(by: { sizes[$0] < sizes[$1] }).enumerated() {
            shares[place] = bytesLeft / (sizes.count - done)
            bytesLeft -= min(shares[place], sizes[place])
        }
        return shares
    }
}
