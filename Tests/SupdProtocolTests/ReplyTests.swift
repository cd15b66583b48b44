import SupdJSON
import SupdPlugin
import SupdProtocol
import Testing

@Suite struct ReplyTests {
    private static let time = WallTime(nanoseconds: 1_709_164_800_123_000_000)

    private static func status(_ name: InstanceName) -> ServiceStatus {
        ServiceStatus(
            name: name, description: "public site", state: .backoff, desired: .up, pid: nil, leftBehind: [21, 22],
            since: time,
            restarts: 4,
            attempt: 5,
            lastExit: LastExit(
                ExitRecord(
                    attempt: 4, pid: 17, outcome: .signaled(.kill, coreDumped: false), ranFor: .milliseconds(1500)),
                at: time, success: false),
            nextStartAt: time, reason: "waits 2s before it is run again", type: .exec, restartPolicy: "on-failure",
            tags: ["front"])
    }

    @Test func aStatusHasTheKeysOfTheContract() {
        let expected =
            #"{"name":"web@2","service":"web","instance":2,"description":"public site","state":"BACKOFF","#
            + #""ready":false,"health":null,"desired":"up","pid":null,"left_behind":[21,22],"since":"2024-02-29T00:00:00.123Z","restarts":4,"attempt":5,"#
            + #""last_exit":{"description":"killed by SIGKILL","success":false,"forced":null,"code":null,"signal":"SIGKILL","core_dumped":false,"out_of_memory":false,"command":null,"#
            + #""errno":null,"stage":null,"subject":null,"at":"2024-02-29T00:00:00.123Z","ran_for":1.5},"#
            + #""next_start_at":"2024-02-29T00:00:00.123Z","reason":"waits 2s before it is run again","type":"exec","#
            + #""restart_policy":"on-failure","tags":["front"]}"#
        #expect(text(Self.status(instance("web", 2))) == expected)
    }

    @Test func aStatusComesBack() throws {
        let status = Self.status(instance("web", 2))
        #expect(try roundTrip(status) == status)
        let bare = ServiceStatus(
            name: instance("db"), state: .running, ready: true, desired: .up, pid: 12, since: Self.time, reason: "",
            type: .oneshot, restartPolicy: "no")
        #expect(try roundTrip(bare) == bare)
        let list = ServiceList(services: [status, bare])
        #expect(try roundTrip(list) == list)
    }

    @Test func anOlderDefinitionIsToldOnlyWhereOneRuns() throws {
        var status = Self.status(instance("web"))
        #expect(!text(status).contains("outdated"))
        status.outdated = true
        #expect(text(status).hasSuffix(#""tags":["front"],"outdated":true}"#))
        #expect(try roundTrip(status) == status)
    }

    @Test func anEndForWantOfMemoryAndOneOfACommandAreToldApart() throws {
        let killed = LastExit(
            ExitRecord(attempt: 1, pid: 7, outcome: .outOfMemory, ranFor: .zero), at: Self.time, success: false)
        #expect(killed.signal == "SIGKILL" && killed.outOfMemory)
        #expect(try roundTrip(killed) == killed)
        let failed = LastExit(
            ExitRecord(attempt: 1, pid: nil, outcome: .exited(code: 4), command: .startPre, ranFor: .zero),
            at: Self.time, success: false)
        #expect(failed.description == "exec_start_pre: exit code 4" && failed.command?.known == .startPre)
        #expect(try roundTrip(failed) == failed)
    }

    @Test func theProcessesOfAServiceComeBack() throws {
        let process = TreeProcess(
            pid: 7, parent: 1, command: "web --port 80", state: "S", processorTime: .milliseconds(120),
            residentBytes: 4096, age: .seconds(9))
        var child = process
        child.pid = 8
        let tree = ServiceTree(
            name: "web", state: .running, pid: 7, controlGroup: "/sys/fs/cgroup/supd/web", processes: [process, child])
        let value = try json(text(tree)).objectValue
        #expect(value?["cpu"] == 0.24 && value?["memory"] == 8192)
        var unknown = tree
        unknown.processes = nil
        let members = try json(text(unknown)).objectValue
        #expect(members?["cpu"] == .null && members?["memory"] == .null && members?["processes"] == .null)
        let trees = ServiceTrees(services: [tree, unknown])
        #expect(try roundTrip(trees) == trees)
    }

    @Test func bothWaysToTellProcessesApartComeBack() throws {
        for tracking in [ProcessTrackingStatus.controlGroups("/sys/fs/cgroup/supd"), .descent("not delegated")] {
            #expect(try roundTrip(tracking) == tracking)
        }
    }

    @Test func aSpawnThatFailedSaysStageErrorAndSubject() throws {
        let failure = SpawnFailure(stage: .exec, error: ErrorNumber(2), subject: "/usr/bin/wbe")
        let exit = LastExit(
            ExitRecord(attempt: 1, pid: nil, outcome: .spawnFailed(failure), ranFor: .zero), at: Self.time,
            success: false)
        #expect(exit.errno == "ENOENT")
        #expect(exit.stage == "exec")
        #expect(exit.subject == "/usr/bin/wbe")
        #expect(exit.code == nil)
        #expect(try roundTrip(exit) == exit)
    }

    @Test func anErrorStandsBesideItsService() throws {
        let status = Self.status(instance("web"))
        let results = ServiceResults(services: [
            ServiceResult(status: status), ServiceResult(status: status, error: ProtocolError(.failed, "no")),
        ])
        let value = try json(text(results))
        let objects = try #require(value.objectValue?["services"]?.arrayValue?.map(\.objectValue))
        #expect(objects[0]?["error"] == nil)
        #expect(objects[1]?["error"]?.objectValue?["code"] == -32006)
        #expect(objects[1]?["state"] == "BACKOFF")
        #expect(try roundTrip(results) == results)
    }

    @Test func theSupervisorStatusComesBack() throws {
        let status = SupervisorStatus(
            state: .running, pid: 1, version: VersionInfo.current, since: Self.time, uptime: .milliseconds(90_500),
            status: "3 services running", residentBytes: 5_000_000, proportionalBytes: nil,
            services: [.running: 3, .fatal: 1, .stopped: 0],
            drain: DrainStatus(cause: "SIGTERM", phase: .jobs, phaseLeft: .milliseconds(1500), left: .seconds(50)),
            tasks: 9, connections: 2, config: nil, socket: "/s",
            processTracking: .descent("not delegated"))
        #expect(status.services.total == 4)
        #expect(try roundTrip(status) == status)
        let counts = try json(text(status)).objectValue?["services"]?.objectValue
        #expect(counts?["total"] == 4)
        #expect(counts?["RUNNING"] == 3)
        #expect(counts?["STOPPED"] == 0)
    }

    @Test func whatIsKnownOfTheConfigurationComesBack() throws {
        var status = SupervisorStatus(
            state: .running, pid: 1, version: "1", since: Self.time, uptime: .zero, status: "", residentBytes: nil,
            proportionalBytes: nil, services: [:], tasks: 0, connections: 1, config: "/c", socket: "/s",
            processTracking: .descent("not delegated"))
        #expect(!text(status).contains("configuration_"))
        status.configurationReadAt = Self.time
        status.configurationChanged = false
        let expected = #""configuration_read_at":"2024-02-29T00:00:00.123Z","configuration_changed":false,"#
        #expect(text(status).contains(expected))
        #expect(try roundTrip(status) == status)
    }

    @Test func theWatchdogComesBack() throws {
        var status = SupervisorStatus(
            state: .running, pid: 1, version: "1", since: Self.time, uptime: .zero, status: "", residentBytes: nil,
            proportionalBytes: nil, services: [:], tasks: 0, connections: 1, config: nil, socket: "/s",
            processTracking: .descent("not delegated"), watchdog: WatchdogStatus(interval: .seconds(30), pingedAt: nil))
        #expect(try roundTrip(status) == status)
        status.watchdog?.pingedAt = Self.time
        #expect(
            text(status).hasSuffix(#""watchdog":{"interval":30.0,"pinged_at":"2024-02-29T00:00:00.123Z"},"loop":null}"#)
        )
        #expect(try roundTrip(status) == status)
    }

    @Test func theSmallRepliesComeBack() throws {
        #expect(try roundTrip(VersionInfo()) == VersionInfo())
        #expect(VersionInfo().methods.contains("logs.read"))
        #expect(try roundTrip(Acknowledgement(state: .draining)) == Acknowledgement(state: .draining))
        let tasks = TaskList(
            registry: .draining,
            tasks: [
                TaskStatus(
                    name: "instance web", kind: .service, phase: .services, state: .cancelled, age: .seconds(3),
                    deadline: .milliseconds(250), registeredAt: "Supervisor.swift:12", parent: nil),
                TaskStatus(
                    name: "log pump web", kind: .cleanup, phase: .flush, state: .running, age: .zero,
                    registeredAt: "LogRouter.swift:40", parent: "instance web"),
            ])
        #expect(try roundTrip(tasks) == tasks)
        let logs = LogRead(services: [
            ServiceLog(
                name: "web",
                lines: [
                    LogLine(time: Self.time, stream: .stdout, text: "line \u{1B}[1m\n"),
                    LogLine(time: Self.time, stream: .stderr, text: "", level: .warning, truncated: true),
                ], dropped: 3)
        ])
        #expect(try roundTrip(logs) == logs)
        let short = LogRead(services: [
            ServiceLog(
                name: "web", lines: [], unfinished: [LogLine(time: Self.time, stream: .stdout, text: "login: ")],
                earlier: 1 << 40, shortage: .reply, separateStderr: true)
        ])
        #expect(try roundTrip(short) == short)
    }

    @Test func theDrainReportComesBack() throws {
        let report = DrainReport(
            cause: "ordered by uid 0, pid 12", startedAt: Self.time, duration: .milliseconds(1234), exitCode: 75,
            phases: [
                DrainedPhase(phase: .announce, duration: .zero, outcome: .completed),
                DrainedPhase(phase: .services, duration: .seconds(1), outcome: .timedOut),
            ],
            tasksCompleted: 4, tasksCancelled: 1,
            tasksAbandoned: [
                AbandonedTask(name: "t", kind: .job, phase: .jobs, age: .seconds(9), registeredAt: "A.swift:1")
            ],
            servicesStopped: ["web@1"], servicesKilled: ["db", "mail"], servicesCutShort: ["mail"],
            servicesAbandoned: [AbandonedProcess(name: "nfs", pid: 77, command: "nfs -v", startedAt: Self.time)],
            hooksFailed: ["hook x: no"], linesLost: 3)
        #expect(try roundTrip(report) == report)
    }

    @Test func whatIsWrongInAReplyIsNamedByItsPlace() throws {
        var value = try json(text(ServiceList(services: [Self.status(instance("web"))])))
        guard case .object(var list) = value, case .array(var services)? = list["services"],
            case .object(var service) = services[0], case .object(var exit)? = service["last_exit"]
        else {
            Issue.record("the list has another form")
            return
        }
        exit["ran_for"] = "soon"
        service["last_exit"] = .object(exit)
        services[0] = .object(service)
        list["services"] = .array(services)
        value = .object(list)
        let error = #expect(throws: WireError.self) { try ServiceList(from: value) }
        #expect(error?.path == "services[0].last_exit.ran_for")
        #expect(error?.problem == #"expected a number of seconds, found '"soon"'"#)
    }

    @Test func aReplyIsReadWithItsIDAndOutcome() throws {
        var writer = JSONWriter()
        Reply.write(Acknowledgement(state: .running), to: .integer(4), into: &writer)
        #expect(
            String(decoding: writer.bytes, as: UTF8.self) == #"{"jsonrpc":"2.0","id":4,"result":{"state":"RUNNING"}}"#
                + "\n")
        let reply = try Reply.decode(writer.bytes.dropLast())
        #expect(reply.id == .integer(4))
        #expect(try Acknowledgement(from: reply.outcome.get()).state.known == .running)

        writer.removeAll()
        Reply.write(error: ProtocolError(.busy, "m"), to: nil, into: &writer)
        let refused = try Reply.decode(writer.bytes)
        #expect(refused.id == nil)
        #expect(refused.outcome == .failure(ProtocolError(.busy, "m")))
    }

    @Test(arguments: ["", "[]", "{}", #"{"id":1}"#, #"{"error":{}}"#, #"{"error":7}"#])
    func aLineThatIsNoReplyIsAnError(_ line: String) {
        #expect(throws: WireError.self) { try Reply.decode(Array(line.utf8)) }
    }
}
