import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol

/// What the daemon says of itself and its services.
extension Supervisor {
    /// The wall time of a monotonic instant, for display.
    func wall(_ instant: MonotonicInstant) -> WallTime { wallClock.time(of: instant) }

    func status(of instance: InstanceID, for viewer: Viewer? = nil) -> ServiceStatus {
        status(of: instance, as: fleet[instance], by: definition(of: instance), for: viewer)
    }

    /// The same of a machine in its place: a copy of it took a third of the time.
    private func status(
        of instance: InstanceID, as machine: ServiceMachine, by definition: ServiceDefinition, for viewer: Viewer?
    ) -> ServiceStatus {
        ServiceStatus(
            name: name(of: instance), description: definition.configuration.description, state: machine.state,
            ready: machine.isReady,
            health: plugins.probes.health(of: instance), desired: machine.desired, pid: machine.pid,
            leftBehind: leftBehind(by: instance), since: wall(machine.since),
            restarts: machine.restarts,
            attempt: machine.attempt,
            lastExit: machine.lastExit.map {
                LastExit($0, at: wall(machine.lastExitAt), success: machine.endedWithSuccess)
            },
            nextStartAt: machine.nextStartAt.map(wall), reason: words(of: instance, as: machine).told(to: viewer),
            type: definition.conduct.type, restartPolicy: definition.conduct.restartName,
            tags: definition.configuration.tags, outdated: runsOlderDefinition(instance),
            blocked: block(of: instance, for: viewer),
            statusText: machine.pid == nil ? nil : notices.statusText(of: instance, attempt: machine.attempt))
    }

    /// What was left of its tree when that was last looked at, once its main process has ended; and what runs on for good.
    private func leftBehind(by instance: InstanceID) -> [Int32] {
        let left = processes.left.running(by: instance)
        guard let running = processes.running(of: instance), running.isReaped else { return left }
        return Set(running.left.filter { $0 > 0 } + left).sorted()
    }

    /// As `viewer` may see it, or all of it.
    func supervisorStatus(for viewer: Viewer?) -> SupervisorStatus {
        let memory = host.ownMemory()
        var drainStatus = drain.status
        if let cause = drainStatus?.cause { drainStatus?.cause = Sentence(ofAnything: cause).told(to: viewer) }
        return SupervisorStatus(
            state: supervisorState, pid: host.ownPID, version: VersionInfo.current, since: startedWall,
            uptime: host.now.duration(since: startedAt), status: statusSentence(for: viewer),
            residentBytes: memory.resident,
            proportionalBytes: memory.proportional, services: fleet.counts, drain: drainStatus,
            tasks: drain.tasks.count,
            connections: control.server.count, config: settings.configurationPath,
            socket: settings.socketPath ?? SocketChoice.none,
            processTracking: ProcessTrackingStatus(host.tracking),
            configurationReadAt: settings.files == nil ? nil : configuring.readAt,
            watchdog: host.watchdogInterval.map { WatchdogStatus(interval: $0, pingedAt: watchdog.lastAt.map(wall)) },
            loop: turnTimes.status(wall))
    }

    var supervisorState: SupervisorState {
        switch drain.stage {
        case .idle: readyAt != nil ? .running : .starting
        case .phase where drain.exits, .finished: .stopping
        case .phase, .held: .draining
        }
    }

    func replyTasks(to slot: Int, id: RequestID?) {
        guard let id else { return }
        let gate: TaskList.Registry =
            switch drain.gate {
            case .open: .open
            case .draining: .draining
            case .closed: .closed
            }
        let viewer = control.server.viewer(slot)
        let tasks = drain.tasks.ids.filter { task in
            guard let viewer, let service = drain.tasks[task]?.service else { return true }
            return viewer.sees(service)
        }
        control.server.reply(
            to: slot,
            ListReply(id, TaskList.listKey, count: tasks.count) {
                TaskList.encodeHead(gate, into: &$0)
            } element: { [unowned self] place, writer in
                if let task = drain.tasks[tasks[place]] { status(of: task).encode(into: &writer) }
            })
    }

    private func status(of task: TaskRecord) -> TaskStatus {
        TaskStatus(
            name: task.name, kind: TaskStatus.Kind(task.kind), phase: TaskStatus.Phase(task.phase),
            state: task.state == .running ? .running : .cancelled, age: host.now.duration(since: task.registeredAt),
            deadline: task.deadline.map { $0.duration(since: host.now) }, registeredAt: task.place,
            parent: task.parent.flatMap { drain.tasks[$0]?.name })
    }

    /// A sentence that a person can use, as `systemctl status` shows it.
    var statusSentence: String { statusSentence(for: nil) }

    /// The same, in which nobody is named whom `viewer` may not see.
    private func statusSentence(for viewer: Viewer?) -> String {
        let counted = countSentence(for: viewer)
        return switch supervisorState {
        case .starting: "Starting: \(counted)"
        case .running: counted
        case .draining where drain.stage == .held: "Drained: \(counted); waits for the order to shut down"
        case .draining: "Draining: \(counted)"
        case .stopping: "Shutting down: \(counted)"
        case .reloading: "Reloading: \(counted)"
        }
    }

    /// `12 of 14 running, 1 starting; backoff: api, mail`
    private func countSentence(for viewer: Viewer?) -> String {
        let counts = fleet.counts
        var unwell = [Unwell: (count: Int, names: [String])]()
        if fleet.blockedCount > 0 || [.backoff, .fatal, .exited].contains(where: { counts[$0] != nil }) {
            for instance in fleet.allInstances {
                guard let what = whatAils(instance) else { continue }
                unwell[what, default: (0, [])].count += 1
                if unwell[what, default: (0, [])].names.count < Self.namedInSentence,
                    viewer?.sees(instance) ?? true
                {
                    unwell[what]?.names.append(name(of: instance).description)
                }
            }
        }
        let exited = (counts[.exited] ?? 0) - (unwell[.failed]?.count ?? 0)
        let others = [(counts[.starting], "starting"), (counts[.stopping], "stopping"), (exited, "exited")]
            .compactMap { count, word in (count ?? 0) > 0 ? ", \(count ?? 0) \(word)" : nil }
        let named = Unwell.allCases.compactMap { what in
            unwell[what].map { count, names in
                let more = count - names.count
                guard !names.isEmpty else { return "; \(what.rawValue): \(more)" }
                return "; \(what.rawValue): " + names.joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
            }
        }
        return "\(counts[.running] ?? 0) of \(fleet.listedCount) running" + (others + named).joined()
    }

    /// Not as it should be, and not on its way there.
    private enum Unwell: String, CaseIterable {
        case failed, backoff, fatal, blocked
    }

    private func whatAils(_ instance: InstanceID) -> Unwell? {
        let machine = fleet[instance]
        switch machine.state {
        case .exited: return machine.endedWithSuccess ? nil : .failed
        case .backoff: return .backoff
        case .fatal: return .fatal
        case .stopped: return fleet.isBlocked(instance) ? .blocked : nil
        case .starting, .running, .stopping: return nil
        }
    }

    /// So many of those that are not well are named, each kind for itself.
    private static let namedInSentence = 8
}
