import StandardPlugins
import SupdPlugin
import SupdTesting
import Synchronization
import Testing

/// Policies that break one rule each.
private struct Bad: Plugin {
    struct Policy: RestartPolicy {
        let decision: @Sendable (RestartContext) -> RestartDecision

        func decide(_ context: RestartContext) -> RestartDecision { decision(context) }
    }

    struct Wait: Backoff {
        let resetAfter: Duration? = nil
        let wait: @Sendable (BackoffContext) -> Duration

        func delay(for context: BackoffContext) -> Duration { wait(context) }
    }

    let name = "bad"

    func register(in registrar: inout PluginRegistrar) {
        func policy(_ name: String, _ decision: @escaping @Sendable (RestartContext) -> RestartDecision) {
            registrar.restartPolicy(name) { (_) throws(OptionError) in Policy(decision: decision) }
        }
        func backoff(_ name: String, _ wait: @escaping @Sendable (BackoffContext) -> Duration) {
            registrar.backoff(name) { (_) throws(OptionError) in Wait(wait: wait) }
        }
        policy("negative") { _ in .restartAfter(.seconds(-1)) }
        policy("one-code") { $0.exit.outcome == .exited(code: 97) ? .restartAfter(.seconds(1 << 40)) : .restart }
        policy("one-stage") {
            guard case .spawnFailed(let failure) = $0.exit.outcome, failure.stage == .umask else { return .restart }
            return .giveUp(reason: "")
        }
        let asked = Atomic(0)
        policy("moody") { _ in asked.add(1, ordering: .relaxed).newValue % 2 == 0 ? .stay : .restart }
        policy("good") { _ in .restart }
        backoff("endless") { .seconds(1) * $0.restart }
        backoff("early") { _ in .seconds(-1) }
        backoff("good") { _ in .seconds(1) }
        registrar.backoff("good") { (_) throws(OptionError) in Wait { _ in .zero } }
    }
}

@Suite struct PluginChecksTests {
    @Test func everyBrokenRuleIsToldAndWhatKeepsThemIsNot() {
        let faults = PluginChecks.faults(of: Bad())
        let begins = [
            "plugin 'bad' brings a backoff 'good', which it has brought already",
            "restart policy 'moody' answers the same question in two ways: ",
            "restart policy 'negative' answers a delay of -1s, which is not between 0 and 1d: ",
            "restart policy 'one-code' answers a delay of ",
            "restart policy 'one-stage' gives up without a reason: ",
            "backoff 'early' answers a delay of -1s, which is not between 0 and 1d: ",
            "backoff 'endless' answers a delay of ",
        ]
        #expect(faults.count == begins.count, "\(faults)")
        for (fault, begin) in zip(faults, begins) { #expect(fault.hasPrefix(begin)) }
    }

    /// Asks for what it has not declared, or as what it has not, wherever options are given out.
    private struct Careless: Plugin {
        struct Hook: ShutdownHook {
            let options: PluginOptions

            func run(_ context: HookContext) async throws { _ = options.duration("pause") }
        }

        let name = "careless"
        let options = [
            OptionDeclaration("file", .path, standard: .text(""), "A file."),
            OptionDeclaration(
                "list", .tables([OptionDeclaration("weight", .integer(1...9), standard: nil, "How much.")]),
                standard: .tables([]), "A list."),
        ]

        func register(in registrar: inout PluginRegistrar) {
            let declared = [OptionDeclaration("path", .path, standard: nil, "A path.")]
            registrar.shutdownHook("hook", options: declared) { (options) throws(OptionError) in
                guard !options.word("path").isEmpty, options.integer("path") == 0, options.isTrue("paht") else {
                    throw OptionError(option: "path", message: "is refused")
                }
                return Hook(options: options)
            }
            let wrong = [
                OptionDeclaration("time", .duration, standard: .integer(1), "A time.")
            ]
            registrar.backoff("wrong", options: wrong) { (_) throws(OptionError) in Bad.Wait { _ in .zero } }
        }

        func validate(_ options: PluginOptions) throws(OptionError) { _ = options.word("fiel") }

        func activate(_ options: PluginOptions, in activation: inout PluginActivation) throws(OptionError) {
            _ = options["life"]
            for table in options.tables("list") { _ = table.number("wieght") + table.number("weight") }
        }
    }

    @Test func whoAsksForWhatItHasNotDeclaredIsTold() async {
        #expect(
            PluginChecks.faults(of: Careless()) == [
                "backoff 'wrong' gives the option 'time' a standard value that is not of its type",
                "shutdown hook 'hook' asks for the option 'path' as a whole number, which it is not declared to be",
                "shutdown hook 'hook' asks for the option 'paht', which it does not declare",
                "plugin 'careless' asks for the option 'fiel', which it does not declare",
                "plugin 'careless' asks for the option 'life', which it does not declare",
                "plugin 'careless' asks for the option 'wieght', which it does not declare",
            ])
        let hook = Careless.Hook(options: PluginOptions(["path": .text("/tmp")]))
        #expect(
            await PluginChecks.faults(of: hook) == [
                "the hook asks for the option 'pause', which it does not declare"
            ])
    }

    #if DEBUG
        @Test func aDebugBuildEndsThere() async {
            await #expect(processExitsWith: .failure) { _ = PluginOptions([:]).duration("pause") }
        }
    #else
        @Test func aReleaseBuildAnswersNothing() {
            #expect(PluginOptions([:]).duration("pause") == .zero)
        }
    #endif

    @Test func whatComesWithSupdIsSound() {
        for plugin in StandardPlugins.all { #expect(PluginChecks.faults(of: plugin) == [], "\(plugin.name)") }
    }

    private struct DeafProbe: Probe {
        func probe(_ context: ProbeContext) async throws {
            await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
        }
    }

    private struct PoliteProbe: Probe {
        func probe(_ context: ProbeContext) async throws {
            context.logger.notice("asking \(context.service.name) for its \(context.purpose.rawValue)")
            await ShutdownNotice().wait()
        }
    }

    private struct PoliteSink: LogSink, EventSink {
        func write(_ entries: [LogEntry], _ context: PluginContext) async throws {
            for entry in entries { context.logger.info("\(entry.text)") }
        }

        func receive(_ event: DaemonEvent, _ context: PluginContext) async throws { await ShutdownNotice().wait() }
    }

    @Test func probesAndSinksAreHeldToTheirCancellation() async throws {
        let recorder = PluginRecorder()
        #expect(await PluginChecks.faults(of: PoliteProbe(), for: .readiness, recorder: recorder) == [])
        #expect(recorder.facts == [.logged(.notice, "asking service for its readiness")])
        #expect(await PluginChecks.faults(of: DeafProbe()) == ["the probe has not ended 3s after it was cancelled"])
        let service = InstanceName(service: try #require(ServiceName("web")), index: nil)
        let entry = LogEntry(
            service: service, pid: 1, attempt: 1, time: WallTime(nanoseconds: 0), bytes: Array("hello".utf8))
        #expect(await PluginChecks.faults(of: PoliteSink(), entries: [entry], recorder: recorder) == [])
        #expect(recorder.facts.last == .logged(.info, "hello"))
        let event = DaemonEvent(number: 1, time: WallTime(nanoseconds: 0), kind: .ready)
        #expect(await PluginChecks.faults(of: PoliteSink(), event: event) == [])
    }
}
