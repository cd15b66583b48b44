import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol

/// Which reload it is.
enum ReloadKey: Hashable {
    /// By the commands of this run.
    case commands(Int)
    /// By the signal that an instance was sent.
    case signal(InstanceID)
}

/// How one instance's reload stands.
enum ReloadState {
    /// Its commands run, or have yet to begin.
    case open
    /// They have ended: well, or for this reason it was not reloaded.
    case ended(ProtocolError?)

    /// Why it was not reloaded.
    var error: ProtocolError? {
        guard case .ended(let error) = self else { return nil }
        return error
    }
}

/// `service.reload`: the commands of `exec_reload`, while the service runs on.
extension Supervisor {
    func reload(_ params: OrderParams, _ request: Request, _ slot: Int, _ peer: PeerCredentials) {
        control.select(request, slot, params.selectors) { [unowned self] work, selected in
            do throws(ProtocolError) {
                if params.wait { try control.requireRoomToWait(for: selected.count, slot) }
            } catch {
                return control.fail(request, slot, error)
            }
            if !selected.isEmpty {
                log.write(
                    .info, "reload of \(control.list(selected)) ordered by \(peer.text)",
                    about: selected.map(name(of:)), kind: .ordered)
            }
            emit(.ordered("reload", selected, by: peer.order))
            var waiter: Int?
            if params.wait, let id = request.id {
                // It waits before the first command begins: one that cannot be started ends at once.
                let states = [ReloadState](repeating: .open, count: selected.count)
                waiter = control.waiting.add(
                    Waiter(slot: slot, id: id, goal: .reloaded(states), instances: selected, refused: work.refused),
                    timeout: params.timeout)
            }
            var refusals = [Int: ProtocolError]()
            work.thenEach(selected.count) { [unowned self] place in
                if fleet.contains(selected[place]) { refusals[place] = reload(selected[place], waiter, at: place) }
            }
            guard !params.wait else { return }
            work.thenOnce { [unowned self] work in
                let errors = refusals
                control.waiting.reply(to: slot, id: request.id, selected, refused: work.refused) { errors[$0] }
            }
        }
    }

    /// Begins the reload of one instance, at its place in what a waiter waits for. Why it is not reloaded where that is clear.
    private func reload(_ instance: InstanceID, _ waiter: Int?, at place: Int) -> ProtocolError? {
        switch addReload(instance) {
        case .success(let reload):
            if let waiter { control.waiting.expectReload(reload, waiter, at: place) }
            switch reload {
            case .commands(let number): commands.beginNext(number)
            case .signal(let instance): notices.reloads.endUnlessAwaited(of: instance)
            }
            return nil
        case .failure(let error):
            guard let waiter else { return error }
            control.waiting.reloadEnded(of: waiter, at: place, error)
            return error
        }
    }

    private func addReload(_ instance: InstanceID) -> Result<ReloadKey, ProtocolError> {
        let name = name(of: instance)
        let machine = fleet[instance]
        let words = definition(of: instance).conduct.commands[.reload] ?? []
        let signal = definition(of: instance).conduct.reloadSignal
        guard signal != nil || !words.isEmpty else {
            return .failure(
                ProtocolError(
                    .failed, "\(name) has no exec_reload and no reload_signal: give it one, or use 'supctl signal'"))
        }
        guard machine.phase == .running, !machine.stopRequested else {
            return .failure(ProtocolError(.failed, "\(name) is \(machine.state.rawValue): there is nothing to reload"))
        }
        if let signal { return notices.reloads.begin(of: instance, by: signal) }
        guard commands.reload(of: instance) == nil else {
            return .failure(ProtocolError(.failed, "a reload of \(name) is under way already"))
        }
        return .success(
            .commands(commands.add(words, .reload, of: instance, attempt: machine.attempt, errand: nil)))
    }

    /// A reload has ended.
    func reloadEnded(_ reload: ReloadKey, of instance: InstanceID, problem: String?) {
        let name = name(of: instance)
        if let problem {
            log.write(.warning, "reload of \(name) has failed: \(problem)", about: name, kind: .reloadFailed)
        } else {
            log.write(.info, "\(name) is reloaded", about: name, kind: .reloaded)
        }
        let error = problem.map {
            ProtocolError(.failed, "\(reload == .signal(instance) ? "reload" : "exec_reload") of \(name): \($0)")
        }
        control.waiting.reloadEnded(reload, error)
    }
}
