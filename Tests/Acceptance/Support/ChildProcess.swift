import CAcceptance
import Glibc
import Synchronization

/// How a process ended.
enum Ending: Equatable, Sendable {
    case exited(Int32)
    case signaled(Int32)
}

/// A process that a test started, followed by its pidfd: no number is ever trusted after it was reaped.
final class ChildProcess: Sendable {
    let pid: pid_t
    /// What types at it and sees what it shows, where it has a terminal.
    let terminal: Descriptor?
    private let pidfd: Descriptor
    private let ending = Mutex<Ending?>(nil)

    init(
        _ path: String, _ arguments: [String], environment: [String: String] = [:], folder: String? = nil,
        input: Descriptor? = nil, output: Descriptor? = nil, errorOutput: Descriptor? = nil
    ) throws {
        let null = try Descriptor.null()
        var pid: pid_t = 0
        let answer = withCStrings([path] + arguments) { argv in
            withCStrings(environment.map { "\($0)=\($1)" }) { envp in
                acceptance_spawn(
                    path, argv, envp, folder, (input ?? null).number, (output ?? null).number,
                    (errorOutput ?? null).number, &pid)
            }
        }
        pidfd = try Descriptor(answer: answer, of: "starting \(path)")
        terminal = nil
        self.pid = pid
    }

    /// A process at a terminal of its own, whose other end `terminal` is.
    init(atTerminal path: String, _ arguments: [String], environment: [String: String]) throws {
        var pid: pid_t = 0
        var master: Int32 = -1
        let answer = withCStrings([path] + arguments) { argv in
            withCStrings(environment.map { "\($0)=\($1)" }) { envp in
                acceptance_spawn_at_terminal(path, argv, envp, &master, &pid)
            }
        }
        terminal = master < 0 ? nil : Descriptor(master)
        pidfd = try Descriptor(answer: answer, of: "starting \(path) at a terminal")
        self.pid = pid
    }

    /// Waits for the end; nil where it did not come in time.
    func ended(by deadline: Deadline) async throws -> Ending? {
        if let ending = ending.withLock({ $0 }) { return ending }
        guard try await pidfd.becomesReadable(by: deadline) else { return nil }
        return ending.withLock { ending in
            if ending == nil {
                var code: Int32 = 0
                var signal: Int32 = 0
                if acceptance_reap(pidfd.number, &code, &signal) == 0 {
                    ending = code >= 0 ? .exited(code) : .signaled(signal)
                }
            }
            return ending
        }
    }

    /// How it ended, where that was waited for.
    var knownEnding: Ending? { ending.withLock { $0 } }

    /// Nothing where it has ended.
    func signal(_ number: Int32) {
        ending.withLock { ending in
            if ending == nil { _ = acceptance_signal(pidfd.number, number) }
        }
    }

    /// For the end of a test: SIGKILL, and reaped.
    func destroy() async {
        signal(SIGKILL)
        // A cancelled test has its processes ended all the same.
        _ = await Task.detached(executorPreference: OwnThreads.shared) { try? await self.ended(by: .usual) }.value
    }
}

/// What a program that ran to its end left behind.
struct Output: Sendable {
    var ending: Ending
    var output: String
    var error: String

    var code: Int32? {
        if case .exited(let code) = ending { code } else { nil }
    }
}

/// Runs a program to its end and collects what it wrote. Throws where it does not end in time.
func run(
    _ path: String, _ arguments: [String], environment: [String: String] = [:], folder: String? = nil,
    within seconds: Double = Deadline.patience
) async throws -> Output {
    let deadline = Deadline.seconds(seconds)
    let (outputReading, errorReading): (Descriptor, Descriptor)
    let process: ChildProcess
    do {
        let output = try Descriptor.pipe()
        let error = try Descriptor.pipe()
        (outputReading, errorReading) = (output.reading, error.reading)
        process = try ChildProcess(
            path, arguments, environment: environment, folder: folder, output: output.writing,
            errorOutput: error.writing)
    }
    let output = Facts<String>()
    let error = Facts<String>()
    let readers = [output.recordLines(of: outputReading), error.recordLines(of: errorReading)]
    defer { readers.forEach { $0.cancel() } }
    guard let ending = try await process.ended(by: deadline) else {
        await process.destroy()
        throw Failure("\(path) \(arguments.joined(separator: " ")) did not end in \(seconds) s: \(error.all)")
    }
    // Its writing ends are closed with it, unless something it started holds them on.
    for facts in [output, error] { _ = try await facts.first(by: deadline.orEarlier(in: 5)) { _ in false } }
    let text = { (facts: Facts<String>) in facts.all.map { $0 + "\n" }.joined() }
    return Output(ending: ending, output: text(output), error: text(error))
}

private func withCStrings<Result>(
    _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
) -> Result {
    let copies = strings.map { strdup($0) }
    defer { copies.forEach { free($0) } }
    return body(copies + [nil])
}
