import PluginNetwork
import SupdPlugin

/// `sleep`: lets time pass, and says why.
struct SleepHook: ShutdownHook {
    static let options = [
        OptionDeclaration("time", .duration, standard: nil, "How long."),
        OptionDeclaration("reason", .text, standard: nil, "What for; the log says it."),
    ]

    let time: Duration
    let reason: String
    let pause: Pause

    init(_ options: PluginOptions, pause: Pause) {
        time = options.duration("time")
        reason = options.word("reason")
        self.pause = pause
    }

    func run(_ context: HookContext) async throws {
        context.logger.info("waiting \(time.text): \(reason)")
        try await pause.wait(time)
    }
}
