import FakeDaemon
import SupdClient
import SupdConnection
import SupdPlugin
import SupdProtocol
import Synchronization
import Testing

@Suite struct SupdClientTests {
    @Test func everyMethodSendsItsRequest() async throws {
        let time = WallTime(nanoseconds: 0)
        let daemon = try FakeDaemon.start { request, peer in
            switch request.call {
            case .supervisorPing: peer.reply(Acknowledgement(state: .running), to: request)
            case .supervisorVersion: peer.reply(VersionInfo(), to: request)
            case .supervisorStatus:
                let status = SupervisorStatus(
                    state: .running, pid: 1, version: "1", since: time, uptime: .zero, status: "", residentBytes: 1,
                    proportionalBytes: 1, services: [:], tasks: 0, connections: 1, config: nil, socket: "/s",
                    processTracking: .controlGroups("/sys/fs/cgroup/supd"))
                peer.reply(status, to: request)
            case .supervisorResume: peer.reply(Acknowledgement(state: .running), to: request)
            case .pluginsList: peer.reply(PluginList(plugins: []), to: request)
            case .plugin, .logsFollow, .eventsSubscribe: break
            case .configPlan, .configReload:
                peer.reply(ConfigurationPlanReply(token: "t", path: "/c"), to: request)
            case .logsReopen: peer.reply(ReopenedLogs(files: 2), to: request)
            case .tasksList: peer.reply(TaskList(registry: .open, tasks: []), to: request)
            case .logsRead: peer.reply(LogRead(services: []), to: request)
            case .serviceStatus: peer.reply(ServiceList(services: []), to: request)
            case .serviceWhy: peer.reply(ServiceWhys(services: []), to: request)
            case .serviceDefinition: peer.reply(ServiceDefinitions(services: []), to: request)
            case .serviceDependencies: peer.reply(ServiceDependencies(services: []), to: request)
            case .serviceTiming: peer.reply(ServiceTimings(started: time, ready: nil, services: []), to: request)
            case .serviceTree: peer.reply(ServiceTrees(services: []), to: request)
            case .serviceStart, .serviceStop, .serviceRestart, .serviceReload, .serviceScale, .serviceSignal,
                .serviceResetFailed:
                peer.reply(ServiceResults(services: []), to: request)
            case .supervisorDrain(let params), .supervisorShutdown(let params):
                guard params.wait else { return peer.reply(Acknowledgement(state: .draining), to: request) }
                let report = DrainReport(cause: "", startedAt: time, duration: .zero, exitCode: 0, phases: [])
                peer.reply(report, to: request)
            }
        }
        let client = try SupdClient(path: daemon.path)
        try await client.ping()
        _ = try await client.version()
        _ = try await client.supervisorStatus()
        _ = try await client.tasks()
        _ = try await client.logs(services: ["a"], lines: 5)
        _ = try await client.status()
        try await client.start(services: ["a"], timeout: .seconds(1))
        try await client.stop(services: ["a"], wait: false)
        try await client.restart(services: ["a"])
        try await client.reload(services: ["a"], timeout: .seconds(2))
        try await client.scale(service: "a", instances: 2)
        _ = try await client.tree()
        _ = try await client.why(services: ["a"])
        _ = try await client.definitions(services: ["a"])
        _ = try await client.dependencies()
        _ = try await client.timings(services: ["a"])
        try await client.signal(.hup, services: ["a"])
        try await client.resetFailed(services: ["a"])
        try await client.resume()
        _ = try await client.plugins()
        #expect(try await client.plan().token == "t")
        try await client.apply(expect: "t", deferred: true, timeout: .seconds(3))
        #expect(try await client.reopenLogs(services: ["a"]) == 2)
        try await client.drain()
        try await client.shutdown()
        #expect(try await client.drainAndWait(timeout: .seconds(1)).exitCode == 0)
        #expect(try await client.shutdownAndWait().exitCode == 0)

        #expect(
            daemon.requests.map(\.call) == [
                .supervisorPing, .supervisorVersion, .supervisorStatus, .tasksList,
                .logsRead(LogsParams(services: ["a"], lines: 5)), .serviceStatus(ServiceSelection()),
                .serviceStart(OrderParams(services: ["a"], wait: true, timeout: .seconds(1))),
                .serviceStop(OrderParams(services: ["a"])), .serviceRestart(OrderParams(services: ["a"], wait: true)),
                .serviceReload(OrderParams(services: ["a"], wait: true, timeout: .seconds(2))),
                .serviceScale(ScaleParams(service: "a", instances: 2, wait: true)),
                .serviceTree(TreeParams()), .serviceWhy(WhyParams(services: ["a"])),
                .serviceDefinition(ServiceSelection(services: ["a"])),
                .serviceDependencies(DependencyParams()), .serviceTiming(ServiceSelection(services: ["a"])),
                .serviceSignal(SignalParams(services: ["a"], signal: .hup)),
                .serviceResetFailed(ServiceSelection(services: ["a"])), .supervisorResume, .pluginsList,
                .configPlan, .configReload(ReloadParams(expect: "t", deferred: true, timeout: .seconds(3))),
                .logsReopen(ServiceSelection(services: ["a"])), .supervisorDrain(DrainParams()),
                .supervisorShutdown(DrainParams()), .supervisorDrain(DrainParams(wait: true, timeout: .seconds(1))),
                .supervisorShutdown(DrainParams(wait: true)),
            ])
    }

    @Test func repliesMayComeOutOfOrder() async throws {
        let held = Mutex<Request?>(nil)
        let daemon = try FakeDaemon.start { request, peer in
            // The first request is answered after the second one.
            let first = held.withLock { held in
                defer { held = held ?? request }
                return held
            }
            guard let first else { return }
            peer.reply(Self.answer(to: request), to: request)
            peer.reply(Self.answer(to: first), to: first)
        }
        let client = try SupdClient(path: daemon.path)
        async let one = client.logs(services: ["one"])
        async let two = client.logs(services: ["two"])
        #expect(try await one.first?.name == "one")
        #expect(try await two.first?.name == "two")
    }

    private static func answer(to request: Request) -> LogRead {
        guard case .logsRead(let params) = request.call else { return LogRead(services: []) }
        return LogRead(services: params.services.map { ServiceLog(name: $0, lines: []) })
    }

    @Test func manyCallsAtOnceStayWithinWhatTheDaemonTakes() async throws {
        let unanswered = Mutex<(now: Int, most: Int, waiting: [Request])>((0, 0, []))
        let daemon = try FakeDaemon.start { request, peer in
            let due = unanswered.withLock { state -> [Request] in
                state.now += 1
                state.most = max(state.most, state.now)
                state.waiting.append(request)
                // Answered a full load at a time: a client that sent no more than that waits for it now.
                guard state.waiting.count == ProtocolLimits.requestsInFlight else { return [] }
                defer {
                    state.waiting = []
                    state.now = 0
                }
                return state.waiting
            }
            for request in due { peer.reply(Acknowledgement(state: .running), to: request) }
        }
        let client = try SupdClient(path: daemon.path)
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<ProtocolLimits.requestsInFlight * 4 {
                group.addTask { (try? await client.ping()) != nil }
            }
            for await answered in group { #expect(answered) }
        }
        #expect(unanswered.withLock { $0.most } == ProtocolLimits.requestsInFlight)
    }

    @Test func aCancelledCallReturnsAtOnceAndTheOthersGoOn() async throws {
        let arrived = AsyncStream<Void>.makeStream()
        let daemon = try FakeDaemon.start { request, peer in
            guard case .supervisorPing = request.call else {
                arrived.continuation.yield()
                return
            }
            peer.reply(Acknowledgement(state: .running), to: request)
        }
        let client = try SupdClient(path: daemon.path)
        let waiting = Task { () async -> ClientError? in
            do throws(ClientError) {
                _ = try await client.drainAndWait()
                return nil
            } catch {
                return error
            }
        }
        for await _ in arrived.stream { break }
        waiting.cancel()
        #expect(await waiting.value == .cancelled)
        #expect(try await client.ping().state.known == .running)
    }

    @Test func aCallOfACancelledTaskIsNotSent() async throws {
        let daemon = try FakeDaemon.start { $1.reply(Acknowledgement(state: .running), to: $0) }
        let client = try SupdClient(path: daemon.path)
        let result = await Task { () async -> ClientError? in
            withUnsafeCurrentTask { $0?.cancel() }
            do throws(ClientError) {
                try await client.ping()
                return nil
            } catch {
                return error
            }
        }.value
        #expect(result == .cancelled)
        #expect(daemon.requests.isEmpty)
    }

    @Test func silenceEndsAtTheTimeout() async throws {
        let daemon = try FakeDaemon.start { _, _ in }
        let client = try SupdClient(path: daemon.path)
        await #expect(throws: ClientError.timedOut(after: .milliseconds(20))) {
            try await client.call(.supervisorPing, timeout: .milliseconds(20))
        }
    }

    @Test func aLostConnectionFailsItsCallsAndTheNextCallConnectsAgain() async throws {
        let calls = Mutex(0)
        let daemon = try FakeDaemon.start { request, peer in
            let count = calls.withLock { count in
                count += 1
                return count
            }
            if count == 1 { return peer.hangUp() }
            peer.reply(Acknowledgement(state: .running), to: request)
        }
        let client = try SupdClient(path: daemon.path)
        await #expect(throws: ClientError.closed) { try await client.ping() }
        #expect(try await client.ping().state.known == .running)
    }

    @Test func nobodyAtThePathIsNoDaemon() async throws {
        let client = try SupdClient(path: "/nonexistent/control.sock")
        await #expect(throws: ClientError.noDaemon(path: "/nonexistent/control.sock", ErrorNumber(2))) {
            try await client.status()
        }
    }

    @Test(.timeLimit(.minutes(1))) func aClientThatIsLetGoClosesItsConnection() async throws {
        let ended = AsyncStream<Void>.makeStream()
        let daemon = try FakeDaemon.start {
            $1.reply(Acknowledgement(state: .running), to: $0)
        } onEnd: {
            ended.continuation.yield()
        }
        var client: SupdClient? = try SupdClient(path: daemon.path)
        try await client?.ping()
        client = nil
        for await _ in ended.stream { break }
    }
}
