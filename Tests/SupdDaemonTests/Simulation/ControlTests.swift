import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol
import SupdTesting
import Testing

@testable import SupdDaemon

/// Bounds on what clients cost each other, in virtual time.
@Suite struct ControlTests {
    private static let ping = #"{"id":"p","method":"supervisor.ping"}"# + "\n"

    private func request(_ id: Int, _ method: String, _ params: String = "{}") -> String {
        #"{"id":\#(id),"method":"\#(method)","params":\#(params)}"# + "\n"
    }

    /// Many services that are not started, and a host where each look at the clock costs a millisecond.
    private func slow(_ count: Int, seed: UInt64, _ change: (inout ServiceConfiguration) -> Void = { _ in }) throws
        -> Simulation
    {
        let simulation = try Simulation(
            (0..<count).map { number in
                try makeService("s\(number)") {
                    $0.conduct.enabled = false
                    change(&$0)
                }
            }, seed: seed)
        simulation.host.timePerLook = .milliseconds(1)
        return simulation
    }

    /// How many turns of the loop go by until `client` has its answer, from when all have sent what they want.
    private func turns(
        _ simulation: Simulation, until client: SimulatedClient, sending: [(SimulatedClient, String)]
    ) throws -> Int {
        var turns = 0
        var answeredAfter: Int?
        simulation.host.after(.seconds(1)) { host in
            for (sender, text) in sending { host.send(text, as: sender) }
            host.onTurn = { host in
                turns += 1
                if answeredAfter == nil, !host.receive(as: client).isEmpty { answeredAfter = turns }
            }
        }
        simulation.host.after(.seconds(60)) { $0.send(.term) }
        #expect(try simulation.run() == 0)
        return try #require(answeredAfter)
    }

    @Test(arguments: [
        (#""service.status","params":{}"#, 311), (#""service.start","params":{"services":["*"]}"#, 312),
        (#""service.reset_failed","params":{"services":["*"]}"#, 313),
        (#""service.stop","params":{"services":["*","no*such*"]}"#, 314), (#""tasks.list""#, 315),
        (#""service.stop","params":{"services":["s1O"]}"#, 316),
    ])
    func aRequestOverManyServicesHoldsUpNobody(call: String, seed: UInt64) throws {
        let simulation = try slow(2_000, seed: seed)
        let busy = simulation.host.connect()
        let other = simulation.host.connect()
        let flood = String(repeating: #"{"id":1,"method":\#(call)}"# + "\n", count: 20)
        let turns = try turns(simulation, until: other, sending: [(busy, flood), (other, Self.ping)])
        #expect(turns <= 3, "the ping was answered after \(turns) turns")
        #expect(simulation.host.violations.isEmpty)
    }

    @Test func notificationsThatChangeNothingCostNothing() throws {
        let simulation = try slow(500, seed: 321)
        let busy = simulation.host.connect()
        var looks = 0
        let started = simulation.host
        simulation.host.after(.seconds(1)) {
            $0.send(String(repeating: #"{"method":"service.status"}"# + "\n", count: 200), as: busy)
            $0.onTurn = { _ in looks += 1 }
        }
        simulation.host.after(.seconds(2)) { host in
            // 200 steps of one millisecond in turns of five.
            #expect(looks < 60, "\(looks)")
            #expect(host.receive(as: busy).isEmpty)
            host.send(.term)
        }
        #expect(try simulation.run() == 0)
        #expect(started.violations.isEmpty)
    }

    @Test func aListIsWrittenAsItIsReadAndOtherAnswersComeBehindIt() throws {
        let simulation = try Simulation(
            (0..<1_000).map { number in try makeService("s\(number)") { $0.conduct.enabled = number == 0 } }, seed: 322)
        simulation.host.program = { _ in .success(ProcessScript(obedience: .exits(after: .seconds(3)))) }
        let client = simulation.host.connect()
        var received = ""
        var most = 0
        simulation.host.after(.seconds(1)) {
            $0.send(
                self.request(1, "service.stop", #"{"services":["s0"],"wait":true}"#) + self.request(2, "service.status")
                    + self.request(3, "supervisor.ping"), as: client)
        }
        // It reads nothing for so long that the stop's answer comes in the midst of the list.
        simulation.host.after(.seconds(6)) { host in
            received += host.receive(as: client)
            host.onTurn = { host in
                let connection = simulation.supervisor.control.server.connections.first
                most = max(most, connection?.output.bytes.count ?? 0)
                received += host.receive(as: client)
            }
        }
        simulation.host.after(.seconds(20)) { $0.send(.term) }
        #expect(try simulation.run() == 0)
        let lines = received.split(separator: "\n")
        #expect(lines.count == 3)
        for line in lines { _ = try Reply.decode(Array(line.utf8)) }
        #expect(lines.first?.hasPrefix(#"{"jsonrpc":"2.0","id":2,"#) == true)
        let status = try #require(lines.first).split(separator: #""name":"#).count - 1
        #expect(status == 1_000)
        #expect(most <= 2 * ProtocolLimits.bytesWaitingToBeWritten + 8192, "\(most) bytes were kept")
    }

    @Test func aClientThatIsGoneIsForgottenWithWhatItWaitsFor() throws {
        let simulation = try Simulation([makeService("web") { $0.conduct.enabled = false }], seed: 323)
        simulation.host.program = { _ in .success(ProcessScript(obedience: .ignores)) }
        let clients = (0..<3).map { _ in simulation.host.connect() }
        let wait = request(1, "service.stop", #"{"services":["web"],"wait":true,"timeout":86400}"#)
        simulation.host.after(.seconds(1)) {
            $0.send(self.request(0, "service.start", #"{"services":["web"]}"#), as: clients[2])
        }
        simulation.host.after(.seconds(2)) { host in
            host.send(wait, as: clients[0])
            // More than may be in flight: nothing is read from it any more.
            host.send(String(repeating: wait, count: 40), as: clients[1])
        }
        simulation.host.after(.milliseconds(2_500)) { host in
            host.hangUp(clients[0])
            host.hangUp(clients[1])
        }
        simulation.host.after(.seconds(3)) { host in
            #expect(host.isClosed(clients[0]) && host.isClosed(clients[1]))
            #expect(simulation.supervisor.control.server.count == 1)
            #expect(simulation.supervisor.control.waiting.all.isEmpty)
            #expect(host.armedTimers.allSatisfy { $0 < host.now.advanced(by: .seconds(3_600)) })
            host.send(.quit)
        }
        _ = try simulation.run()
    }

    @Test func whoOnlySaysThatNoMoreComesIsAnswered() throws {
        let simulation = try Simulation([makeService("web")], seed: 324)
        simulation.host.program = { _ in .success(ProcessScript(obedience: .exits(after: .seconds(2)))) }
        let client = simulation.host.connect()
        var reply = ""
        simulation.host.after(.seconds(1)) { host in
            host.send(self.request(1, "service.stop", #"{"services":["web"],"wait":true}"#), as: client)
            host.endInput(of: client)
        }
        simulation.host.after(.seconds(5)) { host in
            reply = host.receive(as: client)
            #expect(host.isClosed(client))
            host.send(.term)
        }
        #expect(try simulation.run() == 0)
        #expect(reply.contains(#""state":"STOPPED""#), "\(reply)")
    }

    /// What was sent before its end counts, as with a pipe.
    @Test func theOrdersOfAClientThatHasLeftAreCarriedOut() throws {
        let simulation = try slow(300, seed: 325)
        let client = simulation.host.connect()
        simulation.host.after(.seconds(1)) { host in
            for number in 0..<300 {
                host.send(#"{"method":"service.start","params":{"services":["s\#(number)"]}}"# + "\n", as: client)
            }
            host.hangUp(client)
        }
        simulation.host.after(.seconds(30)) { host in
            #expect(host.spawnCount == 300)
            #expect(host.isClosed(client))
            host.send(.term)
        }
        #expect(try simulation.run() == 0)
    }

    @Test func ordersOfOneClientAreCarriedOutInTheirOrder() throws {
        let simulation = try slow(200, seed: 326)
        let client = simulation.host.connect()
        let stop = request(2, "service.stop", #"{"services":["*"]}"#)
        let start = request(1, "service.start", #"{"services":["*"]}"#)
        var replies = ""
        simulation.host.after(.seconds(1)) { $0.send(start + stop + start + stop, as: client) }
        simulation.host.onTurn = { replies += $0.receive(as: client) }
        simulation.host.after(.seconds(30)) { host in
            #expect(host.livingProcesses == 0)
            #expect(replies.split(separator: "\n").count == 4)
            host.send(.term)
        }
        #expect(try simulation.run() == 0)
        #expect(simulation.host.violations.isEmpty)
    }

    @Test func whoIsDeniedManyTimesIsMadeToWaitAndIsNotKept() throws {
        let simulation = try Simulation([makeService("web")], seed: 327)
        let stranger = simulation.host.connect(uid: 7)
        let flood = String(repeating: request(1, "supervisor.ping"), count: 200)
        var denials = 0
        simulation.host.after(.seconds(1)) { $0.send(flood, as: stranger) }
        simulation.host.after(.milliseconds(1_350)) { host in
            denials = host.receive(as: stranger).split(separator: "\n").count
        }
        simulation.host.after(.seconds(15)) { host in
            #expect(host.isClosed(stranger))
            host.send(.term)
        }
        #expect(try simulation.run() == 0)
        #expect(denials == 4 * ProtocolLimits.denialsBeforeRest)
        #expect(simulation.log.split(separator: "\n").count { $0.contains("denied ") } == 1)
    }

    @Test func timesAreTheSameInEveryAnswer() throws {
        let simulation = try Simulation([makeService("web")], seed: 328)
        let client = simulation.host.connect()
        var replies: [Substring] = []
        for at in [1_000, 1_007, 2_013, 9_000] {
            simulation.host.after(.milliseconds(Int64(at))) { $0.send(self.request(1, "service.status"), as: client) }
        }
        simulation.host.wallJitter = .milliseconds(3)
        simulation.host.after(.seconds(10)) { host in
            replies = host.receive(as: client).split(separator: "\n")
            host.send(.term)
        }
        #expect(try simulation.run() == 0)
        let times = replies.compactMap { $0.firstMatch(of: /"since":"([^"]*)"/)?.1 }
        #expect(times.count == 4 && Set(times).count == 1, "\(times)")
    }

    @Test func theStarIsNamedToWhoWritesAll() throws {
        let simulation = try Simulation([makeService("ball")], seed: 329)
        let client = simulation.host.connect()
        simulation.host.after(.seconds(1)) {
            $0.send(self.request(1, "service.stop", #"{"services":["all"]}"#), as: client)
        }
        let (code, replies) = try simulation.run(until: .seconds(2), listeningAs: client)
        #expect(code == 0)
        #expect(replies.contains("no service is named 'all'; '*' means every service"), "\(replies)")
    }

    @Test func aConnectionWaitsForABoundedNumberOfInstances() throws {
        let simulation = try Simulation(
            (0..<110).map { number in
                try makeService("s\(number)") {
                    $0.instances = 1_000
                    $0.conduct.enabled = false
                }
            }, seed: 330)
        let client = simulation.host.connect()
        simulation.host.after(.seconds(1)) {
            $0.send(self.request(1, "service.stop", #"{"services":["*"],"wait":true}"#), as: client)
        }
        let (code, replies) = try simulation.run(until: .seconds(2), listeningAs: client)
        #expect(code == 0)
        #expect(replies.contains("over 100000 instances"), "\(replies.prefix(200))")
    }
}
