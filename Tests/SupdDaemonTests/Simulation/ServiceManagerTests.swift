import SupdConfiguration
import SupdHost
import SupdPlugin
import SupdTesting
import Testing

@testable import SupdDaemon

/// What the service manager hears of a daemon in virtual time.
@Suite struct ServiceManagerTests {
    private func times(of message: String, in simulation: Simulation, until end: Duration) throws -> [Duration] {
        let start = simulation.host.now
        var times: [Duration] = []
        simulation.host.failure = { call, _ in
            // It is called before what was told is kept, so what is new is the one before.
            guard call == .notify else { return nil }
            simulation.host.after(.zero) { host in
                guard host.notifications.last?.hasPrefix(message) == true else { return }
                times.append(host.now.duration(since: start))
            }
            return nil
        }
        simulation.host.after(end) { $0.send(.term) }
        #expect(try simulation.run() == 0)
        return times
    }

    @Test func theWatchdogHearsOfTheDaemonThreeTimesInItsTime() throws {
        let simulation = try Simulation([makeService("web")], seed: 1)
        simulation.host.watchdogInterval = .seconds(30)
        let times = try times(of: "WATCHDOG=1", in: simulation, until: .seconds(95))
        #expect(times.count >= 10, "\(times)")
        for (earlier, later) in zip(times, times.dropFirst()) {
            #expect(later - earlier <= .seconds(10.5), "\(times)")
        }
    }

    @Test func whoIsNotWatchedSaysNothing() throws {
        let simulation = try Simulation([makeService("web")], seed: 2)
        let client = simulation.host.connect()
        simulation.host.send(#"{"id":1,"method":"supervisor.status"}"# + "\n", as: client)
        let (code, replies) = try simulation.run(until: .seconds(95), listeningAs: client)
        #expect(code == 0)
        #expect(!simulation.host.notifications.contains { $0.hasPrefix("WATCHDOG") })
        #expect(replies.contains(#""watchdog":null"#), "\(replies)")
    }

    @Test func theStatusSaysWhenTheWatchdogWasTold() throws {
        let simulation = try Simulation([makeService("web")], seed: 3)
        simulation.host.watchdogInterval = .seconds(30)
        let client = simulation.host.connect()
        simulation.host.after(.seconds(15)) {
            $0.send(#"{"id":1,"method":"supervisor.status"}"# + "\n", as: client)
        }
        let (code, replies) = try simulation.run(until: .seconds(20), listeningAs: client)
        #expect(code == 0)
        #expect(replies.contains(#""watchdog":{"interval":30.0,"pinged_at":""#), "\(replies)")
    }

    /// One that takes nothing meanwhile is told again in time, and nothing is kept for it.
    @Test func aWatchdogThatDoesNotTakeItIsToldAgain() throws {
        let simulation = try Simulation([makeService("web")], seed: 4)
        simulation.host.watchdogInterval = .seconds(30)
        var tries = 0
        simulation.host.failure = { call, _ in
            guard call == .notify else { return nil }
            tries += 1
            return (3...4).contains(tries) ? ErrorNumber(11) : nil
        }
        simulation.host.after(.seconds(95)) { $0.send(.term) }
        #expect(try simulation.run() == 0)
        #expect(simulation.host.notifications.count { $0 == "WATCHDOG=1" } >= 8)
    }

    @Test func aStartThatTakesLongPushesTheDeadlineOutUntilItIsReady() throws {
        let migrate = try makeService("migrate") {
            $0.conduct.type = .oneshot
            $0.conduct.timeoutStart = nil
        }
        let simulation = try Simulation([migrate, makeService("web", requires: ["migrate"])], seed: 5)
        simulation.host.program = { request in
            .success(ProcessScript(runsFor: request.arguments.first == "/bin/migrate" ? .seconds(62) : nil))
        }
        var armed: [TimerToken] = []
        simulation.host.after(.seconds(63)) { armed = $0.armedTokens }
        simulation.host.after(.seconds(120)) { $0.send(.term) }
        #expect(try simulation.run() == 0)
        // An idle daemon is woken by nothing.
        #expect(armed == [], "\(armed)")
        let told = simulation.host.notifications
        let ready = try #require(told.firstIndex { $0.hasPrefix("READY=1") })
        let stopping = try #require(told.firstIndex { $0.hasPrefix("STOPPING=1") })
        #expect(told[..<ready].count { $0 == "EXTEND_TIMEOUT_USEC=20000000" } == 13, "\(told)")
        #expect(!told[ready..<stopping].contains { $0.hasPrefix("EXTEND") && $0 != told[stopping - 1] }, "\(told)")
    }

    @Test func theSentenceNamesWhoIsNotWell() throws {
        let services = try ["api", "mail"].map { name in
            try makeService(name) { $0.conduct.startLimit = StartLimit(burst: 1_000, interval: .seconds(1)) }
        }
        let others = try (1...12).map { try makeService("s\($0)") }
        let broken = try (1...10).map { try makeService("b\($0)", restart: "no") }
        let simulation = try Simulation(services + others + broken, seed: 6)
        simulation.host.program = { request in
            let program = request.arguments.first ?? ""
            if program.hasPrefix("/bin/b") {
                return .failure(SpawnFailure(stage: .exec, error: ErrorNumber(2), subject: program))
            }
            let ends = program == "/bin/api" || program == "/bin/mail"
            return .success(ProcessScript(runsFor: ends ? .milliseconds(1) : nil, ends: .exited(code: 1)))
        }
        simulation.host.after(.seconds(300)) { $0.send(.term) }
        #expect(try simulation.run() == 0)
        let fatal = "fatal: b1, b2, b3, b4, b5, b6, b7, b8 and 2 more"
        let told = simulation.host.notifications
        #expect(told.contains("STATUS=12 of 24 running; backoff: api, mail; \(fatal)"), "\(told)")
    }

    @Test func theEndSaysItsExitStatus() throws {
        let simulation = try Simulation([makeService("web")], seed: 7)
        simulation.host.after(.seconds(1)) { $0.send(.term) }
        #expect(try simulation.run() == 0)
        let last = try #require(simulation.host.notifications.last)
        #expect(last.hasPrefix("STATUS=Shut down") && last.hasSuffix("\nEXIT_STATUS=0"), "\(last)")
    }

    /// Where nothing is left to stop, the drain begins and ends in one turn, at the end of which the sentence is looked at once more.
    @Test func nothingIsSaidOverTheEnd() throws {
        let simulation = try Simulation([makeService("web", restart: "no") { $0.conduct.essential = true }], seed: 8)
        simulation.host.program = { _ in .success(ProcessScript(runsFor: .seconds(3), ends: .exited(code: 9))) }
        #expect(try simulation.run() == 9)
        let last = try #require(simulation.host.notifications.last)
        #expect(last.hasPrefix("STATUS=Shut down") && last.hasSuffix("\nEXIT_STATUS=9"), "\(last)")
    }

    // MARK: Sockets that it hands over

    private func given(
        _ name: String, _ descriptor: Int32, _ address: ListenAddress?, kind: ListenSocket.Kind? = .stream
    )
        -> HandedOverSocket
    {
        HandedOverSocket(name: name, socket: BoundSocket(descriptor: descriptor), kind: kind, address: address)
    }

    /// By its name, whatever its address; of two of one name each has its own, by its address.
    @Test func aServiceGetsTheSocketThatItsNameIsOn() throws {
        let (four, six) = (
            ListenAddress.internet(host: "127.0.0.1", port: 80), ListenAddress.internet(host: "::1", port: 80)
        )
        let services = try [
            makeService("web") {
                $0.sockets = [
                    ListenSocket(name: "http", address: four), ListenSocket(name: "admin", address: .path("/a")),
                    ListenSocket(name: "own", address: .path("/own")),
                ]
            }, makeService("other") { $0.sockets = [ListenSocket(name: "http", address: six)] },
        ]
        let simulation = try Simulation(services, seed: 8)
        simulation.host.handedOver = [
            given("http", 1_001, six), given("http", 1_000, four), given("admin", 1_002, .path("/elsewhere")),
        ]
        var passed: [String: [PassedSocket]] = [:]
        simulation.host.program = { request in
            passed[request.arguments[0]] = request.sockets
            return .success(ProcessScript())
        }
        simulation.host.after(.seconds(1)) { $0.send(.term) }
        #expect(try simulation.run() == 0)
        #expect(passed["/bin/web"]?.map(\.name) == ["http", "admin", "own"])
        #expect(passed["/bin/web"]?.prefix(2).map(\.socket.descriptor) == [1_000, 1_002])
        #expect(passed["/bin/web"].map { $0[2].socket.descriptor < 1_000 } == true, "bound by supd")
        #expect(passed["/bin/other"]?.map(\.socket.descriptor) == [1_001])
        #expect(simulation.log.contains("web: socket 'admin' is the service manager's, at /elsewhere in place of /a"))
    }

    /// Who bound it anew would find the address in use.
    @Test func whatTheServiceManagerHoldsIsKeptWhileItsServiceIsDown() throws {
        let address = ListenAddress.internet(host: "127.0.0.1", port: 80)
        let simulation = try Simulation(
            [makeService("web") { $0.sockets = [ListenSocket(name: "http", address: address)] }], seed: 9)
        simulation.host.handedOver = [given("http", 1_000, address)]
        var passed: [Int32] = []
        simulation.host.program = { request in
            passed += request.sockets.map(\.socket.descriptor)
            return .success(ProcessScript())
        }
        let client = simulation.host.connect()
        simulation.order("stop", of: "web", at: 1_000, as: client)
        simulation.order("start", of: "web", at: 2_000, as: client)
        #expect(try simulation.run(until: .seconds(3), listeningAs: client).code == 0)
        #expect(passed == [1_000, 1_000])
        #expect(simulation.host.unbound == [])
    }

    // MARK: What it keeps

    private func told(_ word: String, in simulation: Simulation) -> [String] {
        simulation.host.notifications.filter { $0.hasPrefix(word) }
    }

    private func listening(at address: ListenAddress) throws -> ServiceConfiguration {
        try makeService("web") { $0.sockets = [ListenSocket(name: "http", address: address)] }
    }

    /// A manager that takes nothing for a while is told what is still so, and no more.
    @Test func whatTheServiceManagerKeepsIsWhatIsHeld() throws {
        let simulation = try Simulation([listening(at: .internet(host: "127.0.0.1", port: 80))], seed: 11)
        simulation.host.storedDescriptors = 2
        let start = simulation.host.now
        simulation.host.failure = { [unowned host = simulation.host] call, _ in
            let after = host.now.duration(since: start)
            // What is bound first is let go before it can be told, and bound again.
            return call == .notify && (after < .seconds(3) || after > .seconds(5) && after < .seconds(7))
                ? ErrorNumber(111) : nil
        }
        let client = simulation.host.connect()
        for (time, order) in [(1, "stop"), (2, "start"), (6, "stop"), (12, "start")] {
            simulation.order(order, of: "web", at: time * 1_000, as: client)
        }
        simulation.host.after(.seconds(20)) { $0.send(.term) }
        #expect(try simulation.run() == 0)
        #expect(
            told("FDSTORE", in: simulation) == [
                "FDSTORE=1\nFDNAME=supd/socket/2/web/http\nFDPOLL=0", "FDSTOREREMOVE=1\nFDNAME=supd/socket/2/web/http",
                "FDSTORE=1\nFDNAME=supd/socket/3/web/http\nFDPOLL=0",
            ])
        // Only what the manager had is ended for all, and not at the end, when it is for the next daemon.
        #expect(simulation.host.storedAbove.count == 2)
        #expect(simulation.host.ended == Array(simulation.host.storedAbove.prefix(1)))
    }

    @Test func aManagerThatKeepsNothingIsToldNothing() throws {
        let simulation = try Simulation([listening(at: .internet(host: "127.0.0.1", port: 80))], seed: 12)
        simulation.host.after(.seconds(1)) { $0.send(.term) }
        #expect(try simulation.run() == 0)
        #expect(told("FDSTORE", in: simulation) == [])
    }

    @Test func whatAnEarlierDaemonBoundIsForWhoWouldBindItSo() throws {
        let address = ListenAddress.internet(host: "127.0.0.1", port: 80)
        let simulation = try Simulation([listening(at: address)], seed: 13)
        simulation.host.storedDescriptors = 2
        simulation.host.handedOver = [
            given("supd/socket/4/renamed/http", 1_000, address),
            given("supd/socket/9/web/http", 1_001, .internet(host: "127.0.0.1", port: 81)),
            given("supd/stored/7/gone/-/label", 1_002, nil, kind: nil),
        ]
        var passed: [Int32] = []
        simulation.host.program = { request in
            passed += request.sockets.map(\.socket.descriptor)
            return .success(ProcessScript())
        }
        simulation.host.after(.seconds(1)) { $0.send(.term) }
        #expect(try simulation.run() == 0)
        #expect(passed == [1_000])
        #expect(
            told("FDSTORE", in: simulation) == [
                "FDSTOREREMOVE=1\nFDNAME=supd/socket/9/web/http", "FDSTOREREMOVE=1\nFDNAME=supd/stored/7/gone/-/label",
            ])
        #expect(simulation.host.unbound.map(\.descriptor) == [1_001, 1_002, 1_000])
    }

    @Test func whatNobodyAsksForIsSaidAndClosed() throws {
        let address = ListenAddress.internet(host: "127.0.0.1", port: 80)
        let services = try ["a", "b"].map { name in
            try makeService(name) { $0.sockets = [ListenSocket(name: "http", address: .path("/\(name)"))] }
        }
        let simulation = try Simulation(services, seed: 10)
        simulation.host.handedOver = [
            given("other", 1_000, address), given("unknown", 1_001, nil, kind: nil),
            // Two ask for the name, and none for the address.
            given("http", 1_002, address), given("http", 1_003, .path("/a"), kind: .datagram),
        ]
        simulation.host.after(.seconds(1)) { $0.send(.term) }
        #expect(try simulation.run() == 0)
        #expect(Set(simulation.host.unbound.map(\.descriptor)).isSuperset(of: 1_000...1_003))
        for words in [
            "'other' (stream 127.0.0.1:80), and no service asks for that in its 'sockets': it is closed",
            "'unknown', and no service asks for that in its 'sockets': it is closed",
            "'http' (stream 127.0.0.1:80), and which of a, b is to have it is not known, as none asks for its address",
            "'http' (datagram /a), and a asks for one of the type stream: it is closed",
        ] {
            #expect(simulation.log.contains("the service manager handed over \(words)"), "\(words): \(simulation.log)")
        }
    }
}
