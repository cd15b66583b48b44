import SupdJSON
import SupdPlugin
import SupdProtocol

/// Values that together have every member of the protocol and say every word of it.
enum Samples {
    static let time = WallTime(nanoseconds: 1_709_164_800_123_000_000)

    static func exit(_ outcome: ExitOutcome, command: ServiceCommand? = nil, forced: ForcedEnd? = nil) -> LastExit {
        var record = ExitRecord(attempt: 4, pid: 17, outcome: outcome, command: command, ranFor: .milliseconds(1500))
        record.forced = forced
        return LastExit(record, at: time, success: false)
    }

    static let exits: [LastExit] =
        [
            exit(.exited(code: 3)), exit(.signaled(.abrt, coreDumped: true)), exit(.outOfMemory),
            exit(.spawnFailed(SpawnFailure(stage: .exec, error: ErrorNumber(2), subject: "/usr/bin/wbe"))),
        ] + ServiceCommand.allCases.map { exit(.exited(code: 1), command: $0) }
        + ForcedEnd.allCases.map { exit(.signaled(.kill, coreDumped: false), forced: $0) }

    static func status(_ state: ServiceState = .backoff) -> ServiceStatus {
        ServiceStatus(
            name: instance("web", 2), description: "public site", state: state, health: .unhealthy, desired: .up,
            pid: 12,
            leftBehind: [21], since: time, restarts: 4, attempt: 5, lastExit: exits[0], nextStartAt: time,
            reason: "waits",
            type: .exec, restartPolicy: "on-failure", tags: ["front"], outdated: true,
            blocked: ServiceBlock(by: ["db"], forGood: false), statusText: "serving")
    }

    static let statuses: [ServiceStatus] =
        ServiceState.allCases.map { status($0) }
        + exits.map { changed(status()) { $0.lastExit = $1 }($0) }
        + ServiceHealth.allCases.map { changed(status()) { $0.health = .known($1) }($0) }
        + DesiredState.allCases.map { changed(status()) { $0.desired = .known($1) }($0) }
        + ServiceType.allCases.map { changed(status()) { $0.type = .known($1) }($0) }
        + [
            ServiceStatus(
                name: instance("db"), state: .stopped, desired: .down, since: time, reason: "", type: .oneshot,
                restartPolicy: "no")
        ]

    /// A copy of `value` with something set.
    private static func changed<Value, Word>(
        _ value: Value, _ set: @escaping (inout Value, Word) -> Void
    ) -> (Word) -> Value {
        { word in
            var copy = value
            set(&copy, word)
            return copy
        }
    }

    static let results = ServiceResults(
        services: statuses.map { ServiceResult(status: $0) }
            + ProtocolErrorKind.allCases.map { ServiceResult(status: status(), error: ProtocolError($0, "no")) })

    static let errors: [ProtocolError] =
        ProtocolErrorKind.allCases.map { ProtocolError($0, "no", suggestion: "web") }
        + AccessClass.allCases.map {
            .notPermitted(Denial("service.stop", of: "web@2", needs: $0, tables: ["supervisor.access"]))
        }
        + [
            .planChanged(token: "3f2a"), .tooMany(12, atMost: 8),
            .invalidConfiguration(
                Array(
                    repeating: ProtocolError.ConfigurationFault(file: "/c", line: 1, column: 2, message: "no"),
                    count: ProtocolLimits.faultsNamed + 1)),
        ]

    static func supervisor(_ state: SupervisorState, _ phase: TaskStatus.Phase) -> SupervisorStatus {
        SupervisorStatus(
            state: state, pid: 1, version: "1", since: time, uptime: .milliseconds(1), status: "fine", residentBytes: 1,
            proportionalBytes: nil, services: [.running: 3],
            drain: DrainStatus(cause: "SIGTERM", phase: phase, phaseLeft: .seconds(1), left: .seconds(2)), tasks: 9,
            connections: 2, config: "/c", socket: "/s", processTracking: .descent("not delegated"),
            configurationReadAt: time, configurationChanged: false,
            watchdog: WatchdogStatus(interval: .seconds(30), pingedAt: time),
            loop: LoopStatus(
                turns: 9, median: .microseconds(20), percentile99: .milliseconds(1),
                longest: LoopStatus.Turn(took: .milliseconds(2), at: time, work: "3 exits")))
    }

    static let supervisors: [SupervisorStatus] =
        SupervisorState.allCases.map { supervisor($0, .jobs) }
        + TaskStatus.Phase.allCases.map { supervisor(.draining, $0) }
        + [
            SupervisorStatus(
                state: .running, pid: 1, version: "1", since: time, uptime: .zero, status: "", residentBytes: nil,
                proportionalBytes: 7, services: [:], tasks: 0, connections: 1, config: nil, socket: "/s",
                processTracking: .controlGroups("/sys/fs/cgroup/supd"))
        ]

    static let report = DrainReport(
        cause: "ordered by uid 0, pid 12", startedAt: time, duration: .milliseconds(1234), exitCode: 75,
        phases: [DrainedPhase.Outcome.completed, .timedOut, .skipped, .forced].map {
            DrainedPhase(phase: .services, duration: .zero, outcome: $0)
        },
        tasksCompleted: 4, tasksCancelled: 1,
        tasksAbandoned: TaskStatus.Kind.allCases.map {
            AbandonedTask(name: "t", kind: $0, phase: .jobs, age: .seconds(9), registeredAt: "A.swift:1")
        },
        servicesStopped: ["web@1"], servicesKilled: ["db"], servicesCutShort: ["db"],
        servicesAbandoned: [AbandonedProcess(name: "nfs", pid: 77, command: "nfs -v", startedAt: time)],
        hooksFailed: ["hook 'x': it failed"], linesLost: 3)

    static let drains: [any WireValue] =
        SupervisorState.allCases.map { Acknowledgement(state: $0) } + [report]

    static let lines: [LogLine] =
        SyslogLevel.allCases.map {
            LogLine(sequence: 1 << 40, time: time, stream: .stderr, text: "a", level: $0, truncated: true)
        }
        + [LogLine(time: time, stream: .stdout, text: "")]

    static let logs: [any WireValue] = (ServiceLog.Shortage.allCases + [nil]).map { shortage in
        LogRead(services: [
            ServiceLog(name: "web", lines: lines, unfinished: [lines[0]], dropped: 3, earlier: 12, shortage: shortage),
            ServiceLog(name: "db", lines: [], separateStderr: true),
        ])
    }

    static let trees = ServiceTrees(services: [
        ServiceTree(
            name: "web", state: .running, pid: 7, controlGroup: "/sys/fs/cgroup/supd/web",
            processes: [
                TreeProcess(
                    pid: 7, parent: 1, command: "web", state: "S", processorTime: .milliseconds(1), residentBytes: 4096,
                    age: .seconds(9))
            ], more: 3),
        ServiceTree(name: "db", state: .stopped, pid: nil, processes: []),
        ServiceTree(name: "log", state: .running, pid: 8, processes: nil, more: 1),
    ])

    static let definitions = ServiceDefinitions(services: [
        DefinedService(
            name: "web", changed: true,
            keys: DefinedKey.Origin.allCases.map {
                DefinedKey(key: "nice", value: "5", origin: $0, file: "/etc/supd/supd.toml", line: 12)
            }),
        DefinedService(
            name: "web@2", outdated: true, changed: nil,
            keys: [DefinedKey(key: "environment.A", value: nil, origin: .changed)]),
    ])

    static let dependencies = {
        var failed = RelatedService(name: "import", states: [.exited: 2])
        failed.failed = 1
        return ServiceDependencies(services: [
            RelatedService(
                name: "web", isAsked: true, states: [.running: 2],
                needs: ServiceRelation.Kind.allCases.map { ServiceRelation($0, "db") },
                neededBy: [ServiceRelation(.wants, "front")]), failed,
        ])
    }()

    static let timings = [Duration.seconds(3), nil].map {
        ServiceTimings(
            started: time, ready: $0, services: [ServiceTiming(name: "web@2", service: "web", begun: .zero, up: $0)])
    }

    static let tasks: [any WireValue] = [TaskList.Registry.open, .draining, .closed].map { registry in
        TaskList(
            registry: registry,
            tasks: TaskStatus.State.allCases.flatMap { state in
                TaskStatus.Kind.allCases.map { kind in
                    TaskStatus(
                        name: "t", kind: kind, phase: .flush, state: state, age: .zero,
                        deadline: state == .running ? nil : .seconds(1), registeredAt: "A.swift:1", parent: "p")
                }
            })
    }

    static let plugins = PluginList(plugins: [
        PluginStatus(
            name: "lb", version: "1", summary: "s", brings: ["method plugin.lb.state"],
            options: [
                PluginOption(
                    name: "share", type: "number", standard: "2", summary: "s",
                    options: [PluginOption(name: "a", type: "b", standard: nil, summary: "c")])
            ])
    ])

    static let plan: ConfigurationPlanReply = {
        let keys = ConfigurationPlanReply.Effect.allCases.map {
            ConfigurationPlanReply.Key(
                key: "exec_start", old: "a", new: nil, effect: $0, standard: $0 == .atOnce ? "b" : nil)
        }
        return ConfigurationPlanReply(
            token: "3f2a", path: "/c",
            services: ConfigurationPlanReply.Kind.allCases.map {
                .init(name: "web", kind: $0, keys: keys, instances: .init(old: 3, new: 5), with: "db")
            }, hidden: 2, supervisor: keys, plugins: [.init(name: "lb", keys: keys)],
            kept: [.init(name: "pool", file: 2, now: 5)], older: ["db"],
            outcome: .init(applied: true, deferred: ["web"], failed: [.init(name: "a", reason: "FATAL: exit code 1")]))
    }()

    static let causes: [EventCause] = [
        .none, .boot, .order(uid: 1000, pid: 7), .reset(uid: 0, pid: 8), .dependency("db"), .dependency(nil),
        .plugin("cron"),
        .configuration, .signal("SIGHUP"), .drain, .order(uid: 1, pid: 7, command: "supctl"),
    ]

    static let happenings: [Event.Happening] =
        causes.map {
            .state(
                StateEvent(
                    name: "web@2", from: .running, state: .backoff, ready: false, desired: .up, attempt: 4, pid: nil,
                    restarts: 3, cause: $0, exit: exits[0], nextStartAt: time, reason: "exit code 3",
                    decision: decisions[0]))
        }
        + [
            .state(
                StateEvent(
                    name: "web", from: .stopped, state: .starting, ready: false, desired: .up, attempt: 1, cause: .boot)
            )
        ]
        + [
            .health(HealthEvent(name: "web", from: .healthy, health: .unhealthy, problem: "refused")),
            .blocked(BlockedEvent(name: "web", blocked: nil, reason: "waits for db")),
            .blocked(
                BlockedEvent(
                    name: "web", blocked: ServiceBlock(by: ["db"], forGood: true),
                    reason: "cannot start without db (FATAL)")), .removed(RemovedEvent(name: "web@2")),
            .apply(ApplyEvent(applied: true, text: "1 service is added", cause: causes[7])), .ready,
            .plugin(PluginEvent(plugin: "otlp", text: "event sink fails")),
        ]
        + [DrainEvent.Step.began, .phase, .ended, .resumed].map { .drain(DrainEvent(step: $0, text: "services")) }
        + ["start", "stop", "restart", "reload", "scale", "signal", "reset-failed", "reopen-logs"].map {
            .order(OrderEvent(order: $0, services: ["a", "b"], count: 9, cause: causes[2], detail: "SIGHUP"))
        }

    static let decisions: [EndDecision] =
        EndDecision.Outcome.allCases.map {
            EndDecision($0, by: .policy, policy: "always", delay: .seconds(2), detail: "no")
        } + EndDecision.Basis.allCases.map { EndDecision(.stay, by: $0, policy: "no") }

    static let whys: [any WireValue] = {
        func why(_ decision: EndDecision?, _ wait: ServiceWait.Kind?) -> ServiceWhy {
            ServiceWhy(
                status: status(), cause: causes[2], source: ServiceSource(file: "/c", line: 3, changed: true),
                probe: ProbeAnswer(name: "http", purpose: .health, problem: "refused", at: time), decision: decision,
                waitsFor: wait.map { ServiceWait($0, "db (FATAL)", services: ["db"], until: time) },
                remedies: [Remedy("starts again", at: time), Remedy("starts it", command: "supctl start web")],
                history: happenings.map {
                    EventNotice(sequence: 17, content: .event(Event(time: time, happening: $0)))
                }, forgotten: 3, log: ServiceLog(name: "web", lines: lines))
        }
        let bare = ServiceWhy(
            status: status(), cause: .none, source: ServiceSource(file: "/c", line: 3),
            probe: ProbeAnswer(name: "tcp", purpose: .readiness), waitsFor: ServiceWait(.backoff, "its next start"),
            log: ServiceLog(name: "db", lines: []))
        let all = decisions.map { why($0, nil) } + ServiceWait.Kind.allCases.map { why(nil, $0) } + [bare]
        return [ServiceWhys(services: all)]
    }()

    static let notices: [Notice] =
        happenings.map {
            .event(EventNotice(sequence: 17, content: .event(Event(time: time, happening: $0))))
        }
        + [
            .event(EventNotice(sequence: 17, content: .gap(12))), .event(EventNotice(sequence: 3, content: .caughtUp)),
            .line(LineNotice(name: "web@1", content: .gap(4))),
        ] + lines.map { .line(LineNotice(name: "web@1", content: .line($0))) }

    /// What a method may be answered with: all members of the result are in one of them. A new method needs its line here, its `.params` and
    /// `.result` in contrib/protocol/supd.schema.json, and its chapter in docs/protocol.md.
    static func results(of method: Method) -> [any WireValue] {
        switch method {
        case .supervisorStatus: supervisors
        case .supervisorPing, .supervisorResume: SupervisorState.allCases.map { Acknowledgement(state: $0) }
        case .supervisorVersion: [VersionInfo()]
        case .supervisorDrain, .supervisorShutdown: drains
        case .serviceStatus: [ServiceList(services: statuses)]
        case .serviceStart, .serviceStop, .serviceRestart, .serviceReload, .serviceScale, .serviceSignal,
            .serviceResetFailed:
            [results]
        case .serviceTree: [trees]
        case .serviceWhy: whys
        case .serviceDefinition: [definitions]
        case .serviceDependencies: [dependencies]
        case .serviceTiming: timings
        case .tasksList: tasks
        case .logsRead: logs
        case .logsFollow:
            [LogSubscription(sequence: 1 << 40, started: time, services: [ServiceLog(name: "web", lines: lines)])]
        case .eventsSubscribe: [EventSubscription(sequence: 12, started: time, services: statuses)]
        case .pluginsList: [plugins]
        case .configPlan, .configReload: [plan]
        case .logsReopen: [ReopenedLogs(files: 2)]
        }
    }
}
