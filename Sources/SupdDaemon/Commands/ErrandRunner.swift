import Glibc
import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin

/// Errands: hooks and commands around a main process, in their order, and the answer to the machine.
final class ErrandRunner {
    /// A program that is begun once nothing is left of the commands before it.
    private struct EmptyTreeWait {
        let attempt: UInt64
        /// When it is given up.
        let deadline: MonotonicInstant
        /// How often SIGKILL was sent to what is left, and when it is sent next.
        var kills = 0
        var nextKill: MonotonicInstant
    }

    private unowned let seam: any CommandSeam
    private let host: any Host
    /// Instances whose program is begun once their tree is empty.
    private var waits = [InstanceID: EmptyTreeWait]()

    /// None yet.
    init(_ seam: any CommandSeam) {
        self.seam = seam
        host = seam.host
    }

    /// Those that wait until a tree is empty. For audits.
    var instances: [InstanceID] { Array(waits.keys) }

    /// Has an errand of an attempt be run, and its end be told to the machine.
    func begin(_ errand: Errand, of instance: InstanceID, attempt: UInt64) {
        // A start that begins with it begins by what is said now.
        if errand == .beforeStart { seam.adoptDefinition(of: instance) }
        guard errand == .beforeStop, runsHooks(.beforeStop, of: instance) else {
            return runCommands(of: errand, instance, attempt: attempt)
        }
        seam.plugins.hooks.begin(.beforeStop, of: instance, attempt: attempt)
    }

    /// The hooks of a stop have ended.
    func hooksEnded(_ point: HookPoint, of instance: InstanceID, attempt: UInt64) {
        // After a kill nothing waits for them.
        if point == .beforeStop, seam.fleet[instance].awaits(.beforeStop, of: attempt) {
            runCommands(of: .beforeStop, instance, attempt: attempt)
        } else {
            answer(point == .beforeStop ? .beforeStop : .afterStop, of: instance, attempt: attempt, failure: nil)
        }
    }

    /// The commands of an errand have ended.
    func commandsEnded(
        _ errand: Errand, of instance: InstanceID, attempt: UInt64, failure: ExitOutcome?, isOverdue: Bool = false
    ) {
        switch errand {
        case .beforeStart
        where failure == nil && seam.fleet[instance].awaits(errand, of: attempt) && !isProvedGone(instance):
            // systemd.service(5): what ExecStartPre= leaves behind is killed before the program is begun. That it does not go counts
            // against the time of a start.
            waits[instance] = EmptyTreeWait(
                attempt: attempt, deadline: host.now.advanced(by: emptyTreeLimit(of: instance)), nextKill: host.now)
            seam.processes.examine(instance)
        case .afterStop
        where seam.fleet[instance].awaits(errand, of: attempt) && runsHooks(.afterStop, of: instance):
            seam.plugins.hooks.begin(.afterStop, of: instance, attempt: attempt)
        default: answer(errand, of: instance, attempt: attempt, failure: failure, isOverdue: isOverdue)
        }
    }

    private func isProvedGone(_ instance: InstanceID) -> Bool {
        seam.processes.tree(of: instance).map { host.look(at: $0).isProvedGone } ?? true
    }

    /// The tree of an instance is looked at: whether that was for a program that waits until nothing is left of what ran before it.
    func beginsOnceEmpty(_ instance: InstanceID) -> Bool {
        guard var wait = waits[instance] else { return false }
        let tree = seam.processes.tree(of: instance)
        let look = tree.map(host.look) ?? TreeLook(members: [])
        if look.isProvedGone {
            endWait(of: instance)
            answer(.beforeStart, of: instance, attempt: wait.attempt, failure: nil)
        } else if wait.deadline <= host.now {
            seam.processes.note(left: look.members, of: instance)
            let failure = leftBeforeStart(look.members, of: instance)
            let name = seam.name(of: instance)
            seam.log.write(.warning, "\(name) could not be started: \(failure)", about: name, kind: .startFailed)
            endWait(of: instance)
            answer(.beforeStart, of: instance, attempt: wait.attempt, failure: .spawnFailed(failure))
        } else {
            if wait.nextKill <= host.now {
                if let tree { host.signalTree(tree, .kill) }
                wait.kills += 1
                wait.nextKill = host.now.advanced(by: killPause(afterKills: wait.kills))
                waits[instance] = wait
            }
            host.arm(TimerKind.emptyTree.token(instance), at: min(wait.nextKill, wait.deadline))
        }
        return true
    }

    /// How long a start waits for that: as for a command of it where it has no limit itself.
    private func emptyTreeLimit(of instance: InstanceID) -> Duration {
        seam.fleet[instance].settings.timeoutStart ?? .seconds(90)
    }

    /// Whether a program waits for that.
    func awaitsEmptyTree(_ instance: InstanceID) -> Bool { waits[instance] != nil }

    /// The time for the next look has come.
    func lookAgain(at instance: InstanceID) {
        if awaitsEmptyTree(instance) { seam.processes.examine(instance) }
    }

    /// No program waits for it any more.
    func endWait(of instance: InstanceID) {
        guard waits.removeValue(forKey: instance) != nil else { return }
        host.disarm(TimerKind.emptyTree.token(instance))
    }

    /// What is left of the commands before a program does not end in the time of its start.
    private func leftBeforeStart(_ left: [Int32], of instance: InstanceID) -> SpawnFailure {
        let limit = emptyTreeLimit(of: instance).text
        return SpawnFailure(
            stage: .leftovers, error: ErrorNumber(EBUSY), subject: left.isEmpty ? "" : seam.list(of: left),
            hint: "exec_start_pre has left it behind, and it has not ended on SIGKILL within timeout_start (\(limit))")
    }

    private func runCommands(of errand: Errand, _ instance: InstanceID, attempt: UInt64) {
        let command = ServiceCommand(errand)
        guard seam.fleet[instance].runsCommands(of: errand),
            let commands = seam.definition(of: instance).conduct.commands[command]
        else {
            return commandsEnded(errand, of: instance, attempt: attempt, failure: nil)
        }
        seam.commands.beginNext(
            seam.commands.add(commands, command, of: instance, attempt: attempt, errand: errand))
    }

    private func answer(
        _ errand: Errand, of instance: InstanceID, attempt: UInt64, failure: ExitOutcome?, isOverdue: Bool = false
    ) {
        seam.act {
            $0.handle(
                .errandEnded(attempt: attempt, errand, failure: failure, isOverdue: isOverdue), of: instance, now: $1,
                random: $2, into: &$3)
        }
    }

    private func runsHooks(_ point: HookPoint, of instance: InstanceID) -> Bool {
        guard case .stopping(let stop) = seam.fleet[instance].phase, stop.why.runsHooks else { return false }
        return seam.definition(of: instance).conduct.hooks.contains { $0.point == point }
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
