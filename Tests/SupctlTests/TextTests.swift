import SupdPlugin
import SupdProtocol
import Testing

@testable import supctl

@Suite struct TextTests {
    @Test func linesOfSeveralServicesComeInTheOrderOfTime() {
        func line(_ milliseconds: Int64, _ text: String, _ stream: LogLine.Stream = .stdout, cut: Bool = false)
            -> LogLine
        {
            let time = WallTime(nanoseconds: now.nanoseconds + milliseconds * 1_000_000)
            return LogLine(time: time, stream: stream, text: text, truncated: cut)
        }
        let log = LogRead(services: [
            ServiceLog(name: "a", lines: [line(0, "first"), line(2, "third", .stderr), line(2, "fourth", cut: true)]),
            ServiceLog(name: "b", lines: [line(1, "second\u{7}"), line(2, "fifth")], dropped: 12),
        ])
        #expect(
            LogText.text(log) == """
                2024-02-29T00:00:00.000Z a | first
                2024-02-29T00:00:00.001Z b | second\\u{7}
                2024-02-29T00:00:00.002Z a ! third
                2024-02-29T00:00:00.002Z a | fourth […]
                2024-02-29T00:00:00.002Z b | fifth

                """)
        let coloured = LogText.text(log, hasColour: true)
        #expect(
            coloured.contains("\u{1B}[")
                && LogText.text(LogRead(services: [log.services[0]]), hasColour: true).contains("Z a | first"))
        #expect(
            LogText.warnings(log, asked: 20) == "supctl: b: 12 lines were dropped since the daemon started\n")
    }

    @Test func whatHasNotEndedComesLastAndWhatIsMissingIsExplained() {
        let log = LogRead(
            services: [
                ServiceLog(name: "a", lines: [], unfinished: [LogLine(time: now, stream: .stdout, text: "login: ")]),
                ServiceLog(name: "b", lines: [LogLine(time: now, stream: .stdout, text: "b")], shortage: .memory),
            ]
                + zip(
                    "cdefg", [.reply, .memoryOff, .sinkNone, .sinkInherit, .sinkJournalDirect] as [ServiceLog.Shortage]
                ).map {
                    ServiceLog(name: String($0), lines: [], shortage: $1)
                })
        #expect(
            LogText.text(log) == """
                2024-02-29T00:00:00.000Z b | b
                2024-02-29T00:00:00.000Z a | login:  [unfinished]

                """)
        #expect(
            LogText.warnings(log, asked: 9) == """
                supctl: b: 1 of 9 lines: log.memory has no room for older ones
                supctl: c: 0 of 9 lines: a reply takes no more; name fewer services at once
                supctl: d: nothing is kept: log.memory is 0
                supctl: e: nothing is kept: log.sink is "none"
                supctl: f: nothing is kept: log.sink is "inherit", the output of supd itself
                supctl: g: nothing is kept: log.sink is "journal-direct": journalctl -t g

                """)
    }

    /// It is alone on the screen of 'top': an empty one would say nothing.
    @Test func aPageWithoutLinesSaysWhy() {
        func page(_ lines: [LogLine] = [], _ shortage: ServiceLog.Shortage? = nil) -> String {
            LogText.page(LogRead(services: [ServiceLog(name: "a", lines: lines, shortage: shortage)]), asked: 200)
        }
        #expect(page() == "it has written nothing")
        #expect(page([], .memoryOff) == "nothing is kept: log.memory is 0")
        #expect(page([], .sinkJournalDirect).hasPrefix("nothing is kept: log.sink is \"journal-direct\""))
        let line = LogLine(time: now, stream: .stdout, text: "b")
        #expect(page([line], .memory) == "2024-02-29T00:00:00.000Z a | b\n")
    }

    @Test func whoHasNoLineOfStandardErrorMayHaveItInTheSamePipe() {
        let line = LogLine(time: now, stream: .stdout, text: "b")
        let log = LogRead(
            services: [
                ServiceLog(name: "a", lines: [LogLine(time: now, stream: .stderr, text: "e"), line]),
                ServiceLog(name: "b", lines: [line]), ServiceLog(name: "c", lines: [], shortage: .memoryOff),
                ServiceLog(name: "d", lines: [line], separateStderr: true),
            ])
        func warnings(_ filter: LogFilter, _ count: Int = 20) -> String {
            Presentation(json: false, terminal: .none, now: now).outcome(of: log, filter, asked: count).errors
        }
        #expect(
            warnings(LogFilter(isOfErrors: true)) == """
                supctl: c: nothing is kept: log.memory is 0
                supctl: b: no such line: standard error is told apart only with log.stderr = "separate"

                """)
        #expect(
            !warnings(LogFilter()).contains("such line") && !warnings(LogFilter(isOfErrors: true), 0).contains("such"))
    }

    @Test func tasksAreATable() {
        let list = TaskList(
            registry: .draining,
            tasks: [
                TaskStatus(
                    name: "instance web", kind: .service, phase: .services, state: .cancelled, age: .seconds(90),
                    deadline: .milliseconds(1500), registeredAt: "Supervisor.swift:12"),
                TaskStatus(
                    name: "log pump web", kind: .cleanup, phase: .flush, state: .running, age: .seconds(1),
                    registeredAt: "LogRouter.swift:40", parent: "instance web"),
            ])
        #expect(
            TaskTable.text(list, terminal: .none) == """
                TASK          KIND     PHASE     STATE           AGE  LEFT  REGISTERED AT
                instance web  service  services  cancelled  1min 30s  1.5s  Supervisor.swift:12
                log pump web  cleanup  flush     running          1s     -  LogRouter.swift:40 (by instance web)

                registry draining, 2 tasks

                """)
    }

    @Test func theReportNamesWhatWentWrong() {
        let report = DrainReport(
            cause: "ordered by uid 0, pid 12", startedAt: now, duration: .milliseconds(1234), exitCode: 75,
            phases: [
                DrainedPhase(phase: .announce, duration: .milliseconds(1), outcome: .completed),
                DrainedPhase(phase: .services, duration: .seconds(1), outcome: .timedOut),
            ],
            tasksCompleted: 4, tasksCancelled: 1,
            tasksAbandoned: [
                AbandonedTask(name: "report", kind: .job, phase: .jobs, age: .seconds(9), registeredAt: "A.swift:1")
            ],
            servicesStopped: ["web@1", "web@2"], servicesKilled: ["db"], servicesCutShort: ["db"],
            servicesAbandoned: [
                AbandonedProcess(name: "nfs", pid: 77, command: "/usr/bin/nfs -v", startedAt: now)
            ], hooksFailed: ["x: no\n"], linesLost: 22529)
        #expect(
            ReportText.text(report, terminal: .none) == """
                drained in 1.23s: ordered by uid 0, pid 12; exit code 75
                PHASE     TOOK  OUTCOME
                announce   1ms  completed
                services    1s  timed-out
                services: 2 stopped, 1 killed: db, 1 cut short: db, 1 abandoned: nfs (pid 77, /usr/bin/nfs -v, started 2024-02-29T00:00:00.000Z)
                tasks: 4 completed, 1 cancelled, 1 abandoned: report (job, 9s old, A.swift:1)
                hook failed: x: no\\n
                logs: 22529 lines lost

                """)
    }

    @Test func aCleanReportIsShort() {
        let report = DrainReport(
            cause: "SIGTERM", startedAt: now, duration: .milliseconds(40), exitCode: 0,
            phases: [DrainedPhase(phase: .services, duration: .milliseconds(40), outcome: .completed)],
            tasksCompleted: 2, servicesStopped: ["web"])
        #expect(
            ReportText.text(report, terminal: .none) == """
                drained in 40ms: SIGTERM; exit code 0
                PHASE     TOOK  OUTCOME
                services  40ms  completed
                services: 1 stopped
                tasks: 2 completed, 0 cancelled

                """)
    }

    @Test func infoSaysWhenTheConfigurationWasRead() {
        var status = SupervisorStatus(
            state: .running, pid: 1, version: "1", since: now, uptime: .seconds(1), status: "ok", residentBytes: nil,
            proportionalBytes: nil, services: [:], tasks: 1, connections: 2, config: "/c", socket: "/s",
            processTracking: .controlGroups("/g"))
        func text() -> String { InfoText.text(status, terminal: Terminal(width: 60)) }
        #expect(text().contains("configuration: /c\nsocket: /s\n"))
        status.configurationReadAt = now
        #expect(text().contains("configuration: /c\nread: 2024-02-29T00:00:00.000Z\nsocket: /s\n"))
        status.configurationChanged = false
        #expect(text().contains("read: 2024-02-29T00:00:00.000Z; unchanged since\n"))
        status.configurationChanged = true
        #expect(text().contains("read: 2024-02-29T00:00:00.000Z\nchanged since then: see 'supctl plan'\n"))
    }

    @Test func infoIsNotCut() {
        let status = SupervisorStatus(
            state: .running, pid: 1, version: "1", since: now, uptime: .seconds(1),
            status: "1 of 3 running; failed: alpha, beta", residentBytes: nil, proportionalBytes: nil, services: [:],
            tasks: 1, connections: 2, config: "/c", socket: "/s", processTracking: .controlGroups("/g/supd"))
        #expect(
            InfoText.text(status, terminal: Terminal(width: 40)) == """
                supd 1, pid 1
                state: RUNNING, up 1s; 1 of 3 running;
                  failed: alpha, beta
                configuration: /c
                socket: /s
                processes: by control groups below
                  /g/supd

                """)
        #expect(InfoText.text(status, terminal: .none).contains("; 1 of 3 running; failed: alpha, beta\n"))
        #expect(!InfoText.text(status, terminal: Terminal(width: 1)).isEmpty)
    }

    @Test func infoSaysWhenTheWatchdogWasPinged() {
        var status = SupervisorStatus(
            state: .running, pid: 1, version: "1", since: now, uptime: .seconds(1), status: "ok", residentBytes: nil,
            proportionalBytes: nil, services: [:], tasks: 1, connections: 2, config: "/c", socket: "/s",
            processTracking: .controlGroups("/g"))
        func text() -> String { InfoText.text(status, terminal: Terminal(width: 90)) }
        #expect(!text().contains("watchdog"))
        status.watchdog = WatchdogStatus(interval: .seconds(30), pingedAt: nil)
        #expect(text().hasSuffix("watchdog: not pinged yet; systemd wants that every 30s\n"))
        status.watchdog?.pingedAt = now
        #expect(text().hasSuffix("watchdog: last pinged 2024-02-29T00:00:00.000Z; systemd wants that every 30s\n"))
        status.loop = LoopStatus(
            turns: 9, median: .microseconds(21), percentile99: .milliseconds(1),
            longest: LoopStatus.Turn(took: .microseconds(2345), at: now, work: "300 exits, 1 timer"))
        #expect(
            text().hasSuffix(
                """
                loop: half of its turns took 21us at most, 99 of 100 1ms
                longest turn: 2.34ms, at 2024-02-29T00:00:00.000Z: 300 exits, 1 timer

                """))
    }
}
