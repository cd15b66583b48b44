import SupdPlugin
import SupdTesting
import Testing

@Suite struct PluginRecorderTests {
    private struct Busy: Job {
        func run(_ context: JobContext) async throws {
            context.logger.notice("at work")
            try await context.services.start(["web"])
            try await context.plugin.tasks.start("sweep") { _ in }
            await context.shutdown.wait()
        }
    }

    private struct Deaf: Job {
        func run(_ context: JobContext) async throws {
            await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
        }
    }

    private struct Listening: ShutdownHook {
        func run(_ context: HookContext) async throws { await ShutdownNotice().wait() }
    }

    private func recorder() throws -> PluginRecorder {
        let name = try #require(ServiceName("web"))
        return PluginRecorder(services: [
            ServiceSummary(name: InstanceName(service: name, index: nil), state: .stopped, desired: .down)
        ])
    }

    @Test func whatAJobDoesIsRecordedAndAwaited() async throws {
        let recorder = try recorder()
        let notice = ShutdownNotice()
        async let run: Void = Busy().run(recorder.jobContext(shutdown: notice))
        #expect(await recorder.first { $0 == .ended("sweep", error: nil) } != nil)
        #expect(
            recorder.facts.prefix(3) == [.logged(.notice, "at work"), .ordered("start", ["web"]), .started("sweep")])
        notice.give()
        try await run
    }

    @Test func waitingForWhatNeverHappensEnds() async throws {
        #expect(try await recorder().first(within: .milliseconds(20)) { _ in true } == nil)
    }

    @Test func aRefusedTaskAndAnUnknownServiceAreErrors() async throws {
        let recorder = try recorder()
        recorder.refuseTasks(.shuttingDown)
        await #expect(throws: RegistrationRefusal.shuttingDown) { try await recorder.context.tasks.start("x") { _ in } }
        await #expect(throws: ServiceControlError.self) { try await recorder.context.services.stop(["wbe"]) }
    }

    @Test func theChecksTellWhatHonoursCancellationFromWhatDoesNot() async throws {
        #expect(try await PluginChecks.faults(of: Busy(), recorder: recorder()) == [])
        #expect(await PluginChecks.faults(of: Listening()) == [])
        #expect(
            await PluginChecks.faults(of: Deaf()) == [
                "the job has not ended 3s after it was told of the shutdown",
                "the job has not ended 3s after it was cancelled",
            ])
    }
}
