import FakeDaemon
import SupdPlugin
import SupdProtocol
import Testing

@testable import supctl

@Suite struct SessionTests {
    private func run(_ daemon: FakeDaemon, _ line: String, grace: Duration = .seconds(10)) throws -> Outcome {
        var invocation = try #require(parse(line))
        invocation.socket = daemon.path
        return Session(terminal: .none, grace: grace).run(invocation)
    }

    @Test func statusIsAskedAndShown() throws {
        let daemon = try FakeDaemon.start { request, peer in
            peer.reply(ServiceList(services: [status(instance("web"), .running, pid: 7)]), to: request)
        }
        let outcome = try run(daemon, "status")
        #expect(outcome.status == .done)
        #expect(outcome.output.contains("web   RUNNING    7"))
        #expect(daemon.requests.map(\.call) == [.serviceStatus(ServiceSelection())])
    }

    @Test func jsonIsOneLineOnStandardOutput() throws {
        let daemon = try FakeDaemon.start { $1.reply(ServiceList(services: []), to: $0) }
        let outcome = try run(daemon, "status --json")
        #expect(outcome == Outcome(output: #"{"services":[]}"# + "\n"))
    }

    @Test(arguments: [
        (ProtocolErrorKind.noSuchService, ExitCode.noSuchService), (.notPermitted, .notPermitted),
        (.timedOut, .timedOut), (.failed, .failed), (.busy, .failed), (.invalidParams, .failed),
        (.invalidConfiguration, .configurationRefused), (.planChanged, .failed),
    ])
    func theDaemonsErrorIsSaidAndExitedWith(_ kind: ProtocolErrorKind, expected: ExitCode) throws {
        let error = ProtocolError(kind, "no service is named 'wbe'", suggestion: "web")
        let daemon = try FakeDaemon.start { $1.reply(error: error, to: $0) }
        let outcome = try run(daemon, "stop wbe --json")
        #expect(outcome.status == expected)
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors == "supctl: no service is named 'wbe'; did you mean 'web'?\n")
    }

    /// A script must not take it for a service that failed.
    @Test(arguments: ["ping", "status", "start web", "apply", "restart a b", "shutdown --wait"])
    func aDaemonThatEndsMeanwhileIsNoDaemon(line: String) throws {
        let daemon = try FakeDaemon.start { $1.hangUp() }
        #expect(try run(daemon, line) == .connectionLost)
    }

    @Test func theFaultsOfAConfigurationAreSaidAsACheckSaysThem() throws {
        let faults = (1...ProtocolLimits.faultsNamed + 1).map {
            ProtocolError.ConfigurationFault(file: "/c", line: $0, column: 2, message: "no key is named 'x\u{1B}'")
        }
        let daemon = try FakeDaemon.start { $1.reply(error: .invalidConfiguration(faults), to: $0) }
        for line in ["plan", "apply"] {
            let outcome = try run(daemon, line)
            #expect(outcome.status == .configurationRefused)
            #expect(outcome.output.isEmpty)
            let errors = outcome.errors.split(separator: "\n")
            #expect(errors.count == ProtocolLimits.faultsNamed + 2)
            #expect(errors.first == #"/c:1:2: no key is named 'x\u{1B}'"#)
            #expect(errors.dropLast().last == "and 1 more, which 'supd check' lists")
            #expect(errors.last == "supctl: the configuration has 101 faults; nothing was changed")
        }
    }

    @Test func aSilentDaemonIsWaitedForAsLongAsAnApplyMayTake() throws {
        let daemon = try FakeDaemon.start { _, _ in }
        #expect(try run(daemon, "apply --timeout 10ms", grace: .milliseconds(20)).status == .timedOut)
        #expect(try run(daemon, "apply --no-wait", grace: .milliseconds(20)).status == .timedOut)
    }

    /// Also for programs, which know by the exit status that there is no document.
    @Test(arguments: [false, true]) func noDaemonNamesEveryPlaceAndWhatToDo(json: Bool) {
        let invocation = Invocation(socket: "/nonexistent/s", json: json, verb: .ping)
        let outcome = Session(terminal: .none).run(invocation)
        #expect(outcome.status == .noDaemon)
        #expect(outcome.errors.contains("/nonexistent/s (--socket)"))
        #expect(outcome.errors.contains("'supd'"))
        #expect(outcome.output.isEmpty)
    }

    @Test func aSilentDaemonIsTimedOut() throws {
        let daemon = try FakeDaemon.start { _, _ in }
        let outcome = try run(daemon, "ping", grace: .milliseconds(20))
        #expect(outcome.status == .timedOut)
    }

    @Test func aPathThatIsTooLongIsWrongUse() {
        let path = "/" + String(repeating: "x", count: 200)
        #expect(Session(terminal: .none).run(Invocation(socket: path, verb: .ping)).status == .wrongUse)
    }

    @Test func everyVerbAsksItsMethod() throws {
        let daemon = try FakeDaemon.start { $1.reply(error: ProtocolError(.failed, "no"), to: $0) }
        let lines = [
            "status", "why a", "start a", "stop a", "restart a", "reload a", "scale a=2", "tree", "signal HUP a",
            "reset-failed a", "logs a", "logs -f a", "events", "cat a", "list-dependencies a", "analyze", "wait a",
            "top", "tasks", "info", "plugins",
            "plan", "apply", "reopen-logs", "call lb.state", "drain", "resume", "shutdown", "ping", "version",
        ]
        for line in lines { #expect(try run(daemon, line).status == .failed) }
        #expect(
            daemon.requests.map(\.call.method) == [
                .serviceStatus, .serviceWhy, .serviceStart, .serviceStop, .serviceRestart, .serviceReload,
                .eventsSubscribe,
                .serviceScale,
                .serviceTree,
                .serviceSignal, .serviceResetFailed,
                .logsRead, .logsFollow, .eventsSubscribe, .serviceDefinition, .serviceDependencies, .serviceTiming,
                .eventsSubscribe, .serviceStatus, .tasksList, .supervisorStatus, .pluginsList,
                .configPlan,
                .eventsSubscribe, .configReload, .logsReopen, nil,
                .supervisorDrain, .supervisorResume,
                .supervisorShutdown,
                .supervisorPing, .supervisorVersion,
            ])
        #expect(Set(VerbSpecification.all.map(\.name)) == Set(lines.map { String($0.prefix { $0 != " " }) }))
        // No method is without a verb.
        #expect(Set(daemon.requests.compactMap(\.call.method)) == Set(Method.allCases))
        #expect(daemon.requests.contains { $0.call == .plugin(PluginCall(method: "plugin.lb.state")) })
    }
}
