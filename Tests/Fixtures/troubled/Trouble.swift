import Glibc
import SupdPlugin

/// Everything that a plugin should not do, and some of what it should.
struct Trouble: Plugin {
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    let name = "trouble"
    let version = "1.2"
    let summary = "Makes trouble on request."
    let options = [
        OptionDeclaration("does", .texts, standard: .texts([]), "What it does."),
        OptionDeclaration("file", .path, standard: .text(""), "A file that it writes to."),
    ]

    func validate(_ options: PluginOptions) throws(OptionError) {
        for word in options.texts("does")
        where Job(rawValue: word) == nil && Hook(rawValue: word) == nil && word != "twice" {
            throw OptionError(option: "does", message: "knows no '\(word)'")
        }
    }

    func register(in registrar: inout PluginRegistrar) {
        registrar.backoff("negative") { (_) throws(OptionError) in WrongBackoff(delay: .seconds(-3600)) }
        registrar.backoff("endless") { (_) throws(OptionError) in
            WrongBackoff(delay: Duration(secondsComponent: .max, attosecondsComponent: 0))
        }
        for way in StuckPolicy.Way.allCases {
            registrar.restartPolicy(way.rawValue) { (_) throws(OptionError) in StuckPolicy(way: way) }
        }
        let options = [OptionDeclaration("file", .path, standard: nil, "What is looked at.")]
        registrar.probe("file", options: options) { (options) throws(OptionError) in
            FileProbe(path: options.word("file"))
        }
        registrar.logSink(
            "lines",
            options: [
                OptionDeclaration("file", .path, standard: nil, "Where the lines go."),
                OptionDeclaration(
                    "how", .word(["well", "failing", "hanging"]), standard: .word("well"), "How it works."),
            ]
        ) { (options) throws(OptionError) in
            LineFile(path: options.word("file"), how: options.word("how"))
        }
    }

    func activate(_ options: PluginOptions, in activation: inout PluginActivation) throws(OptionError) {
        for word in options.texts("does") {
            if let job = Job(rawValue: word) { activation.job(word, job) }
            if let hook = Hook(rawValue: word) {
                activation.shutdownHook(word, at: hook.point, budget: .milliseconds(500), hook)
            }
            if word == "twice" {
                activation.job("twice", Job.throwing)
                activation.job("twice", Job.throwing)
            }
        }
        activation.controlMethod(
            ControlMethod("echo", access: .operate, summary: "Answers what it is asked.") { params, _ in
                guard params.objectValue?["fail"] == nil else { throw ControlMethodError("it was asked to fail") }
                return params
            })
        activation.controlMethod(
            ControlMethod("hang", access: .operate, summary: "Never answers.") { _, _ in
                await withUnsafeContinuation { _ in }
            })
        activation.controlMethod(
            ControlMethod("services", access: .observe, summary: "Names the services.") { _, context in
                .array(try await context.services.list([]).map { .string("\($0.name) \($0.state.rawValue)") })
            })
        activation.controlMethod(
            ControlMethod("reasons", access: .observe, summary: "Why services are as they are.") { params, context in
                let selectors = (params.objectValue?["services"]?.arrayValue ?? []).compactMap(\.stringValue)
                return .array(try await context.services.list(selectors).map { .string("\($0.name): \($0.reason)") })
            })
        activation.controlMethod(
            ControlMethod("restart", access: .observe, summary: "Restarts services.") { params, context in
                let selectors = (params.objectValue?["services"]?.arrayValue ?? []).compactMap(\.stringValue)
                try await context.services.restart(selectors)
                return true
            })
    }
}

/// Jobs by the word that asks for them.
enum Job: String, SupdPlugin.Job {
    case throwing, blocking, endless, patient, flooding, stubborn
    case family, dynasty, meddling

    func run(_ context: JobContext) async throws {
        switch self {
        case .throwing: throw Trouble.Failure(description: "no reason at all")
        case .blocking: Self.blockEveryThread()
        case .endless: await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
        case .patient: await context.shutdown.wait()
        case .flooding: for number in 0..<50_000 { context.logger.info("line \(number)") }
        case .stubborn:
            let (stream, continuation) = AsyncStream.makeStream(of: Never.self)
            for await _ in stream {}
            continuation.finish()
        case .family:
            await context.shutdown.wait()
            try await Self.beget(4, context)
        case .meddling:
            while !context.shutdown.isGiven { try await context.services.restart(["web"]) }
        case .dynasty:
            await context.shutdown.wait()
            for number in 1...1_000 { try await context.plugin.tasks.start("heir \(number)") { _ in } }
        }
    }

    /// Takes every thread that the pool may have, for good.
    private static func blockEveryThread() {
        for _ in 0..<64 { Task.detached { while true { sleep(1_000) } } }
        while true { sleep(1_000) }
    }

    /// A task that starts a task that starts a task.
    private static func beget(_ generations: Int, _ context: JobContext) async throws {
        @Sendable func child(_ number: Int, _ tasks: any TaskStarter) async throws {
            context.logger.notice("generation \(number) lives")
            guard number < generations else { return }
            do {
                try await tasks.start("generation \(number + 1)") { try await child(number + 1, $0) }
            } catch {
                context.logger.notice("generation \(number + 1): \(error)")
            }
        }
        try await child(0, context.plugin.tasks)
    }
}

/// Hooks by the word that asks for them.
enum Hook: String, ShutdownHook {
    case first, failing, last, hanging, after

    var point: HookPoint { self == .after ? .afterServices : .beforeServices }

    func run(_ context: HookContext) async throws {
        context.logger.notice("hook \(rawValue) because of \(context.cause)")
        switch self {
        case .failing: throw Trouble.Failure(description: "as it was told")
        case .hanging: await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
        case .first, .last, .after: break
        }
    }
}

/// Never decides, and holds up the daemon's loop with that. It says so on standard error, and before that makes the file that the
/// variable TROUBLED_STUCK names: a standard error that is full holds it up as well.
struct StuckPolicy: RestartPolicy {
    enum Way: String, CaseIterable {
        case blocking, spinning
    }

    let way: Way

    func decide(_ context: RestartContext) -> RestartDecision {
        if let path = getenv("TROUBLED_STUCK") { close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)) }
        let line = "the loop is \(way.rawValue)\n"
        write(STDERR_FILENO, line, line.utf8.count)
        while true {
            if way == .blocking { sleep(1_000) }
        }
    }
}

/// A delay that no service should wait.
struct WrongBackoff: Backoff {
    let delay: Duration
    let resetAfter: Duration? = nil

    func delay(for context: BackoffContext) -> Duration { delay }
}

/// Says yes where a file is there, and does what stands in it.
struct FileProbe: Probe {
    let path: String

    func probe(_ context: ProbeContext) async throws {
        guard let file = fopen(path, "r") else { throw Trouble.Failure(description: "there is no \(path)") }
        defer { fclose(file) }
        var buffer = [UInt8](repeating: 0, count: 32)
        let count = fread(&buffer, 1, buffer.count, file)
        switch String(decoding: buffer[..<count], as: UTF8.self) {
        case "hang": await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
        default: break
        }
    }
}

/// Writes lines to a file, with what they are.
struct LineFile: LogSink {
    let path: String
    let how: String

    func write(_ entries: [LogEntry], _ context: PluginContext) async throws {
        switch how {
        case "failing": throw Trouble.Failure(description: "no room")
        case "hanging": await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
        default: break
        }
        guard let file = fopen(path, "a") else { throw Trouble.Failure(description: "cannot open \(path)") }
        defer { fclose(file) }
        for entry in entries {
            fputs("\(entry.service) \(entry.pid) \(entry.attempt) \(entry.stream.rawValue) \(entry.text)\n", file)
        }
    }
}
