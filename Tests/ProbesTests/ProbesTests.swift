import Glibc
import HTTPCalls
import PluginFakes
import PluginNetwork
import SupdPlugin
import Testing

@testable import Probes

@Suite struct ProbesTests {
    private func probe(
        _ purpose: ProbePurpose, _ name: String, _ options: [String: OptionValue], caller: HTTPCaller? = nil
    ) throws -> any Probe {
        let registrar = PluginRegistrar([Probes(pause: .monotonic, caller: caller)])
        let table = purpose == .readiness ? registrar.readinessProbes : registrar.healthProbes
        let entry = try #require(table[name])
        var values: [String: OptionValue] = [:]
        for option in entry.options { values[option.name] = option.standard }
        return try entry.make(PluginOptions(values.merging(options) { $1 }))
    }

    private func context(_ purpose: ProbePurpose, processes: any ProcessRunner = NoProcessRunner()) throws
        -> ProbeContext
    {
        let name = InstanceName(service: try #require(ServiceName("web")), index: 2)
        return ProbeContext(
            plugin: pluginContext(processes: processes), purpose: purpose,
            service: ServiceSummary(name: name, state: .running, desired: .up, pid: 42),
            deadline: MonotonicInstant(nanoseconds: 0))
    }

    @Test func httpTellsEveryFaultOfItsOptions() {
        let options: [String: OptionValue] = [
            "url": .text("ftp://x"), "method": .text("get"), "headers": .texts(["x"]), "expect": .texts(["999"]),
        ]
        let caller = HTTPCaller { _, _ in throw CancellationError() }
        let error = #expect(throws: OptionError.self) { try probe(.health, "http", options, caller: caller) }
        #expect(error.map { ([$0] + $0.others).map(\.option) } == ["method", "url", "headers", "expect"])
    }

    @Test(arguments: ProbePurpose.allCases)
    func execSaysYesWithExitCodeZeroAndElseWhatCame(purpose: ProbePurpose) async throws {
        let exec = try probe(purpose, "exec", ["command": .texts(["ask", "-q"])])
        let fine = FakeRunner { _ in ProcessOutcome(ending: .exited(code: 0)) }
        try await exec.probe(context(purpose, processes: fine))
        #expect(fine.commands.map(\.words) == [["ask", "-q"]])
        #expect(
            fine.commands.first?.environment
                == [
                    "SUPD_PROBE": purpose.rawValue, "SUPD_SERVICE": "web", "SUPD_INSTANCE": "web@2",
                    "SUPD_MAIN_PID": "42",
                ])
        for bad in [
            ProcessOutcome(ending: .exited(code: 3), output: "no\n", errorOutput: "not yet\n"),
            ProcessOutcome(ending: .exited(code: 3), output: "asked\nnot yet\n\n"),
        ] {
            await #expect(throws: ProbeFailure("ask: exit code 3: not yet")) {
                try await exec.probe(context(purpose, processes: FakeRunner { _ in bad }))
            }
        }
    }

    @Test(arguments: ProbePurpose.allCases)
    func tcpSaysYesWhereSomebodyListens(purpose: ProbePurpose) async throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let port = try withUnsafeMutablePointer(to: &address) { pointer in
            try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                try #require(bind(listener, pointer, length) == 0 && getsockname(listener, pointer, &length) == 0)
            }
            return Int(UInt16(bigEndian: pointer.pointee.sin_port))
        }
        let tcp = try probe(purpose, "tcp", ["port": .integer(port)])
        // Bound, and nobody listens yet.
        await #expect(throws: ProbeFailure("127.0.0.1:\(port) refuses connections")) {
            try await tcp.probe(context(purpose))
        }
        try #require(listen(listener, 8) == 0)
        try await tcp.probe(context(purpose))
    }

    @Test func tcpTakesNoNames() {
        #expect(
            throws: OptionError(option: "host", message: "must be an IP address or 'localhost'; found 'web.example'")
        ) {
            try probe(.health, "tcp", ["host": .text("web.example"), "port": .integer(80)])
        }
    }

    @Test(arguments: ProbePurpose.allCases)
    func httpSaysYesWithAnExpectedStatusAndElseWhatCame(purpose: ProbePurpose) async throws {
        let server = FakeNetwork { number in
            switch number {
            case 1: HTTPAnswer(status: 302, reason: "Found")
            case 2: HTTPAnswer(status: 503, reason: "Service Unavailable", body: Array("warming up\n".utf8))
            default: throw HTTPCallFailure("connection refused")
            }
        }
        let options: [String: OptionValue] = [
            "url": .text("http://127.0.0.1:8080/ready?key=5d41402a"), "headers": .texts(["X-Probe: 1"]),
        ]
        let http = try probe(purpose, "http", options, caller: server.caller)
        try await http.probe(context(purpose))
        let request = try #require(server.requests.first)
        #expect(request.method == "GET" && request.headers.count == 1 && request.body.isEmpty)
        let url = "GET http://127.0.0.1:8080/ready"
        await #expect(
            throws: ProbeFailure("\(url): expected 2xx or 3xx, found 503 Service Unavailable: warming up")
        ) {
            try await http.probe(context(purpose))
        }
        await #expect(throws: ProbeFailure("\(url): connection refused")) { try await http.probe(context(purpose)) }
    }

    @Test func withoutHTTPTheProbeIsRefusedWithHowToGetIt() {
        #expect(throws: OptionError(option: "url", message: HTTPCaller.absence)) {
            try probe(.health, "http", ["url": .text("http://127.0.0.1/")])
        }
    }
}
