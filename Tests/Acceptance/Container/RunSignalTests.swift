import Glibc
import Testing

@Suite(.daemons)
struct RunSignalTests {
    /// As tini(1): what can be taken, but for faults, what a terminal sends to its background, and what the C library
    /// has for itself. SIGTERM is told apart below, SIGCHLD means the supervisor's own children.
    private static let passedOn =
        (Int32(1)...64).filter {
            ![
                SIGKILL, SIGSTOP, SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS, SIGTTIN, SIGTTOU, SIGCHLD,
                SIGTERM, SIGUSR1, 32, 33,
            ].contains($0)
        }

    private func start(_ words: [String], last: Int32, in folder: TemporaryFolder) async throws -> ChildProcess {
        let process = try ChildProcess(
            words[0],
            Array(words.dropFirst()) + [Programs.testchild, "into", folder.path("told"), "signals", "\(last)"],
            environment: ["PATH": "/usr/bin:/bin"], folder: folder.path)
        _ = try await folder.announcedPID(in: "told")
        return process
    }

    private func told(_ folder: TemporaryFolder) -> [Int32] {
        (folder.read("told") ?? "").split(separator: "\n").filter { $0.hasPrefix("signal ") }
            .compactMap { Int32($0.dropFirst(7)) }
    }

    @Test(arguments: RunCommandTests.Supervisor.allCases)
    func everySignalIsPassedOnOnce(supervisor: RunCommandTests.Supervisor) async throws {
        let folder = try TemporaryFolder()
        let process = try await start(try supervisor.words(), last: SIGUSR1, in: folder)
        for number in Self.passedOn {
            process.signal(number)
            _ = try await folder.text(of: "told") { $0.contains("signal \(number)\n") }
        }
        process.signal(SIGUSR1)
        #expect(try await process.ended(by: .usual) == .exited(0))
        #expect(told(folder) == Self.passedOn + [SIGUSR1])
    }

    @Test func whatGoesOnAfterSIGTERMIsKilled() async throws {
        let folder = try TemporaryFolder()
        let process = try await start(
            [Programs.supd, "run", "--timeout-stop", "2s", "--"], last: SIGUSR1, in: folder)
        process.signal(SIGTERM)
        // A second one of the same moment, as from a group's signal, is the same order.
        process.signal(SIGTERM)
        let ending = try await process.ended(by: .usual)
        #expect(ending == .exited(128 + SIGKILL))
        #expect(told(folder).filter { $0 == SIGTERM }.count == 1)
    }

    @Test func whatEndsAtSIGTERMHasItsOwnCode() async throws {
        let folder = try TemporaryFolder()
        let process = try await start([Programs.supd, "run", "--"], last: SIGTERM, in: folder)
        process.signal(SIGTERM)
        #expect(try await process.ended(by: .usual) == .exited(0))
    }

    @Test func anotherStopSignalIsSentInsteadOfSIGTERM() async throws {
        let folder = try TemporaryFolder()
        let process = try await start(
            [Programs.supd, "run", "--stop-signal", "SIGINT", "--"], last: SIGINT, in: folder)
        process.signal(SIGTERM)
        #expect(try await process.ended(by: .usual) == .exited(0))
        #expect(!told(folder).contains(SIGTERM))
    }
}
