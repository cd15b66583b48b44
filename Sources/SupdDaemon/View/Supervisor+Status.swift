import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol

/// What the daemon says of itself and its services.
extension Supervisor {
    /// The wall time of a monotonic instant, for display.
    ///
    /// The same in every answer, as long as nobody sets the wall clock.
    func wall(_ instant: MonotonicInstant) -> WallTime {
        WallTime(nanoseconds: wallDifference + instant.nanoseconds)
    }

    /// Measures anew what the two clocks differ by where that is more than two readings may differ by: the wall clock was set.
    func lookAtWallClock() {
        let difference = host.wallClock().nanoseconds - host.readClock().nanoseconds
        if abs(difference - wallDifference) > Self.setClock.clampedNanoseconds { wallDifference = difference }
    }

    private static let setClock: Duration = .milliseconds(100)

    func status(of instance: InstanceID) -> ServiceStatus {
        let machine = fleet[instance]
        let service = definition(of: instance)
        return ServiceStatus(
            name: name(of: instance), description: service.description, state: machine.state, ready: machine.isUp,
            health: plugins.probes.health(of: instance), desired: machine.desired, pid: machine.pid,
            leftBehind: leftBehind(by: instance), since: wall(machine.since),
            restarts: machine.restarts,
            attempt: machine.attempt,
            lastExit: machine.lastExit.map {
                LastExit($0, at: wall(machine.lastExitAt), success: machine.endedWithSuccess)
            },
            nextStartAt: machine.nextStartAt.map(wall), reason: reason(of: instance), type: service.type,
            restartPolicy: service.restartName, tags: service.tags, outdated: runsOlderDefinition(instance))
    }

    /// What was left of its tree when that was last looked at, once its main process has ended; and what runs on for good.
    private func leftBehind(by instance: InstanceID) -> [Int32] {
        let left = leftRunning(by: instance)
        guard let running = roster[instance].running, running.isReaped else { return left }
        return Set(running.left.filter { $0 > 0 } + left).sorted()
    }

    func supervisorStatus() -> SupervisorStatus {
        let memory = host.ownMemory()
        return SupervisorStatus(
            state: supervisorState, pid: host.ownPID, version: VersionInfo.current, since: startedWall,
            uptime: host.now.duration(since: startedAt), status: statusSentence, residentBytes: memory.resident,
            proportionalBytes: memory.proportional, services: fleet.counts, drain: drain.status,
            tasks: drain.taskCount,
            connections: control.count, config: settings.configurationPath,
            socket: settings.socketPath ?? SocketChoice.none,
            processTracking: processTracking,
            configurationReadAt: settings.files == nil ? nil : configuring.readAt)
    }

    var supervisorState: SupervisorState {
        switch drain.stage {
        case .idle: readySent ? .running : .starting
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
        let tasks = drain.taskIDs
        reply(
            to: slot,
            ListReply(id, TaskList.listKey, count: tasks.count) {
                TaskList.encodeHead(gate, into: &$0)
            } element: { supervisor, place, writer in
                if let task = supervisor.drain.task(tasks[place]) {
                    supervisor.status(of: task).encode(into: &writer)
                }
            })
    }

    private func status(of task: TaskRecord) -> TaskStatus {
        TaskStatus(
            name: task.name, kind: TaskStatus.Kind(task.kind), phase: TaskStatus.Phase(task.phase),
            state: task.state == .running ? .running : .cancelled, age: host.now.duration(since: task.registeredAt),
            deadline: task.deadline.map { $0.duration(since: host.now) }, registeredAt: task.place,
            parent: task.parent.flatMap { drain.task($0)?.name })
    }

    /// A sentence that a person can use, as `systemctl status` shows it.
    var statusSentence: String {
        let counts = fleet.counts
        let parts = [ServiceState.running, .starting, .stopping, .backoff, .fatal].compactMap { state -> String? in
            guard let count = counts[state] else { return nil }
            return "\(count) \(state.rawValue.lowercased())"
        }
        let blocked = fleet.blockedCount
        let waiting = blocked == 0 ? [] : ["\(blocked) blocked by another"]
        let counted = parts.isEmpty && blocked == 0 ? "nothing is running" : (parts + waiting).joined(separator: ", ")
        let all = plural(fleet.listedCount, "service instance")
        return switch supervisorState {
        case .starting: "Starting \(all): \(counted)"
        case .running: "Supervising \(all): \(counted)"
        case .draining where drain.stage == .held: "Drained: \(counted); waits for the order to shut down"
        case .draining: "Draining: \(counted)"
        case .stopping: "Shutting down: \(counted)"
        case .reloading: "Reloading: \(counted)"
        }
    }

    /// Tells the service manager that the goal is reached, once, and what goes on, whenever that has changed.
    func announceProgress() {
        if !readySent, drain.stage == .idle, fleet.goalReached {
            readySent = true
            log.notice(statusSentence, kind: .daemonReady)
            // What reading the configuration and starting have touched, running does not need.
            host.giveBackMemory()
            emit(.ready)
            notifier.send("READY=1\nSTATUS=\(statusSentence)")
        }
        if host.hasServiceManager { notifier.say(statusSentence) }
    }
}
