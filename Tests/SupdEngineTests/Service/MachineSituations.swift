import SupdEngine
import SupdPlugin

/// Every situation a machine can be in, reached as it is reached in life: by events.
enum MachineSituations {
    /// One event on the way to a situation.
    enum Move: Sendable {
        case start, stop, restart, launch, pending, spawned, spawnFailed, beginStop, deadline
        case exit(ExitOutcome)
        case treeLeft, treeGone
        case done(Errand), failed(Errand)
        case ready, unhealthy
    }

    struct Situation: Sendable {
        var name: String
        var way: [Move]
        var type = ServiceType.exec
        var restart: any RestartPolicy = .onFailure
        var awaitsReadiness = false
        var errands = Errands()
        var runtimeMax: Duration?
        var minUptime = Duration.zero

        /// A machine in this situation.
        func driver() -> MachineDriver {
            let driver = MachineDriver(
                .plain(
                    type: type, restart: restart, awaitsReadiness: awaitsReadiness, minUptime: minUptime,
                    runtimeMax: runtimeMax, errands: errands))
            for move in way { driver.make(move) }
            return driver
        }
    }

    static let all: [Situation] =
        [
            Situation(name: "stopped", way: []),
            Situation(name: "waiting", way: [.start]),
            Situation(name: "starting", way: [.start, .launch]),
            Situation(name: "starting, stop wanted", way: [.start, .launch, .stop]),
            Situation(name: "starting, restart wanted", way: [.start, .launch, .restart]),
            Situation(name: "starting with a process", way: up, type: .oneshot),
            Situation(name: "starting with a process, stop wanted", way: up + [.stop], type: .oneshot),
            Situation(name: "starting with a process, restart wanted", way: up + [.restart], type: .oneshot),
            Situation(name: "not ready", way: up, awaitsReadiness: true),
            Situation(name: "not ready, stop wanted", way: up + [.stop], awaitsReadiness: true),
            Situation(name: "not ready, restart wanted", way: up + [.restart], awaitsReadiness: true),
            Situation(name: "ready", way: up + [.ready], awaitsReadiness: true),
            Situation(name: "staying up", way: up, minUptime: .seconds(10)),
            Situation(name: "staying up, stop wanted", way: up + [.stop], minUptime: .seconds(10)),
            Situation(name: "staying up, restart wanted", way: up + [.restart], minUptime: .seconds(10)),
            Situation(
                name: "not ready, staying up", way: up + [.ready], awaitsReadiness: true, minUptime: .seconds(10)),
            Situation(name: "has stayed up", way: up + [.deadline], minUptime: .seconds(10)),
            Situation(name: "running", way: up),
            Situation(name: "running, stop wanted", way: up + [.stop]),
            Situation(name: "running, restart wanted", way: up + [.restart]),
            Situation(name: "backoff", way: up + [.exit(.failure), .treeGone]),
            Situation(name: "exited", way: up + [.exit(.success), .treeGone]),
            Situation(name: "fatal", way: [.start, .launch, .spawnFailed], restart: .no),
        ] + spawns + stops + hooked + commanded

    private static let up: [Move] = [.start, .launch, .spawned]

    /// A spawn that is not back.
    private static let spawns: [Situation] = {
        let hung: [Move] = [.start, .launch, .pending]
        return [
            Situation(name: "spawn", way: hung),
            Situation(name: "spawn, stop wanted", way: hung + [.stop]),
            Situation(name: "spawn, restart wanted", way: hung + [.restart]),
            Situation(name: "spawn, ordered, first step", way: hung + [.stop, .beginStop]),
            Situation(name: "spawn, restart, first step", way: hung + [.restart, .beginStop]),
            Situation(name: "spawn, ordered, killing", way: hung + [.stop, .beginStop, .deadline, .deadline]),
            Situation(name: "spawn, timed out, first step", way: hung + [.deadline]),
        ]
    }()

    /// A stop: why, whether the main process still lives, and how far it has come.
    private static let stops: [Situation] = {
        let steps: [(name: String, way: [Move])] = [
            ("first step", []), ("last step", [.deadline]), ("killing", [.deadline, .deadline]),
        ]
        var result = [
            Situation(name: "ordered, main gone, no step", way: up + [.stop, .exit(.failure)]),
            Situation(name: "ended, main gone, no step", way: up + [.exit(.failure)]),
        ]
        for step in steps {
            func add(_ why: String, _ begin: [Move], _ type: ServiceType) {
                let alive = up + begin + step.way
                let gone = alive + [.exit(.terminated)]
                result.append(Situation(name: "\(why), main alive, \(step.name)", way: alive, type: type))
                result.append(Situation(name: "\(why), main gone, \(step.name)", way: gone, type: type))
            }
            add("ordered", [.stop, .beginStop], .exec)
            add("restart", [.restart, .beginStop], .exec)
            add("timed out", [.deadline], .oneshot)
            add("unhealthy", [.unhealthy], .exec)
            let left = up + [.exit(.failure), .treeLeft] + step.way
            result.append(Situation(name: "ended, main gone, \(step.name)", way: left))
        }
        return result
    }()

    /// A service with hooks, wherever that makes a difference: where they are begun or not, and while they run.
    private static let hooked: [Situation] = {
        let ended: [Move] = [.exit(.terminated), .treeGone]
        let steps: [(name: String, way: [Move])] = [
            ("first step", []), ("last step", [.deadline]), ("killing", [.deadline, .deadline]),
        ]
        var result: [Situation] = []
        func add(_ name: String, _ way: [Move], _ type: ServiceType = .exec) {
            result.append(
                Situation(
                    name: "hooks: \(name)", way: way, type: type, errands: Errands(hooks: [.beforeStop, .afterStop])))
        }
        add("running, stop wanted", up + [.stop])
        add("running, restart wanted", up + [.restart])
        add("starting with a process", up, .oneshot)
        add("starting with a process, stop wanted", up + [.stop], .oneshot)
        add("ended, main gone, no step", up + [.exit(.failure)])
        add("timed out, main gone, first step", up + [.deadline, .exit(.terminated)], .oneshot)
        add("ordered, main gone, no step", up + [.stop, .exit(.failure)])
        add("ordered, before, main alive", up + [.stop, .beginStop])
        add("restart, before, main alive", up + [.restart, .beginStop])
        add("ordered, before, main gone", up + [.stop, .beginStop, .exit(.failure)])
        add("restart, before, main gone", up + [.restart, .beginStop, .exit(.failure)])
        add("running", up)
        add("unhealthy, before, main alive", up + [.unhealthy])
        add("unhealthy, main alive, first step", up + [.unhealthy, .done(.beforeStop)])
        add("unhealthy, after, first step", up + [.unhealthy, .done(.beforeStop)] + ended)
        add("ordered, after, no step", up + [.stop, .exit(.failure), .treeGone])
        for step in steps {
            let stop: [Move] = [.beginStop, .done(.beforeStop)] + step.way
            add("ordered, main alive, \(step.name)", up + [.stop] + stop)
            add("ordered, main gone, \(step.name)", up + [.stop] + stop + [.exit(.terminated)])
            add("ordered, after, \(step.name)", up + [.stop] + stop + ended)
            add("restart, after, \(step.name)", up + [.restart] + stop + ended)
        }
        return result
    }()
}

extension MachineSituations {
    /// A service with commands around its program, wherever that makes a difference.
    fileprivate static let commanded: [Situation] = {
        let ended: [Move] = [.exit(.terminated), .treeGone]
        let begun: [Move] = [.start, .launch, .done(.beforeStart), .spawned]
        let running = begun + [.done(.afterStart)]
        var result: [Situation] = []
        func add(_ name: String, _ way: [Move], _ type: ServiceType = .exec) {
            var commands = Set(Errand.allCases)
            // A oneshot has nothing to stop.
            if type == .oneshot { commands.remove(.beforeStop) }
            result.append(
                Situation(
                    name: "commands: \(name)", way: way, type: type, errands: Errands(commands: commands),
                    runtimeMax: type == .exec ? .seconds(60) : nil))
        }
        add("before start", [.start, .launch])
        add("before start, stop wanted", [.start, .launch, .stop])
        add("before start, restart wanted", [.start, .launch, .restart])
        add("before start failed", [.start, .launch, .failed(.beforeStart)])
        add("before start, stopping", [.start, .launch, .stop, .beginStop])
        add("before start, after stop", [.start, .launch, .failed(.beforeStart), .treeGone])
        add("starting", [.start, .launch, .done(.beforeStart)])
        add("spawn failed", [.start, .launch, .done(.beforeStart), .spawnFailed])
        add("after start", begun)
        add("after start, stop wanted", begun + [.stop])
        add("after start failed", begun + [.failed(.afterStart)])
        add("after start failed, main gone", begun + [.failed(.afterStart), .exit(.terminated)])
        add("running", running)
        add("running, stop wanted", running + [.stop])
        add("runtime over, before stop", running + [.deadline])
        add("ended, before stop", running + [.exit(.failure)])
        add("ended, no step", running + [.exit(.failure), .done(.beforeStop)])
        add("ordered, before stop", running + [.stop, .beginStop])
        add("ordered, first step", running + [.stop, .beginStop, .done(.beforeStop)])
        add("ordered, after stop", running + [.stop, .beginStop, .done(.beforeStop)] + ended)
        let done = running + [.stop, .beginStop, .done(.beforeStop)] + ended + [.done(.afterStop)]
        add("ordered, after stop done", done)
        add("ordered, after stop left something", done + [.treeLeft])
        add("oneshot succeeded", begun + [.exit(.success)], .oneshot)
        add("oneshot succeeded, after start", begun + [.exit(.success), .treeGone], .oneshot)
        add("oneshot, after start failed", begun + [.exit(.success), .treeGone, .failed(.afterStart)], .oneshot)
        add(
            "oneshot exited",
            begun + [.exit(.success), .treeGone, .done(.afterStart), .treeGone, .done(.afterStop), .treeGone], .oneshot)
        return result
    }()
}

extension MachineDriver {
    fileprivate func make(_ move: MachineSituations.Move) {
        switch move {
        case .start: start()
        case .stop: stop()
        case .restart: restart()
        case .launch: launch()
        case .pending: send(.spawnPending(attempt: attempt))
        case .spawned: spawned()
        case .spawnFailed: send(.spawnFailed(attempt: attempt, .missing))
        case .beginStop: send(.beginStop)
        case .deadline: runTimer()
        case .exit(let outcome): exit(outcome)
        case .treeLeft: examined(2)
        case .treeGone: examined(0)
        case .ready: send(.becameReady(attempt: attempt))
        case .unhealthy: send(.becameUnhealthy(attempt: attempt))
        case .done(let errand): send(.errandEnded(attempt: attempt, errand, failure: nil))
        case .failed(let errand): send(.errandEnded(attempt: attempt, errand, failure: .failure))
        }
    }
}

/// Every event there is, of the machine's own attempt. What those of another attempt do, `AttemptTests` says of all
/// situations at once: nothing.
enum MachineEvents {
    static let all: [(name: String, send: @Sendable (MachineDriver) -> [ServiceAction])] = [
        ("start", { $0.send(.start(.boot)) }),
        ("stop", { $0.send(.stop(.boot)) }),
        ("restart", { $0.send(.restart(.boot)) }),
        ("resetFailed", { $0.send(.resetFailed(.boot)) }),
        ("launch", { $0.send(.launch) }),
        ("beginStop", { $0.send(.beginStop) }),
        ("pending", { $0.send(.spawnPending(attempt: $0.attempt)) }),
        ("spawned", { $0.send(.spawned(attempt: $0.attempt, pid: 7)) }),
        ("missing", { $0.send(.spawnFailed(attempt: $0.attempt, .missing)) }),
        ("shortage", { $0.send(.spawnFailed(attempt: $0.attempt, .shortage)) }),
        ("success", { $0.send(.exited(attempt: $0.attempt, .success)) }),
        ("failure", { $0.send(.exited(attempt: $0.attempt, .failure)) }),
        ("tree empty", { $0.send(.treeExamined(attempt: $0.attempt, remaining: 0)) }),
        ("tree left", { $0.send(.treeExamined(attempt: $0.attempt, remaining: 2)) }),
        ("before-start done", { $0.send(.errandEnded(attempt: $0.attempt, .beforeStart, failure: nil)) }),
        ("before-start failed", { $0.send(.errandEnded(attempt: $0.attempt, .beforeStart, failure: .failure)) }),
        ("after-start done", { $0.send(.errandEnded(attempt: $0.attempt, .afterStart, failure: nil)) }),
        ("after-start failed", { $0.send(.errandEnded(attempt: $0.attempt, .afterStart, failure: .failure)) }),
        ("before-stop done", { $0.send(.errandEnded(attempt: $0.attempt, .beforeStop, failure: nil)) }),
        ("after-stop done", { $0.send(.errandEnded(attempt: $0.attempt, .afterStop, failure: nil)) }),
        ("ready", { $0.send(.becameReady(attempt: $0.attempt)) }),
        ("unhealthy", { $0.send(.becameUnhealthy(attempt: $0.attempt)) }),
        ("deadline", { $0.runTimer() }),
        ("early timer", { $0.send(.timer) }),
        ("kill", { $0.send(.kill) }),
    ]
}
