import SupdConfiguration
import SupdEngine
import SupdHost
import SupdJSON
import SupdPlugin
import SupdProtocol

/// Whoever serves a method serves its requests.
extension Supervisor {
    func serve(_ request: Request, _ slot: Int, _ peer: PeerCredentials) {
        var server: ControlServer { control.server }
        switch request.call {
        case .supervisorPing: server.reply(to: slot, id: request.id, Acknowledgement(state: supervisorState))
        case .supervisorVersion: server.reply(to: slot, id: request.id, VersionInfo())
        case .supervisorStatus: configuring.inform(request, slot)
        case .tasksList: replyTasks(to: slot, id: request.id)
        case .serviceStatus(let selection): control.answerStatus(selection, request, slot)
        case .serviceWhy(let params): tellWhy(params, request, slot)
        case .logsRead(let params): control.readLogs(params, request, slot)
        case .logsFollow(let params): control.followLogs(params, request, slot)
        case .eventsSubscribe(let params): control.subscribe(params, request, slot)
        case .serviceStart(let params): control.order(.start, params, request, slot, peer)
        case .serviceStop(let params): control.order(.stop, params, request, slot, peer)
        case .serviceRestart(let params): control.order(.restart, params, request, slot, peer)
        case .serviceReload(let params): reload(params, request, slot, peer)
        case .serviceScale(let params): control.scale(params, request, slot, peer)
        case .serviceTree(let params): control.answerTrees(params, request, slot)
        case .serviceDefinition(let selection): configuring.definitions.ask(selection, request, slot)
        case .serviceDependencies(let params): relate(params, request, slot)
        case .serviceTiming(let selection): time(selection, request, slot)
        case .serviceSignal(let params):
            control.actOnEach(request, slot, params.selectors, "signal", peer, detail: "\(params.signal)") {
                [unowned self] in signal($0, params.signal, peer)
            }
        case .serviceResetFailed(let selection):
            let event = ServiceEvent.resetFailed(peer.reset)
            control.actOnEach(request, slot, selection.selectors, "reset-failed", peer) { [unowned self] instance in
                act { $0.handle(event, of: instance, now: $1, random: $2, into: &$3) }
                return nil
            }
        case .supervisorDrain(let params): control.drain(params, request, slot, peer, exits: false)
        case .supervisorShutdown(let params): control.drain(params, request, slot, peer, exits: true)
        case .supervisorResume:
            do throws(ProtocolError) {
                try drain.resume(by: peer.order)
                server.reply(to: slot, id: request.id, Acknowledgement(state: supervisorState))
            } catch {
                control.fail(request, slot, error)
            }
        case .pluginsList: server.reply(to: slot, id: request.id, pluginList)
        case .configPlan: configuring.plan(request, slot)
        case .configReload(let params): configuring.reload(params, request, slot, peer)
        case .logsReopen(let selection): control.reopenLogs(selection, request, slot, peer)
        case .plugin(let call): control.call(call, request, slot, peer)
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
