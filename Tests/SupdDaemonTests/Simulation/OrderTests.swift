import EngineChecks
import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol
import SupdTesting
import Testing

@testable import SupdDaemon

/// Orders that come while another is carried out: each that waits is answered.
@Suite struct OrderTests {
    /// Sends orders of two clients, and answers what the first one got within ten seconds. `web` takes 3 s to stop.
    private func replies(
        _ services: [String], requires: [String: [String]] = [:], seed: UInt64,
        _ orders: [(at: Int, method: String, service: String)], change: (inout ServiceConfiguration) -> Void = { _ in }
    ) throws -> [Substring] {
        let simulation = try Simulation(
            services.map { try makeService($0, requires: requires[$0] ?? [], change) }, seed: seed)
        simulation.host.program = { _ in .success(ProcessScript(obedience: .exits(after: .seconds(3)))) }
        let first = simulation.host.connect()
        let others = simulation.host.connect()
        for (number, order) in orders.enumerated() {
            simulation.host.after(.milliseconds(Int64(order.at))) {
                $0.send(
                    #"{"id":\#(number),"method":"service.\#(order.method)","params":{"services":["\#(order.service)"],"#
                        + #""wait":\#(number == 0)}}"# + "\n", as: number == 0 ? first : others)
            }
        }
        var replies: [Substring] = []
        simulation.host.after(.seconds(10)) { host in
            replies = host.receive(as: first).split(separator: "\n")
            host.send(.term)
        }
        #expect(try simulation.run() == 0)
        return replies
    }

    @Test func aStopIsAnsweredWhereAStartComesBeforeItsEnd() throws {
        let replies = try replies(["web"], seed: 301, [(1_000, "stop", "web"), (2_000, "start", "web")])
        #expect(replies.count == 1, "\(replies)")
        #expect(replies.first?.contains("web is RUNNING: started by order") == true, "\(replies)")
    }

    /// Its dependents use it to their end, and no event would tell of anything else.
    @Test func whatWaitsForItsDependentsBeforeItStopsCanDoItsWork() throws {
        let services = [try makeService("web"), try makeService("front", requires: ["web"])]
        let simulation = try Simulation(services, seed: 303)
        simulation.host.program = { _ in .success(ProcessScript(obedience: .exits(after: .seconds(3)))) }
        let client = simulation.host.connect()
        simulation.order("stop", of: "web", at: 1_000, as: client)
        var waiting: (isReady: Bool, mayBeNeeded: Bool)?
        simulation.host.after(.seconds(2)) { _ in
            let status = simulation.supervisor.status(of: 0)
            #expect(status.state.known == .running && status.desired.known == .down, "\(status)")
            waiting = (status.ready, simulation.supervisor.fleet[0].isUp)
        }
        let (code, replies) = try simulation.run(until: .seconds(10), listeningAs: client)
        #expect(code == 0)
        #expect(waiting?.isReady == true && waiting?.mayBeNeeded == false)
        #expect(replies.contains(#""ready":false"#), "\(replies)")
    }

    @Test func aStopIsAnsweredThatAStartTakesBack() throws {
        let replies = try replies(
            ["web", "front"], requires: ["front": ["web"]], seed: 302,
            [(1_000, "stop", "web"), (2_000, "start", "web")])
        #expect(replies.count == 1, "\(replies)")
        #expect(replies.first?.contains("web is RUNNING: ") == true, "\(replies)")
    }

    /// What only waited is shown as STOPPED before and after.
    @Test func aStartIsAnsweredThatAStopMeetsWhileItWaits() throws {
        let replies = try replies(
            ["web", "dep"], requires: ["web": ["dep"]], seed: 304,
            [(1_000, "start", "web"), (2_000, "stop", "web")]
        ) {
            // It never ends, so what requires it waits.
            if $0.name.rawValue == "dep" { $0.conduct.type = .oneshot }
        }
        #expect(replies.count == 1, "\(replies)")
        #expect(replies.first?.contains("web is STOPPED: stopped by order") == true, "\(replies)")
    }

    @Test func aRestartIsAnsweredThatAStopAndAStartFollow() throws {
        let replies = try replies(
            ["web", "front"], requires: ["front": ["web"]], seed: 303,
            [(1_000, "restart", "web"), (1_500, "stop", "web"), (2_000, "start", "web")])
        #expect(replies.count == 1, "\(replies)")
        #expect(replies.first?.contains(#""state":"RUNNING""#) == true, "\(replies)")
    }
}
