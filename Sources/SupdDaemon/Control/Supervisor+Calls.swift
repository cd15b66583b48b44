import SupdConfiguration
import SupdEngine
import SupdHost
import SupdJSON
import SupdPlugin
import SupdProtocol

/// Requests served.
extension Supervisor {
    func serve(_ request: Request, _ slot: Int) {
        guard var peer = control[slot]?.peer else { return }
        guard let access = accessClass(of: request) else {
            return fail(request, slot, noSuchMethod(request.call.methodName))
        }
        // What is asked of services is judged once it is known which they are.
        let isOfServices = request.method?.isOfServices ?? false
        guard isOfServices ? mayAnything(peer) : self.access(of: peer).map({ $0 >= access }) ?? false else {
            return fail(request, slot, denial(of: request.call.methodName, needs: access))
        }
        // A notification that changes nothing and is not answered is not worth a look.
        if request.id == nil, request.method != nil, access == .observe { return }
        // It is told who has changed something, and whoever asks every second is not looked at.
        if access > .observe { peer.command = host.command(of: peer) }
        switch request.call {
        case .supervisorPing: reply(to: slot, id: request.id, Acknowledgement(state: supervisorState))
        case .supervisorVersion: reply(to: slot, id: request.id, VersionInfo())
        case .supervisorStatus: informOfSupervisor(request, slot)
        case .tasksList: replyTasks(to: slot, id: request.id)
        case .serviceStatus(let selection):
            list(request, slot, selection.selectors, emptyMeansAll: true) { $0.write(statusOf: $1, into: &$2) }
        case .serviceWhy(let selection): tellWhy(selection, request, slot)
        case .logsRead(let params): readLogs(params, request, slot)
        case .logsFollow(let params): followLogs(params, request, slot)
        case .eventsSubscribe(let params): subscribe(params, request, slot)
        case .serviceStart(let params): order(.start, params, request, slot, peer)
        case .serviceStop(let params): order(.stop, params, request, slot, peer)
        case .serviceRestart(let params): order(.restart, params, request, slot, peer)
        case .serviceReload(let params): reload(params, request, slot, peer)
        case .serviceScale(let params): scale(params, request, slot, peer)
        case .serviceTree(let selection):
            select(request, slot, selection.selectors, emptyMeansAll: true) { supervisor, work, instances in
                supervisor.answerTrees(of: instances, request, slot, work)
            }
        case .serviceDefinition(let selection): define(selection, request, slot)
        case .serviceDependencies(let selection): relate(selection, request, slot)
        case .serviceTiming(let selection): time(selection, request, slot)
        case .serviceSignal(let params):
            actOnEach(request, slot, params.selectors, "signal", peer, detail: "\(params.signal)") {
                $0.signal($1, params.signal, peer)
            }
        case .serviceResetFailed(let selection):
            let event = ServiceEvent.resetFailed(peer.reset)
            actOnEach(request, slot, selection.selectors, "reset-failed", peer) { supervisor, instance in
                supervisor.act { $0.handle(event, of: instance, now: $1, random: $2, into: &$3) }
                return nil
            }
        case .supervisorDrain(let params): drainOrder(params, request, slot, peer, exits: false)
        case .supervisorShutdown(let params): drainOrder(params, request, slot, peer, exits: true)
        case .supervisorResume:
            do throws(ProtocolError) {
                try drain.resume(by: peer.order)
                reply(to: slot, id: request.id, Acknowledgement(state: supervisorState))
            } catch {
                fail(request, slot, error)
            }
        case .pluginsList: reply(to: slot, id: request.id, pluginList)
        case .configPlan: planConfiguration(request, slot)
        case .configReload(let params): reloadConfiguration(params, request, slot, peer)
        case .logsReopen(let selection): reopenLogs(selection, request, slot, peer)
        case .plugin(let call): self.call(call, request, slot)
        }
    }

    private func noSuchMethod(_ name: String) -> ProtocolError {
        ProtocolError(
            .noSuchMethod, "no method is named \(QuotedText.quote(name))",
            suggestion: closestWord(to: name, among: plugins.catalogue.methods.keys))
    }

    /// Answers a request with an error; nothing for a notification.
    func fail(_ request: Request, _ slot: Int, _ error: ProtocolError) {
        if error.kind == .notPermitted { noteDenial(of: request, slot) }
        if request.id != nil { reply(to: slot, id: request.id, error: error) }
    }

    /// Answers with what `element` writes of each instance that `selectors` name.
    private func list(
        _ request: Request, _ slot: Int, _ selectors: [ServiceSelector], emptyMeansAll: Bool = false,
        _ element: @escaping (Supervisor, InstanceID, inout JSONWriter) -> Void
    ) {
        guard let id = request.id, let connection = control[slot] else { return }
        // Most ask for one by its name, and again and again: what is known at once needs no steps.
        if selectors.count == 1, let name = selectors[0].exactName, mayEverything(connection.peer) {
            let named = namedInstances(name)
            if named.count == 1 {
                var list = ListReply(id, "services", count: 1) { element($0, named[$1], &$2) }
                return connection.write { _ = list.write(self, into: &$0) }
            }
        }
        select(request, slot, selectors, emptyMeansAll: emptyMeansAll) { supervisor, _, instances in
            let list = ListReply(id, "services", count: instances.count) {
                if $0.fleet.contains(instances[$1]) { element($0, instances[$1], &$2) }
            }
            supervisor.reply(to: slot, list)
        }
    }

    /// The instances that a name means: an instance's own, or a service's, which means all of its.
    func namedInstances(_ name: String) -> [InstanceID] {
        if let service = roster.service(named: name) { return Array(fleet.instances(of: service)) }
        guard let instance = roster.instance(named: name),
            fleet.instances(of: fleet.service(of: instance)).contains(instance)
        else { return [] }
        return [instance]
    }

    func tags(of instance: InstanceID) -> [String] { definition(of: instance).tags }

    /// The same for words as a plugin gives them.
    func select(texts: [String]) -> Result<[InstanceID], ProtocolError> {
        do throws(ProtocolError) {
            var selection = InstanceSelection(texts.map(ServiceSelector.init))
            while try !selection.advance(self, limit: .max) {}
            return .success(selection.found)
        } catch {
            return .failure(error)
        }
    }

    private func signal(_ instance: InstanceID, _ signal: Signal, _ peer: PeerCredentials) -> ProtocolError? {
        let name = name(of: instance)
        guard processes.signalMain(of: instance, signal) else {
            let state = fleet[instance].state.rawValue
            return ProtocolError(.failed, "\(name) is \(state): there is no process to signal")
        }
        log.write(
            .info, "sent \(signal) to \(name) by order of \(peer.text)", about: name, kind: .ordered)
        return nil
    }
}

extension PeerCredentials {
    /// What an order of theirs is the cause of.
    var order: Cause { .order(uid: uid, pid: pid, command: command) }
    /// The same of an order to forget failures.
    var reset: Cause { .reset(uid: uid, pid: pid, command: command) }
}
