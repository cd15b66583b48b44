import SupdConfiguration
import SupdPlugin
import Testing

@Suite struct SupervisorTests {
    private func supervisor(_ lines: String) throws -> SupervisorConfiguration {
        try Load.good("[supervisor]\n\(lines)\n").supervisor
    }

    @Test func aFileThatSaysNothingIsTheStandard() throws {
        let configuration = try Load.good("")
        let supervisor = configuration.supervisor
        #expect(supervisor.socket == nil && supervisor.exitWhen == .never && supervisor.startParallelism == 64)
        #expect(supervisor.drain == DrainBudget() && supervisor.hooks.isEmpty && configuration.services.isEmpty)
        #expect(supervisor.controlGroups == .auto && supervisor.connections == 64)
    }

    @Test func everyKeyReachesItsPlace() throws {
        let supervisor = try supervisor(
            """
            socket = "/run/x.sock"
            exit_when = "all-exited"
            control_groups = "off"
            start_parallelism = 7
            connections = 200
            drain = { timeout = "20s", quiesce = "1s", jobs = "2s", services = "3s", flush = "4s" }
            """)
        #expect(supervisor.socket == "/run/x.sock" && supervisor.exitWhen == .allExited)
        #expect(supervisor.startParallelism == 7 && supervisor.connections == 200 && supervisor.controlGroups == .off)
        let drain = supervisor.drain
        #expect(drain.timeout == .seconds(20) && drain.quiesce == .seconds(1) && drain.jobs == .seconds(2))
        #expect(drain.services == .seconds(3) && drain.flush == .seconds(4))
    }

    @Test func aShorterTimeoutAloneShortensTheBudgetsInProportion() throws {
        let drain = try supervisor("drain.timeout = \"6s\"").drain
        #expect(drain.quiesce == .milliseconds(500) && drain.jobs == .seconds(1))
        #expect(drain.services == .seconds(4) && drain.flush == .milliseconds(500))
        let tiny = try supervisor("drain.timeout = \"0.003us\"").drain
        #expect(tiny.quiesce > .zero && tiny.flush > .zero)
    }

    @Test func aLongerTimeoutAloneLeavesTheBudgets() throws {
        let drain = try supervisor("drain.timeout = \"2h\"").drain
        #expect(drain.services == .seconds(40) && drain.timeout == .seconds(7200))
    }

    @Test func budgetsOverTheTimeoutAreRefusedWithWhatFits() {
        #expect(
            Load.faults("[supervisor.drain]\ntimeout = \"10s\"\nservices = \"8s\"\n") == [
                "2:11: the budgets of the drain, quiesce 5s + jobs 10s + services 8s + flush 5s, are 28s and over its timeout of 10s; "
                    + "what fits is quiesce = \"500ms\", jobs = \"1s\", flush = \"500ms\", or timeout = \"28s\""
            ])
        #expect(Load.faults("[supervisor.drain]\nservices = \"50s\"\n").count == 1)
        #expect(Load.faults("[supervisor.drain]\njobs = 0\n").count == 1)
    }

    /// What a sentence names is taken, whatever the numbers are.
    @Test(arguments: [
        ["timeout": "10s", "services": "8s"], ["timeout": "10s", "services": "12s"],
        ["timeout": "10s", "services": "10s"],
        ["timeout": "1h", "jobs": "59min", "services": "3min 7s"], ["timeout": "7.777s", "flush": "1.111s"],
        ["timeout": "20s", "quiesce": "19.999s"], ["timeout": "100ms", "jobs": "2500us"],
        ["services": "90d"], ["timeout": "3ms", "flush": "2ms"],
    ])
    func whatTheRefusalOfBudgetsNamesFits(settings: [String: String]) throws {
        func text(_ settings: [String: String]) -> String {
            "[supervisor.drain]\n" + settings.map { "\($0) = \"\($1)\"\n" }.sorted().joined()
        }
        let fault = try #require(Load.faults(text(settings)).first)
        let advice = fault.split(separator: "what fits is ").last.map(String.init) ?? ""
        let named = advice.matches(of: /(\w+) = "([^"]+)"/).map { (String($0.1), String($0.2)) }
        let timeout = try #require(named.last)
        #expect(timeout.0 == "timeout")
        #expect(Load.faults(text(settings.merging([timeout]) { $1 })) == [], "\(fault)")
        #expect(Load.faults(text(settings.merging(named.dropLast()) { $1 })).isEmpty == (named.count > 1), "\(fault)")
    }

    @Test func theSocketMayBeNone() throws {
        #expect(try supervisor("socket = \"none\"").socket == SupervisorConfiguration.noSocket)
        #expect(
            Load.faults("[supervisor]\nsocket = false\ncontrol_groups = \"of\"\n") == [
                "2:10: 'socket' must be an absolute path, or \"none\", found false: put it into quotation marks",
                "3:18: 'control_groups' must be one of \"auto\", \"off\", found the string \"of\": did you mean \"off\"?",
            ])
    }

    @Test func aSocketIsAPathThatAnAddressHolds() throws {
        let longest = "/" + String(repeating: "s", count: 106)
        #expect(try supervisor("socket = \"\(longest)\"").socket == longest)
        #expect(
            Load.faults("[supervisor]\nsocket = \"\(longest)s\"\n") == [
                "2:10: 'socket' is a path of 108 bytes; the address of a socket holds 107"
            ])
        #expect(
            Load.faults("[supervisor]\nsocket = \"run/x\"\n") == [
                "2:10: 'socket' must be an absolute path, or \"none\", found \"run/x\""
            ])
    }
}
