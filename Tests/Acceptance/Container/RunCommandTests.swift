import Foundation
import Glibc
import Testing

/// `supd run`, and beside it the first process of containers that is known best, where this machine has it.
@Suite(.daemons)
struct RunCommandTests {
    enum Supervisor: String, CaseIterable {
        case supd, tini

        /// The words before the command; skips the test where there is no such program.
        func words() throws -> [String] {
            switch self {
            case .supd: return [Programs.supd, "run", "--"]
            case .tini:
                guard let tini = Programs.find("tini") else { try Test.cancel("there is no tini here") }
                return [tini, "-s", "--"]
            }
        }

        func run(_ command: [String]) async throws -> Output {
            let words = try words() + command
            return try await AcceptanceTests.run(
                words[0], Array(words.dropFirst()), environment: ["PATH": "/usr/bin:/bin"])
        }
    }

    /// All that end a process and leave no core file; those that do leave one are in `faults`.
    private static let deadly: [Int32] =
        [SIGHUP, SIGINT, SIGKILL, SIGUSR1, SIGUSR2, SIGPIPE, SIGALRM, SIGTERM, SIGSTKFLT]
        + [SIGVTALRM, SIGPROF, SIGIO, SIGPWR] + Array(34...64)
    private static let faults: [Int32] = [
        SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGXCPU, SIGXFSZ, SIGSYS,
    ]

    /// What is found by `probe` for each number, four at a time.
    private func each(
        _ numbers: [Int32], _ probe: @escaping @Sendable (Int32) async throws -> Int32?
    ) async throws -> [Int32: Int32] {
        try await withThrowingTaskGroup(of: (Int32, Int32?).self) { group in
            var found: [Int32: Int32] = [:]
            var rest = numbers[...]
            for number in rest.prefix(4) { group.addTask { (number, try await probe(number)) } }
            rest = rest.dropFirst(4)
            while let (number, code) = try await group.next() {
                found[number] = code
                if let number = rest.popFirst() { group.addTask { (number, try await probe(number)) } }
            }
            return found
        }
    }

    @Test(arguments: Supervisor.allCases)
    func everyExitCodeIsPassedOn(supervisor: Supervisor) async throws {
        _ = try supervisor.words()
        let found = try await each(Array(0...255)) {
            try await supervisor.run([Programs.testchild, "exit", "\($0)"]).code
        }
        #expect(found.filter { $0.key != $0.value } == [:])
        #expect(found.count == 256)
    }

    @Test(arguments: Supervisor.allCases)
    func aDeathBySignalIs128AndItsNumber(supervisor: Supervisor) async throws {
        _ = try supervisor.words()
        let numbers = Self.deadly + Self.faults
        let found = try await each(numbers) { number in
            try await supervisor.run(
                [
                    "/bin/sh", "-c", #"ulimit -c 0; exec "$@""#, "sh", Programs.testchild, "kill-self", "\(number)",
                ]
            ).code
        }
        #expect(found.filter { $0.value != 128 + $0.key } == [:])
        #expect(found.count == numbers.count)
    }

    @Test(arguments: Supervisor.allCases)
    func whatIsNotThereIs127AndWhatMayNotBeRun126(supervisor: Supervisor) async throws {
        let missing = try await supervisor.run(["/nonexistent/program"])
        #expect(missing.code == 127)
        #expect(missing.error.contains("/nonexistent/program"))
        let text = try await supervisor.run(["/etc/passwd"])
        #expect(text.code == 126)
        #expect(text.error.contains("/etc/passwd"))
    }

    @Test func aCommandThatCannotBeRunLeavesNoControlGroup() async throws {
        let output = try await run(
            Programs.supd, ["run", "--log-level", "info", "--", "/nonexistent/program"],
            environment: ["PATH": "/usr/bin:/bin"])
        guard
            let path = output.error.split(separator: "\n").first(where: { $0.contains(" control group below ") })?
                .split(separator: " ").last
        else { try Test.cancel("there are no control groups here") }
        #expect(access(String(path), F_OK) != 0, "\(path) is left")
    }

    @Test func aCommandThatEndsWellIsNotComplainedOf() async throws {
        let output = try await Supervisor.supd.run([Programs.testchild, "print", "one", "two"])
        #expect(output.code == 0)
        #expect(output.output == "one\ntwo\n")
        #expect(output.error == "")
    }

    @Test func itIsNotScaled() async throws {
        let folder = try TemporaryFolder()
        let socket = folder.path("control.sock")
        let output = try await run(
            Programs.supd,
            ["run", "--name", "web", "--socket", socket, "--", Programs.supctl, "--socket", socket, "scale", "web=2"],
            environment: ["PATH": "/usr/bin:/bin"])
        #expect(output.code == 1 && output.error.contains("'supd run' runs one command"), "\(output)")
    }

    @Test(arguments: Supervisor.allCases)
    func standardInputIsTheCommands(supervisor: Supervisor) async throws {
        let words = try supervisor.words() + ["cat"]
        let output = try await run(
            "/bin/sh", ["-c", #"printf 'one\ntwo\n' | "$@""#, "sh"] + words, environment: ["PATH": "/usr/bin:/bin"])
        #expect(output.output == "one\ntwo\n")
        #expect(output.code == 0)
    }

    /// In the background it leaves the terminal to whoever has it; afterwards it gives it back.
    @Test func theTerminalIsLentAndNeverTaken() async throws {
        guard let script = Programs.find("script") else { try Test.cancel("there is no script(1) here") }
        let supd = "\(Programs.supd) run --socket none --"
        let own = #"[ "$(ps -o pgid= -p $$)" = "$(ps -o tpgid= -p $$)" ] && echo"#
        let commands =
            "set -m; \(supd) /bin/sh -c 'sleep 0.2; :' & sleep 0.1; \(own) kept; wait; \(supd) /bin/true; \(own) returned"
        let folder = try TemporaryFolder()
        let file = try folder.write("commands", commands)
        let output = try await run(
            script, ["-qec", "/bin/sh \(file)", "/dev/null"], environment: ["PATH": "/usr/bin:/bin"])
        #expect(output.output.contains("kept") && output.output.contains("returned"), "\(output)")
    }

    @Test(arguments: Supervisor.allCases)
    func theCommandIsInTheForegroundOfItsTerminal(supervisor: Supervisor) async throws {
        guard let script = Programs.find("script") else { try Test.cancel("there is no script(1) here") }
        let own = #"[ "$(ps -o pgid= -p $$)" = "$(ps -o tpgid= -p $$)" ] && echo foreground"#
        let command = (try supervisor.words() + ["/bin/sh", "-c", own])
            .map { "'" + $0.replacing("'", with: #"'\''"#) + "'" }.joined(separator: " ")
        let output = try await run(script, ["-qec", command, "/dev/null"], environment: ["PATH": "/usr/bin:/bin"])
        #expect(output.output.contains("foreground"), "\(output)")
        #expect(output.code == 0)
    }

    /// What it made for its command is the next one's to remove, however soon that comes: it has no socket by which a successor knows it.
    @Test(.enabled(if: Programs.isRoot, "needs root, for control groups"))
    func oneThatWasKilledLeavesNoGroups() async throws {
        let folder = try TemporaryFolder()
        let (reading, writing) = try Descriptor.pipe()
        let log = Facts<String>()
        let reader = log.recordLines(of: reading)
        defer { reader.cancel() }
        let options = ["run", "--log-level", "info", "--"]
        let killed = try ChildProcess(
            Programs.supd, options + [Programs.testchild, "into", folder.path("up"), "wait"],
            environment: ["PATH": "/usr/bin:/bin"], folder: folder.path, errorOutput: writing)
        let child = try await folder.announcedPID(in: "up")
        _ = try await log.first(by: .usual) { $0.contains("is running") }
        let told = log.all.compactMap { $0.firstMatch(of: /control group below (\/[^ "]*\/supd-[0-9a-f]+)/)?.1 }.first
        killed.signal(SIGKILL)
        _ = try await killed.ended(by: .usual)
        try ProcessTable.kill(child, SIGKILL)
        guard let told else { try Test.cancel("supd makes no control groups of its own here: \(log.all)") }
        let base = String(told)
        let deadline = Deadline.usual
        // Another test's supd that began meanwhile may have been the next one.
        while FileManager.default.contents(atPath: base + "/cgroup.events")?.starts(with: Data("populated 1".utf8))
            == true
        {
            if deadline.hasPassed { throw Failure("\(base) is not empty") }
            await Task.yield()
        }
        let next = try await run(Programs.supd, ["run", "--", "/bin/true"], environment: ["PATH": "/usr/bin:/bin"])
        #expect(next.code == 0, "\(next)")
        #expect(access(base, F_OK) != 0, "\(base) is still there")
    }
}
