import Glibc
import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin

/// Errands: hooks and commands around a main process, in their order, and the answer to the machine.
extension Supervisor {
    func beginErrand(_ errand: Errand, of instance: InstanceID, attempt: UInt64) {
        // A start that begins with it begins by what is said now.
        if errand == .beforeStart { roster.adopt(instance) }
        guard errand == .beforeStop, runsHooks(.beforeStop, of: instance) else {
            return runCommands(of: errand, instance, attempt: attempt)
        }
        plugins.hooks.begin(.beforeStop, of: instance, attempt: attempt)
    }

    /// The hooks of a stop have ended.
    func hooksEnded(_ point: HookPoint, of instance: InstanceID, attempt: UInt64) {
        // After a kill nothing waits for them.
        if point == .beforeStop, fleet[instance].awaits(.beforeStop, of: attempt) {
            runCommands(of: .beforeStop, instance, attempt: attempt)
        } else {
            answer(point == .beforeStop ? .beforeStop : .afterStop, of: instance, attempt: attempt, failure: nil)
        }
    }

    func commandsEnded(_ errand: Errand, of instance: InstanceID, attempt: UInt64, failure: ExitOutcome?) {
        switch errand {
        case .beforeStart
        where failure == nil && fleet[instance].awaits(errand, of: attempt) && !isProvedGone(instance):
            // systemd.service(5): what ExecStartPre= leaves behind is killed before the program is begun. That it does not go counts
            // against the time of a start.
            commands.awaitEmptyTree(
                of: instance,
                EmptyTreeWait(
                    attempt: attempt, deadline: host.now.advanced(by: emptyTreeLimit(of: instance)), nextKill: host.now)
            )
            processes.examine(instance)
        case .afterStop
        where fleet[instance].awaits(errand, of: attempt) && runsHooks(.afterStop, of: instance):
            plugins.hooks.begin(.afterStop, of: instance, attempt: attempt)
        default: answer(errand, of: instance, attempt: attempt, failure: failure)
        }
    }

    private func isProvedGone(_ instance: InstanceID) -> Bool {
        processes.tree(of: instance).map { host.look(at: $0).isProvedGone } ?? true
    }

    /// The tree of an instance is looked at: whether that was for a program that waits until nothing is left of what ran before it.
    func beginsOnceEmpty(_ instance: InstanceID) -> Bool {
        guard var wait = commands.awaitsEmptyTree(instance) else { return false }
        let tree = processes.tree(of: instance)
        let look = tree.map(host.look) ?? TreeLook(members: [])
        if look.isProvedGone {
            endEmptyTreeWait(of: instance)
            answer(.beforeStart, of: instance, attempt: wait.attempt, failure: nil)
        } else if wait.deadline <= host.now {
            processes.note(left: look.members, of: instance)
            let failure = leftBeforeStart(look.members, of: instance)
            log.write(
                .warning, "\(name(of: instance)) could not be started: \(failure)", about: name(of: instance),
                kind: .startFailed)
            endEmptyTreeWait(of: instance)
            answer(.beforeStart, of: instance, attempt: wait.attempt, failure: .spawnFailed(failure))
        } else {
            if wait.nextKill <= host.now {
                if let tree { host.signalTree(tree, .kill) }
                wait.kills += 1
                wait.nextKill = host.now.advanced(by: killPause(afterKills: wait.kills))
                commands.awaitEmptyTree(of: instance, wait)
            }
            host.arm(TimerKind.emptyTree.token(instance), at: min(wait.nextKill, wait.deadline))
        }
        return true
    }

    /// How long a start waits for that: as for a command of it where it has no limit itself.
    private func emptyTreeLimit(of instance: InstanceID) -> Duration {
        fleet[instance].settings.timeoutStart ?? .seconds(90)
    }

    func endEmptyTreeWait(of instance: InstanceID) {
        guard commands.awaitsEmptyTree(instance) != nil else { return }
        commands.endWait(of: instance)
        host.disarm(TimerKind.emptyTree.token(instance))
    }

    /// What is left of the commands before a program does not end in the time of its start.
    private func leftBeforeStart(_ left: [Int32], of instance: InstanceID) -> SpawnFailure {
        let limit = emptyTreeLimit(of: instance).text
        return SpawnFailure(
            stage: .leftovers, error: ErrorNumber(EBUSY), subject: left.isEmpty ? "" : list(of: left),
            hint: "exec_start_pre has left it behind, and it has not ended on SIGKILL within timeout_start (\(limit))")
    }

    private func runCommands(of errand: Errand, _ instance: InstanceID, attempt: UInt64) {
        let command = ServiceCommand(errand)
        guard fleet[instance].runsCommands(of: errand),
            let commands = definition(of: instance).commands[command]
        else {
            return commandsEnded(errand, of: instance, attempt: attempt, failure: nil)
        }
        beginNextCommand(addCommands(commands, command, of: instance, attempt: attempt, errand: errand))
    }

    private func answer(_ errand: Errand, of instance: InstanceID, attempt: UInt64, failure: ExitOutcome?) {
        act {
            $0.handle(
                .errandEnded(attempt: attempt, errand, failure: failure), of: instance, now: $1, random: $2, into: &$3)
        }
    }

    private func runsHooks(_ point: HookPoint, of instance: InstanceID) -> Bool {
        guard case .stopping(let stop) = fleet[instance].phase, stop.why.runsHooks else { return false }
        return definition(of: instance).hooks.contains { $0.point == point }
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
