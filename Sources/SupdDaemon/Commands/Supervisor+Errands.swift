import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin

/// Errands: hooks and commands around a main process, in their order, and the answer to the machine.
extension Supervisor {
    func beginErrand(_ errand: Errand, of instance: Int, attempt: UInt64) {
        guard errand == .beforeStop, runsHooks(.beforeStop, of: instance) else {
            return runCommands(of: errand, instance, attempt: attempt)
        }
        beginHooks(.beforeStop, of: instance, attempt: attempt)
    }

    /// The hooks of a stop have ended.
    func hooksEnded(_ point: HookPoint, of instance: Int, attempt: UInt64) {
        // After a kill nothing waits for them.
        if point == .beforeStop, fleet.machines[instance].awaits(.beforeStop, of: attempt) {
            runCommands(of: .beforeStop, instance, attempt: attempt)
        } else {
            answer(point == .beforeStop ? .beforeStop : .afterStop, of: instance, attempt: attempt, failure: nil)
        }
    }

    func commandsEnded(_ errand: Errand, of instance: Int, attempt: UInt64, failure: ExitOutcome?) {
        switch errand {
        case .beforeStart
        where failure == nil && fleet.machines[instance].awaits(errand, of: attempt) && leavesProcesses(instance):
            // systemd.service(5): what ExecStartPre= leaves behind is killed before the program is begun.
            if let tree = tree(of: instance) { host.signalTree(tree, .kill) }
            serviceCommands.awaitEmptyTree(of: instance, attempt: attempt)
        case .afterStop
        where fleet.machines[instance].awaits(errand, of: attempt) && runsHooks(.afterStop, of: instance):
            beginHooks(.afterStop, of: instance, attempt: attempt)
        default: answer(errand, of: instance, attempt: attempt, failure: failure)
        }
    }

    private func leavesProcesses(_ instance: Int) -> Bool {
        tree(of: instance).map { !host.members(of: $0).isEmpty } ?? false
    }

    /// The tree of an instance is looked at: whether that was for a program that waits until nothing is left of what ran before it.
    func beginsOnceEmpty(_ instance: Int) -> Bool {
        guard let attempt = serviceCommands.awaitsEmptyTree(instance) else { return false }
        guard !leavesProcesses(instance) else { return true }
        serviceCommands.endWait(of: instance)
        answer(.beforeStart, of: instance, attempt: attempt, failure: nil)
        return true
    }

    private func runCommands(of errand: Errand, _ instance: Int, attempt: UInt64) {
        let command = ServiceCommand(errand)
        guard fleet.machines[instance].runsCommands(of: errand),
            let commands = services[fleet.service(of: instance)].commands[command]
        else {
            return commandsEnded(errand, of: instance, attempt: attempt, failure: nil)
        }
        beginNextCommand(addCommands(commands, command, of: instance, attempt: attempt, errand: errand))
    }

    private func answer(_ errand: Errand, of instance: Int, attempt: UInt64, failure: ExitOutcome?) {
        act {
            $0.handle(
                .errandEnded(attempt: attempt, errand, failure: failure), of: instance, now: $1, random: $2, into: &$3)
        }
    }

    private func runsHooks(_ point: HookPoint, of instance: Int) -> Bool {
        guard case .stopping(let stop) = fleet.machines[instance].phase, stop.why.runsHooks else { return false }
        return services[fleet.service(of: instance)].hooks.contains { $0.point == point }
    }
}

extension ServiceCommand {
    /// The commands of an errand.
    init(_ errand: Errand) {
        self =
            switch errand {
            case .beforeStart: .startPre
            case .afterStart: .startPost
            case .beforeStop: .stop
            case .afterStop: .stopPost
            }
    }

    /// The errand that they are part of; nil for what is run only when it is ordered.
    var errand: Errand? { Errand.allCases.first { ServiceCommand($0) == self } }
}
