import PluginFakes
import SupdPlugin
import Testing

@Suite struct CommandHookTests {
    private let words: [String: OptionValue] = ["command": .texts(["lb-drain", "--id", "$HOME"])]

    private func service(pid: Int32?) throws -> ServiceSummary {
        let name = try #require(ServiceName("web"))
        return ServiceSummary(
            name: InstanceName(service: name, index: 2), state: .running, desired: .down, pid: pid)
    }

    @Test func theProgramIsRunAsItIsWrittenAndToldWhy() async throws {
        let runner = FakeRunner { _ in ProcessOutcome(ending: .exited(code: 0)) }
        let hook = try makeHook("command", words)
        try await hook.run(hookContext(.beforeStop, service: service(pid: 42), processes: runner))
        try await hook.run(hookContext(.afterStop, service: service(pid: nil), processes: runner))
        try await hook.run(hookContext(.afterServices, processes: runner))
        #expect(runner.commands.map(\.words) == Array(repeating: ["lb-drain", "--id", "$HOME"], count: 3))
        #expect(
            runner.commands.map(\.environment) == [
                [
                    "SUPD_HOOK_POINT": "before-stop", "SUPD_CAUSE": "SIGTERM", "SUPD_SERVICE": "web",
                    "SUPD_INSTANCE": "web@2", "SUPD_MAIN_PID": "42",
                ],
                [
                    "SUPD_HOOK_POINT": "after-stop", "SUPD_CAUSE": "SIGTERM", "SUPD_SERVICE": "web",
                    "SUPD_INSTANCE": "web@2",
                ],
                ["SUPD_HOOK_POINT": "after-services", "SUPD_CAUSE": "SIGTERM"],
            ])
    }

    @Test func aProgramThatFailsIsAFailureWithItsLastLine() async throws {
        let hook = try makeHook("command", words)
        for (outcome, expected) in [
            (
                ProcessOutcome(ending: .exited(code: 3), errorOutput: "first\nno such backend\n \n"),
                "lb-drain: exit code 3: no such backend"
            ),
            (ProcessOutcome(ending: .signaled(.segv, coreDumped: false)), "lb-drain: killed by SIGSEGV"),
        ] {
            let runner = FakeRunner { _ in outcome }
            #expect(await failure { try await hook.run(hookContext(processes: runner)) } == expected)
        }
    }

    @Test func whatKeepsItFromBeingRunIsAFailure() async throws {
        let hook = try makeHook("command", words)
        let runner = FakeRunner { _ in throw SpawnFailure(stage: .exec, error: ErrorNumber(2), subject: "lb-drain") }
        let said = await failure { try await hook.run(hookContext(processes: runner)) }
        #expect(said?.hasPrefix("exec of lb-drain: ENOENT") == true)
    }

    @Test func aLongLastLineIsShortened() {
        let outcome = ProcessOutcome(
            ending: .exited(code: 1), errorOutput: String(repeating: "x", count: 5000) + "\r\n\n")
        #expect(outcome.lastErrorLine?.count == 200)
        #expect(ProcessOutcome(ending: .exited(code: 1)).lastErrorLine == nil)
    }
}

extension Signal {
    fileprivate static let segv = Signal(name: "SIGSEGV") ?? .kill
}
