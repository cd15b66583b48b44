import SupdConfiguration
import SupdEngine
import SupdHost
import SupdJSON
import SupdPlugin
import SupdProtocol
import SupdTesting
import Testing

@testable import SupdDaemon

/// What clients are waited for, and what they wait for, in virtual time.
@Suite struct ClientDeadlineTests {
    private struct Slow: Plugin {
        let name = "slow"
        let version = "1.0.0"
        let summary = "Has a method that takes its time."

        func activate(_ options: PluginOptions, in activation: inout PluginActivation) {
            activation.controlMethod(
                ControlMethod("answer", access: .observe, summary: "Does not.") { params, _ in params })
        }
    }

    @Test func aPluginsMethodHasItsTimeAndNoMore() throws {
        let simulation = try Simulation([], seed: 341, plugins: [Slow()])
        simulation.host.work = { _ in .waits() }
        let client = simulation.host.connect()
        let begin = Duration.seconds(1)
        simulation.host.after(begin) { $0.send(#"{"id":1,"method":"plugin.slow.answer"}"# + "\n", as: client) }
        simulation.host.after(begin + ProtocolLimits.pluginMethod - .milliseconds(100)) { host in
            #expect(host.receive(as: client).isEmpty)
        }
        let (code, replies) = try simulation.run(
            until: begin + ProtocolLimits.pluginMethod + .milliseconds(100), listeningAs: client)
        #expect(code == 0)
        #expect(replies.contains(#""kind":"timed-out""#) && replies.contains("within 30s"), "\(replies)")
        // It was told to end then, and did: the drain has nothing to wait for.
        #expect(simulation.supervisor.drain.report().duration < .milliseconds(10))
    }

    /// A follower that does not read has a second to do so when the daemon ends, also one that owes the rest of a request.
    @Test(arguments: ["", #"{"id":2,"#])
    func aFollowerHasASecondToReadTheEnd(rest: String) throws {
        let simulation = try Simulation(
            (0..<400).map { number in try makeService("s\(number)") { $0.conduct.enabled = false } }, seed: 342)
        let follower = simulation.host.connect()
        let orders = simulation.host.connect()
        simulation.host.after(.seconds(1)) {
            $0.send(#"{"id":1,"method":"events.subscribe","params":{"since":0}}"# + "\n" + rest, as: follower)
        }
        simulation.host.after(.seconds(2)) {
            $0.send(#"{"method":"service.start","params":{"services":["*"]}}"# + "\n", as: orders)
        }
        simulation.host.after(.seconds(4)) { $0.send(.term) }
        #expect(try simulation.run() == 0)
        let took = simulation.supervisor.drain.report().duration
        #expect(took >= ProtocolLimits.followerFarewell && took < .milliseconds(1_200), "\(took)")
        #expect(simulation.log.contains("it has not read the end of what it followed"))
    }
}
