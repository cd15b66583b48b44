import SupdConfiguration
import SupdEngine
import SupdHost
import SupdJSON
import SupdPlugin
import SupdProtocol

/// Requests served.
extension Supervisor {
    func serve(_ request: Request, _ slot: Int) {
        guard let peer = control.slots[slot]?.peer else { return }
        guard let access = accessClass(of: request.call) else {
            guard request.id != nil else { return }
            return reply(to: slot, id: request.id, error: noSuchMethod(request.call.methodName))
        }
        guard mayDo(access, peer) else {
            refuse(request, slot, peer, needs: access)
            return
        }
        switch request.call {
        case .supervisorPing: reply(to: slot, id: request.id, Acknowledgement(state: supervisorState))
        case .supervisorVersion: reply(to: slot, id: request.id, VersionInfo())
        case .supervisorStatus: reply(to: slot, id: request.id, supervisorStatus())
        case .tasksList: reply(to: slot, id: request.id, taskList())
        case .serviceStatus(let selection):
            answer(request, slot, selection.selectors, emptyMeansAll: true) { supervisor, instances in
                ServiceList(services: instances.map(supervisor.status))
            }
        case .logsRead(let params):
            answer(request, slot, params.selectors) { (supervisor, instances) throws(ProtocolError) in
                try supervisor.readLogs(of: instances, params)
            }
        case .serviceStart(let params): order(.start, params, request, slot, peer)
        case .serviceStop(let params): order(.stop, params, request, slot, peer)
        case .serviceRestart(let params): order(.restart, params, request, slot, peer)
        case .serviceReload(let params): reload(params, request, slot, peer)
        case .serviceScale(let params): scale(params, request, slot, peer)
        case .serviceTree(let selection):
            do throws(ProtocolError) {
                let selected = selection.selectors.isEmpty ? listed : try select(selection.selectors)
                answerTrees(of: selected, request, slot)
            } catch {
                if request.id != nil { reply(to: slot, id: request.id, error: error) }
            }
        case .serviceSignal(let params):
            answer(request, slot, params.selectors) { supervisor, instances in
                supervisor.signal(instances, params.signal, peer)
            }
        case .serviceResetFailed(let selection):
            answer(request, slot, selection.selectors) { supervisor, instances in
                let event = ServiceEvent.resetFailed(.reset(uid: peer.uid, pid: peer.pid))
                for instance in instances {
                    supervisor.act { $0.handle(event, of: instance, now: $1, random: $2, into: &$3) }
                }
                return ServiceResults(services: instances.map { ServiceResult(status: supervisor.status(of: $0)) })
            }
        case .supervisorDrain(let params): drainOrder(params, request, slot, peer, exits: false)
        case .supervisorShutdown(let params): drainOrder(params, request, slot, peer, exits: true)
        case .supervisorResume:
            do throws(ProtocolError) {
                try resume(by: .order(uid: peer.uid, pid: peer.pid))
                reply(to: slot, id: request.id, Acknowledgement(state: supervisorState))
            } catch {
                if request.id != nil { reply(to: slot, id: request.id, error: error) }
            }
        case .pluginsList: reply(to: slot, id: request.id, pluginList)
        case .plugin(let call): self.call(call, request, slot)
        }
    }

    /// In this version the daemon's own user and root may do everything, and others nothing.
    private func mayDo(_ access: AccessClass, _ peer: PeerCredentials) -> Bool {
        peer.uid == 0 || peer.uid == settings.uid
    }

    /// The class of a call; nil for a plugin's method that there is not.
    private func accessClass(of call: Request.Call) -> AccessClass? {
        if case .plugin(let call) = call { return plugins.methods[call.method]?.value.access }
        return call.method?.accessClass
    }

    private func noSuchMethod(_ name: String) -> ProtocolError {
        ProtocolError(
            .noSuchMethod, "no method is named \(QuotedText.quote(name))",
            suggestion: closestWord(to: name, among: plugins.methods.keys))
    }

    private func refuse(_ request: Request, _ slot: Int, _ peer: PeerCredentials, needs access: AccessClass) {
        let method = request.call.methodName
        log.warning("denied \(method) to uid \(peer.uid), pid \(peer.pid): it needs '\(access.rawValue)'")
        guard request.id != nil else { return }
        reply(to: slot, id: request.id, error: .notPermitted(method, needs: access))
    }

    /// Resolves `selectors` and answers with what `body` makes of the instances; an unknown name refuses the whole.
    private func answer(
        _ request: Request, _ slot: Int, _ selectors: [ServiceSelector], emptyMeansAll: Bool = false,
        _ body: (Supervisor, [Int]) throws(ProtocolError) -> some WireValue
    ) {
        do throws(ProtocolError) {
            let all = emptyMeansAll && selectors.isEmpty
            let selected = all ? listed : try select(selectors)
            let result = try body(self, selected)
            reply(to: slot, id: request.id, result)
        } catch {
            if request.id != nil { reply(to: slot, id: request.id, error: error) }
        }
    }

    /// The instances that `selectors` name, each once, in the order of the selectors.
    func select(_ selectors: [ServiceSelector]) throws(ProtocolError) -> [Int] {
        var seen: Set<Int> = []
        var selected: [Int] = []
        for selector in selectors {
            var found = false
            if let exact = selector.exactName {
                for instance in namedInstances(exact) {
                    found = true
                    if seen.insert(instance).inserted { selected.append(instance) }
                }
            } else {
                for instance in listed
                where selector.matches(instances[instance], tags: services[fleet.service(of: instance)].tags) {
                    found = true
                    if seen.insert(instance).inserted { selected.append(instance) }
                }
            }
            guard found else { throw noSuchService(selector) }
        }
        return selected
    }

    /// The instances that a name means: an instance's own, or a service's, which means all of its.
    private func namedInstances(_ name: String) -> [Int] {
        if let service = servicesByName[name] { return Array(fleet.instances(of: service)) }
        guard let instance = instancesByName[name],
            fleet.instances(of: fleet.service(of: instance)).contains(instance)
        else { return [] }
        return [instance]
    }

    /// The same for words as a plugin gives them.
    func select(texts: [String]) -> Result<[Int], ProtocolError> {
        do throws(ProtocolError) {
            return .success(try select(texts.map(ServiceSelector.init)))
        } catch {
            return .failure(error)
        }
    }

    private func noSuchService(_ selector: ServiceSelector) -> ProtocolError {
        guard let name = selector.exactName else {
            return ProtocolError(.noSuchService, "no service matches \(QuotedText.quote(selector.description))")
        }
        return ProtocolError(
            .noSuchService, "no service is named \(QuotedText.quote(name))",
            suggestion: closestWord(to: name, among: Array(servicesByName.keys) + instancesByName.keys))
    }

    private func signal(_ instances: [Int], _ signal: Signal, _ peer: PeerCredentials) -> ServiceResults {
        ServiceResults(
            services: instances.map { instance in
                let name = self.instances[instance]
                let sent = signalMain(of: instance, signal)
                if sent {
                    log.write(
                        .info, "sent \(signal) to \(name) by order of uid \(peer.uid), pid \(peer.pid)", about: name)
                }
                let state = fleet.machines[instance].state.rawValue
                let error = sent ? nil : ProtocolError(.failed, "\(name) is \(state): there is no process to signal")
                return ServiceResult(status: status(of: instance), error: error)
            })
    }
}
