/// A program that a plugin has run: a hook's command, a notification.
public struct ProcessCommand: Hashable, Sendable {
    /// The most that is kept of an output.
    public static let outputLimits = 0...(1 << 20)

    /// The program and its arguments. A program without a slash is looked for in `PATH`. Nothing in them is replaced.
    public var words: [String]
    /// Variables beside `PATH`, which the program has in any case; nothing else of the daemon's environment is passed on.
    public var environment: [String: String]
    /// How many of the last bytes of standard output, and of standard error, are kept; held within `outputLimits`.
    public var outputLimit: Int
    /// How long the program has after SIGTERM until SIGKILL, when the task is cancelled.
    public var grace: Duration

    /// The command of `words`.
    public init(
        _ words: [String], environment: [String: String] = [:], outputLimit: Int = 4096, grace: Duration = .seconds(1)
    ) {
        self.words = words
        self.environment = environment
        self.outputLimit = outputLimit
        self.grace = grace
    }
}

extension ProcessCommand {
    /// The program as it was written, for messages.
    public var name: String { words.first ?? "the program" }
}

/// How a program ended that a plugin had run.
public struct ProcessOutcome: Hashable, Sendable {
    /// With what; never `spawnFailed`, which is thrown.
    public var ending: ExitOutcome
    /// The end of its standard output.
    public var output: String
    /// The end of its standard error.
    public var errorOutput: String

    /// An outcome of these.
    public init(ending: ExitOutcome, output: String = "", errorOutput: String = "") {
        self.ending = ending
        self.output = output
        self.errorOutput = errorOutput
    }

    /// Whether it exited with code 0.
    public var isSuccess: Bool { ending == .exited(code: 0) }

    /// What went wrong with the program of `command`, as a sentence: `page: exit code 1: no route`; nil for a success. What it said last is
    /// that of standard error, or of a program that has said nothing there, as pg_isready(1), of standard output.
    public func problem(of command: ProcessCommand) -> String? {
        guard !isSuccess else { return nil }
        return "\(command.name): \(ending)" + ((lastErrorLine ?? Self.lastLine(of: output)).map { ": \($0)" } ?? "")
    }

    /// The last line of standard error that is not blank, at most 200 characters of it; nil where there is none.
    public var lastErrorLine: String? { Self.lastLine(of: errorOutput) }

    private static func lastLine(of text: String) -> String? {
        let lines = text.split(whereSeparator: \.isNewline)
        return lines.last { !$0.allSatisfy(\.isWhitespace) }.map { String($0.prefix(200)) }
    }
}

/// Why a program was not run, where the program is not to blame.
public struct ProcessRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// A sentence.
    public var description: String

    /// The refusal that says `description`.
    public init(_ description: String) { self.description = description }
}

/// Runs programs for plugins: the only way to have a child of the daemon whose end is not lost.
///
/// The daemon adopts orphans and reaps every child that it does not know (prctl(2), PR_SET_CHILD_SUBREAPER), so a plugin that
/// forks by itself finds ECHILD in place of a status. A program that is run here is started as services are: in a session and
/// process group of its own, in `/`, as the daemon's user, with no signal blocked or ignored, and with no descriptors but the
/// first three. Its standard input is empty.
///
/// What a program leaves behind in the background is killed once it has ended: a probe that left something each time would fill
/// the machine.
public protocol ProcessRunner: Sendable {
    /// Runs a program to its end, and answers how it ended: every way of ending is an outcome, and no error. Throws
    /// `SpawnFailure` where it could not be started, `ProcessRefusal` where too many run already.
    ///
    /// Where the calling task is cancelled, the program's process group gets SIGTERM, after the command's grace its whole
    /// tree gets SIGKILL, and once it has ended this throws `CancellationError`.
    func run(_ command: ProcessCommand) async throws -> ProcessOutcome
}

/// Runs nothing: for the tests of plugins that have nothing to run.
public struct NoProcessRunner: ProcessRunner {
    /// The runner.
    public init() {}

    /// Throws a `ProcessRefusal`.
    public func run(_ command: ProcessCommand) async throws -> ProcessOutcome {
        throw ProcessRefusal("there is nothing here that runs programs")
    }
}
