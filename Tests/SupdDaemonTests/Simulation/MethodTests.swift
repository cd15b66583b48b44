import SupdConfiguration
import SupdProtocol
import SupdTesting
import Testing

@testable import SupdDaemon

/// That the daemon serves what the protocol has.
@Suite struct MethodTests {
    /// What a method is given that must be given something.
    private static let params: [Method: String] = [
        .serviceStart: #"{"services":["web"]}"#, .serviceStop: #"{"services":["web"]}"#,
        .serviceRestart: #"{"services":["web"]}"#, .serviceReload: #"{"services":["web"]}"#,
        .serviceSignal: #"{"services":["web"],"signal":"SIGHUP"}"#, .serviceResetFailed: #"{"services":["web"]}"#,
        .serviceScale: #"{"service":"web","instances":1}"#, .logsRead: #"{"services":["web"]}"#,
        .logsFollow: #"{"services":["web"]}"#, .serviceWhy: #"{"services":["web"]}"#,
        .serviceDefinition: #"{"services":["web"]}"#,
    ]

    @Test(arguments: Method.allCases) func everyMethodIsAnsweredOnce(_ method: Method) throws {
        let simulation = try Simulation([makeService("web") { $0.conduct.enabled = false }], seed: 340)
        let client = simulation.host.connect()
        simulation.host.after(.seconds(1)) {
            $0.send(
                #"{"id":1,"method":"\#(method.rawValue)","params":\#(Self.params[method] ?? "{}")}"# + "\n", as: client)
        }
        // The answer to a shutdown is all that is left once the daemon has ended.
        let replies =
            try simulation.run(until: .seconds(9), listeningAs: client).replies
            + simulation.host.receive(as: client)
        // What follows an answer tells of what happens meanwhile.
        let lines = replies.split(separator: "\n").filter { !$0.contains(#""method":"#) }
        #expect(lines.count == 1)
        guard case .failure(let error) = try Reply.decode(Array(try #require(lines.first).utf8)).outcome else { return }
        // Some have nothing to do here, and say so; none is unknown, or does not understand what it is given.
        #expect(error.kind == .failed, "\(error)")
    }
}
