import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol

/// `logs.read` and `logs.reopen`.
extension ControlDesk {
    /// Answers with the last lines of the instances that are named, in their order.
    func readLogs(_ params: LogsParams, _ request: Request, _ slot: Int) {
        guard let id = request.id else { return }
        select(request, slot, params.selectors) { [unowned self] _, instances in
            guard params.before == nil || instances.count == 1 else {
                return fail(
                    request, slot,
                    ProtocolError(
                        .invalidParams,
                        "'before' is a place in the lines of one instance: name one, not \(instances.count)"))
            }
            server.reply(
                to: slot, lines(of: instances, id, LogQuestion(lines: params.lines, before: params.before)))
        }
    }

    /// A reply with the last lines of `instances` that `question` asks for.
    func lines(of instances: [InstanceID], _ id: RequestID, _ question: LogQuestion) -> ListReply {
        let shares = seam.logs.shares(of: instances)
        let read = { [unowned self] (place: Int) -> ServiceLog? in
            let instance = instances[place]
            guard fleet.contains(instance) else { return nil }
            var question = question
            question.bytes = shares[place]
            question.takesOne = instances.count == 1
            return seam.logs.read(
                instance, name: seam.name(of: instance), question,
                configuration: seam.definition(of: instance).conduct.log)
        }
        // Of what there is up to now a flood may have left nothing by the time that it is written.
        var first = question.until == .max ? [] : instances.indices.prefix(ListReply.elementsAtOnce).map(read)
        return ListReply(id, "services", count: instances.count) { place, writer in
            guard place < first.count else { return read(place)?.encode(into: &writer) ?? () }
            first[place]?.encode(into: &writer)
            first[place] = nil
        }
    }

    /// Log files that somebody has moved are left alone, and opened anew.
    func reopenLogs(_ selection: ServiceSelection, _ request: Request, _ slot: Int, _ peer: PeerCredentials) {
        select(request, slot, selection.selectors, emptyMeansAll: true) { [unowned self] _, instances in
            let files = seam.logs.reopen(instances.filter(fleet.contains))
            seam.log.info("\(plural(files, "log file")) opened anew by order of \(peer.text)", kind: .ordered)
            seam.emit(.ordered("reopen-logs", instances, by: peer.order))
            server.reply(to: slot, id: request.id, ReopenedLogs(files: files))
        }
    }
}

extension ServiceLogs {
    /// How many bytes of lines each of `instances` has of what one reply may have: who has little in memory leaves the rest of its
    /// share to the others.
    func shares(of instances: [InstanceID]) -> [Int] {
        let sizes = instances.map(memoryInUse)
        var shares = [Int](repeating: 0, count: sizes.count)
        var bytesLeft = ProtocolLimits.logBytes
        for (done, place) in sizes.indices.sorted(by: { sizes[$0] < sizes[$1] }).enumerated() {
            shares[place] = bytesLeft / (sizes.count - done)
            bytesLeft -= min(shares[place], sizes[place])
        }
        return shares
    }
}
