public import HTTPCalls
public import SupdPlugin
import Synchronization

/// A runner that answers as a test tells it, and remembers what it was asked to run.
public final class FakeRunner: ProcessRunner {
    private let answer: @Sendable (Int) async throws -> ProcessOutcome
    private let asked = Mutex<[ProcessCommand]>([])

    /// A runner whose answers `answer` gives, by the number of the command, from 1.
    public init(_ answer: @escaping @Sendable (Int) async throws -> ProcessOutcome) {
        self.answer = answer
    }

    /// What it was asked to run.
    public var commands: [ProcessCommand] { asked.withLock { $0 } }

    /// Answers.
    public func run(_ command: ProcessCommand) async throws -> ProcessOutcome {
        let number = asked.withLock { commands in
            commands.append(command)
            return commands.count
        }
        return try await answer(number)
    }
}

/// A network that answers as a test tells it, and remembers what it was asked.
public final class FakeNetwork: Sendable {
    private let answer: @Sendable (Int) async throws -> HTTPAnswer
    private let asked = Mutex<[HTTPRequest]>([])

    /// A network whose answers `answer` gives, by the number of the request, from 1.
    public init(_ answer: @escaping @Sendable (Int) async throws -> HTTPAnswer) {
        self.answer = answer
    }

    /// What it was asked.
    public var requests: [HTTPRequest] { asked.withLock { $0 } }

    /// What calls over it.
    public var caller: HTTPCaller {
        HTTPCaller { [self] request, _ in
            let number = asked.withLock { requests in
                requests.append(request)
                return requests.count
            }
            return try await answer(number)
        }
    }
}

/// Virtual time: to wait moves it on, and `onWait` tells of it.
public final class FakeTime: Sendable {
    private let nanoseconds = Mutex<Int64>(0)
    private let waits = Mutex<[Duration]>([])
    private let onWait: @Sendable (Int) throws -> Void

    /// Time that runs `onWait` with the number of each wait, from 1.
    public init(onWait: @escaping @Sendable (Int) throws -> Void = { _ in }) {
        self.onWait = onWait
    }

    /// The time.
    public var now: MonotonicInstant { MonotonicInstant(nanoseconds: nanoseconds.withLock { $0 }) }
    /// What was waited, in order.
    public var waited: [Duration] { waits.withLock { $0 } }

    /// Moves time on.
    public func advance(_ duration: Duration) {
        nanoseconds.withLock { $0 += duration.clampedNanoseconds }
    }

    /// Moves time on at once.
    public func wait(_ duration: Duration) async throws {
        try Task.checkCancellation()
        advance(duration)
        let number = waits.withLock { waits in
            waits.append(duration)
            return waits.count
        }
        try onWait(number)
    }
}

/// The lines that were logged.
public final class LogLines: Sendable {
    fileprivate let list = Mutex<[String]>([])

    /// No lines.
    public init() {}

    /// What was logged, `LEVEL: MESSAGE`.
    public var all: [String] { list.withLock { $0 } }
}

/// A context without a daemon.
public func pluginContext(processes: any ProcessRunner = NoProcessRunner(), log: LogLines = LogLines()) -> PluginContext
{
    PluginContext(
        logger: Logger(label: "test") { _ in LineHandler(lines: log) }, services: NoServices(), tasks: NoTasks(),
        processes: processes)
}

private struct LineHandler: LogHandler {
    let lines: LogLines
    var logLevel = Logger.Level.trace
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        lines.list.withLock { $0.append("\(event.level): \(event.message)") }
    }
}

private struct NoServices: ServiceControl {
    func list(_ selectors: [String]) async throws -> [ServiceSummary] { [] }
    func start(_ selectors: [String]) async throws {}
    func stop(_ selectors: [String]) async throws {}
    func restart(_ selectors: [String]) async throws {}
}

private struct NoTasks: TaskStarter {
    func start(
        _ name: String, kind: TaskKind, file: StaticString, line: UInt32,
        _ body: @escaping @Sendable (any TaskStarter) async throws -> Void
    ) async throws {
        throw RegistrationRefusal.shuttingDown
    }
}
