import SupdJSON
import SupdPlugin
import SupdProtocol
import Testing

@testable import supctl

/// `-H`, but for ssh itself.
@Suite struct HostsTests {
    /// As systemctl(1) takes them.
    @Test(arguments: [
        ("web1", "web1"), ("me@web1", "me@web1"), ("web1:2222", "ssh://web1:2222"), ("me@web1:22", "ssh://me@web1:22"),
        ("fe80::1", "fe80::1"), ("me@[fe80::1]:22", "ssh://me@[fe80::1]:22"), ("web1:", "web1:"), ("web1:x", "web1:x"),
    ])
    func aHostMayHaveAPort(_ host: String, destination: String) {
        #expect(Tunnels.destination(host) == destination)
    }

    private func result(_ reply: some WireValue) throws -> JSONValue {
        var writer = JSONWriter()
        reply.encode(into: &writer)
        return try JSONValue(parsing: String(decoding: writer.bytes, as: UTF8.self), limits: .document)
    }

    private func outcome(_ verb: Verb, json: Bool = false, _ answers: [HostAnswer]) -> Outcome {
        HostsPresentation(json: json, terminal: .none, now: now).outcome(of: verb, answers)
    }

    private let silent = HostAnswer(
        host: "beta", result: .failure(LinkFailure(status: .noDaemon, message: "ssh: no route")))

    @Test(arguments: [
        ("-H web1 status", ["web1"]), ("status --host a,root@b -H c", ["a", "root@b", "c"]), ("-Ha -H a ping", ["a"]),
        ("-H a logs -f", ["a"]),
    ])
    func hostsAreRead(_ line: String, expected: [String]) {
        #expect(parse(line)?.hosts == expected)
    }

    @Test(arguments: [
        "-H -x status", "-H a,,b status", "-H a, status", "-H a,b logs -f", "-H a,b top", "-H a,b tasks --watch",
    ])
    func whatCannotBeIsRefused(_ line: String) {
        #expect(parse(line) == nil)
    }

    @Test func severalAreOneTableWithEachFailureARow() throws {
        let list = ServiceList(services: [status(instance("web"), .running, pid: 7), status(instance("db"), .stopped)])
        let shown = outcome(
            .status(services: []), [HostAnswer(host: "alpha", result: .success(try result(list))), silent])
        #expect(
            shown.output == """
                HOST   NAME  STATE    PID    SINCE  RESTARTS  REASON
                alpha  web   RUNNING    7  1min 5s         3
                alpha  db    STOPPED    -  1min 5s         3
                beta   -     -          -        -         -  ssh: no route

                """)
        #expect(shown.errors == "supctl: beta: ssh: no route\n")
        #expect(shown.status == .noDaemon)
    }

    @Test func jsonIsOneDocument() throws {
        let list = ServiceList(services: [])
        let shown = outcome(
            .status(services: []), json: true, [HostAnswer(host: "alpha", result: .success(try result(list))), silent])
        #expect(
            shown.output
                == #"{"hosts":[{"host":"alpha","result":{"services":[]}},{"host":"beta","error":"ssh: no route"}]}"#
                + "\n")
    }

    /// As those of one host.
    @Test func linesAreFilteredInJSONAsWell() throws {
        func line(_ text: String) -> LogLine { LogLine(time: now, stream: .stdout, text: text) }
        var log = LogRead(services: [ServiceLog(name: "web", lines: [line("an ERROR"), line("fine"), line("ERROR 2")])])
        let verb = try #require(parse("logs --grep ERROR -n 1 web")?.verb)
        let shown = outcome(verb, json: true, [HostAnswer(host: "alpha", result: .success(try result(log)))])
        log.services[0].lines.removeFirst(2)
        #expect(shown.output == #"{"hosts":[{"host":"alpha","result":\#(try result(log))}]}"# + "\n")
    }

    @Test func otherWordsStandBehindTheirHost() throws {
        let answer = HostAnswer(host: "alpha", result: .success(try result(Acknowledgement(state: .running))))
        let shown = outcome(.ping, [answer, silent])
        #expect(shown.output == "alpha: supd is RUNNING\n")
        #expect(shown.status == .noDaemon)
        #expect(outcome(.ping, [answer]).status == .done)
    }
}
