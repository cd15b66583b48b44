import SupdPlugin
import SupdTesting
import Testing

@testable import Greeter

@Suite struct RunningTests {
    @Test func theJobAndTheHookHonourCancellation() async {
        #expect(await PluginChecks.faults(of: Hello(whom: "you")) == [])
        #expect(await PluginChecks.faults(of: Goodbye(whom: "you"), at: .afterServices) == [])
    }

    @Test func theHookSaysGoodbyeAndWhy() async throws {
        let recorder = PluginRecorder()
        try await Goodbye(whom: "you").run(recorder.hookContext(.afterServices, cause: "SIGINT"))
        #expect(recorder.facts == [.logged(.notice, "goodbye, you: SIGINT")])
    }

    @Test func theMethodGreetsWhomItIsTold() async throws {
        let context = PluginRecorder().context
        #expect(try await Greet.method.call(["name": "Ada"], context) == ["greeting": "hello, Ada"])
        await #expect(throws: ControlMethodError.self) { try await Greet.method.call([:], context) }
    }
}
