import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdTesting
import Testing

@testable import SupdDaemon

/// `service.scale` in virtual time.
@Suite struct ScaleTests {
    /// Sends each order at its time, in milliseconds, and a SIGTERM at 60 s. Answers what came back until then.
    private func scale(
        _ orders: [(at: Int, count: Int)], seed: UInt64, wait: Bool = true,
        _ change: (Simulation) -> Void = { _ in }, service: (inout ServiceConfiguration) -> Void = { _ in }
    ) throws -> (replies: [Substring], simulation: Simulation) {
        let simulation = try Simulation([makeService("web", service)], seed: seed)
        change(simulation)
        let client = simulation.host.connect()
        for (number, order) in orders.enumerated() {
            simulation.host.after(.milliseconds(Int64(order.at))) {
                $0.send(
                    #"{"id":\#(number),"method":"service.scale","params":{"service":"web","instances":\#(order.count),"#
                        + #""wait":\#(wait)}}"# + "\n", as: client)
            }
        }
        var replies: [Substring] = []
        simulation.host.after(.seconds(59)) { host in
            replies = host.receive(as: client).split(separator: "\n")
        }
        simulation.host.after(.seconds(60)) { $0.send(.term) }
        #expect(try simulation.run() == 0)
        #expect(simulation.host.livingProcesses == 0 && simulation.host.violations.isEmpty)
        return (replies, simulation)
    }

    private func states(_ reply: Substring) -> [String] {
        reply.matches(of: /"name":"([^"]*)".*?"state":"([A-Z]*)"/).map { "\($0.1) \($0.2)" }
    }

    @Test func moreAreAnsweredOnceTheyRun() throws {
        let (replies, simulation) = try scale([(1_000, 3)], seed: 201)
        #expect(replies.count == 1 && simulation.host.spawnCount == 3)
        #expect(states(replies[0]) == ["web@1 RUNNING", "web@2 RUNNING", "web@3 RUNNING"], "\(replies)")
    }

    @Test func theOrderAloneIsAnsweredAtOnce() throws {
        let (replies, _) = try scale([(1_000, 2)], seed: 202, wait: false)
        #expect(replies.count == 1 && states(replies[0]).first == "web@1 RUNNING")
        #expect(states(replies[0]).last != "web@2 RUNNING", "\(replies)")
    }

    @Test func fewerAreAnsweredOnceTheOthersAreDown() throws {
        let (replies, simulation) = try scale([(1_000, 1)], seed: 203) {
            $0.host.program = { _ in .success(ProcessScript(obedience: .exits(after: .seconds(2)))) }
        } service: {
            $0.instances = 3
        }
        #expect(states(replies[0]) == ["web@1 RUNNING", "web@3 STOPPED", "web@2 STOPPED"].sorted(), "\(replies)")
        let down = try #require(simulation.place(of: "web@2 is stopped"))
        #expect(try down < #require(simulation.place(containing: "SIGTERM")))
    }

    /// The second comes while the first stops what it wants back.
    @Test func theLastOrderWins() throws {
        let (replies, simulation) = try scale([(1_000, 1), (1_500, 3)], seed: 204) {
            $0.host.program = { _ in .success(ProcessScript(obedience: .exits(after: .seconds(2)))) }
        } service: {
            $0.instances = 3
        }
        let last = try #require(replies.first { $0.contains(#""id":1,"#) || $0.contains(#""id":1}"#) }, "\(replies)")
        #expect(states(last) == ["web@1 RUNNING", "web@2 RUNNING", "web@3 RUNNING"], "\(replies)")
        #expect(replies.count == 2 && simulation.host.spawnCount == 5)
    }

    @Test func oneThatDoesNotComeUpIsNamed() throws {
        var count = 0
        let (replies, _) = try scale([(1_000, 2)], seed: 205) {
            $0.host.program = { _ in
                count += 1
                guard count > 1 else { return .success(ProcessScript()) }
                return .failure(SpawnFailure(stage: .exec, error: ErrorNumber(2), subject: "/bin/web"))
            }
        }
        #expect(replies[0].contains("web@2 is ") && replies[0].contains("ENOENT"), "\(replies)")
        #expect(states(replies[0]).first == "web@1 RUNNING")
    }

    @Test func anInstanceIsNotScaled() throws {
        let simulation = try Simulation([makeService("web") { $0.instances = 2 }], seed: 207)
        let client = simulation.host.connect()
        simulation.host.after(.seconds(1)) {
            $0.send(
                #"{"id":1,"method":"service.scale","params":{"service":"web@2","instances":3}}"# + "\n", as: client)
        }
        let (code, reply) = try simulation.run(until: .seconds(2), listeningAs: client)
        #expect(code == 0)
        #expect(reply.contains("'web@2' is one instance: scale 'web'"), "\(reply)")
    }
}
