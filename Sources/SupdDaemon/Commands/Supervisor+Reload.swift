import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol

/// How one instance's reload stands.
enum ReloadState {
    /// Its commands run, under this number.
    case running(Int)
    /// They have ended: well, or for this reason it was not reloaded.
    case ended(ProtocolError?)
}

/// `service.reload`: the commands of `exec_reload`, while the service runs on.
extension Supervisor {
    func reload(_ params: OrderParams, _ request: Request, _ slot: Int, _ peer: PeerCredentials) {
        do throws(ProtocolError) {
            let selected = try select(params.selectors)
            log.info("reload of \(list(selected)) ordered by uid \(peer.uid), pid \(peer.pid)")
            let states = selected.map(addReload)
            if let id = request.id {
                if params.wait {
                    // It waits before the first command begins: one that cannot be started ends at once.
                    wait(
                        Waiter(slot: slot, id: id, goal: .reloaded(states), instances: selected),
                        timeout: params.timeout)
                } else {
                    reply(to: slot, id: id, reloadResults(selected, states))
                }
            }
            for case .running(let number) in states { beginNextCommand(number) }
        } catch {
            if request.id != nil { reply(to: slot, id: request.id, error: error) }
        }
    }

    private func addReload(_ instance: Int) -> ReloadState {
        let name = instances[instance]
        let machine = fleet.machines[instance]
        guard let commands = services[fleet.service(of: instance)].commands[.reload] else {
            return .ended(ProtocolError(.failed, "\(name) has no exec_reload: give it one, or use 'supctl signal'"))
        }
        guard machine.phase == .running, !machine.stopRequested else {
            return .ended(ProtocolError(.failed, "\(name) is \(machine.state.rawValue): there is nothing to reload"))
        }
        guard serviceCommands.reload(of: instance) == nil else {
            return .ended(ProtocolError(.failed, "a reload of \(name) is under way already"))
        }
        return .running(addCommands(commands, .reload, of: instance, attempt: machine.attempt, errand: nil))
    }

    /// The commands of a reload have ended.
    func reloadEnded(_ number: Int, of instance: Int, problem: String?) {
        let name = instances[instance]
        if let problem {
            log.write(.warning, "reload of \(name) has failed: \(problem)", about: name)
        } else {
            log.write(.info, "\(name) is reloaded", about: name)
        }
        let error = problem.map { ProtocolError(.failed, "exec_reload of \(name): \($0)") }
        waiters.setReload(number, .ended(error))
    }

    func reloadResults(_ selected: [Int], _ states: [ReloadState]) -> ServiceResults {
        ServiceResults(
            services: zip(selected, states).map { instance, state in
                guard case .ended(let error) = state else { return ServiceResult(status: status(of: instance)) }
                return ServiceResult(status: status(of: instance), error: error)
            })
    }
}
