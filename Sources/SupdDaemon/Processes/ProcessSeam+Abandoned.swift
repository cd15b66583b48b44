import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol

/// So many processes of one service are named where they had to be given up.
private let abandonedNamed = 64

/// What a shutdown leaves no time for: killed where no stop was for it, and named where it has to be given up.
extension ProcessSeam {
    func killStrays() -> Bool {
        let left = processes.left.allRunning.map { ($0.process, ", left by \(name(of: $0.instance))") }
        let owners = Dictionary(left) { first, _ in first }
        let killed = host.killAllDescendants(sparing: plugins.programs.processes, describing: true)
        if !killed.isWhole {
            log.error(
                "drain: not every process below supd could be looked at, so some may be left running", kind: .strays)
        }
        let strays = killed.processes
        if !strays.isEmpty {
            let list = list(of: strays, atMost: 32) { owners[$0.pid] ?? "" }
            log.warning("drain: killed processes that no stop was for: \(list)", kind: .strays)
        }
        return killed.isWhole
    }

    func processesToAbandon() -> [(instance: InstanceID, processes: [AbandonedProcess])] {
        processes.running.compactMap { instance, running in
            processes.tree(of: instance).map { (instance, left(of: instance, running, $0)) }
        }
    }

    private func left(of instance: InstanceID, _ running: RunningInstance, _ tree: ProcessTree) -> [AbandonedProcess] {
        let name = name(of: instance).description
        // A child that has not come to its program shows the daemon's own command.
        let children = processes.pending.children(of: instance)
        let step = processes.pendingStep(of: instance)?.text ?? "exec of a command"
        let pending = children.map { pid in
            AbandonedProcess(
                name: name, pid: pid, command: "\(step), which does not come back",
                startedAt: wall(fleet[instance].startedAt))
        }
        let others = (running.isReaped ? host.members(of: tree) : [running.pid]).filter { !children.contains($0) }
        let details = host.details(of: Array(others.prefix(abandonedNamed)))
        // There may be nothing left to look with, but a main process whose end was not told is there.
        if details.isEmpty, !running.isReaped { return pending + [mainProcess(of: instance, running)] }
        return pending
            + details.map { process in
                AbandonedProcess(
                    name: name, pid: process.pid, command: process.command,
                    startedAt: WallTime(nanoseconds: host.wallClock().nanoseconds - process.age.clampedNanoseconds))
            }
    }

    func programsToAbandon() -> [AbandonedProcess] {
        processes.pending.programs.map { number, progress, since in
            AbandonedProcess(
                name: "plugin \(plugins.programs.plugin(of: number))", pid: progress.pid ?? 0,
                command: "\(progress.text), which does not come back", startedAt: wall(since))
        }
    }

    func mainProcesses(atMost limit: Int) -> [AbandonedProcess] {
        processes.mains(atMost: limit).map { mainProcess(of: $0.id, $0.running) }
    }

    private func mainProcess(of instance: InstanceID, _ running: RunningInstance) -> AbandonedProcess {
        AbandonedProcess(
            name: name(of: instance).description, pid: running.pid,
            command: definition(of: instance).configuration.execStart.joined(separator: " "),
            startedAt: wall(fleet[instance].startedAt))
    }
}
