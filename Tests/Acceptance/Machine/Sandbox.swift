import Testing

/// A real systemd in namespaces of its own; see Tests/Fixtures/systemd-sandbox.
final class Sandbox: Sendable {
    private static let script = Programs.root + "/Tests/Fixtures/systemd-sandbox"
    private static let environment = ["PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]

    let folder: TemporaryFolder
    private let state: String

    private init(_ folder: TemporaryFolder) {
        self.folder = folder
        state = folder.path
    }

    /// Runs `body` in a machine that has the programs under test as /under-test, or skips the test with the reason.
    static func run(_ body: (Sandbox) async throws -> Void) async throws {
        let check = try await execute("check")
        if check.code == 77 { try Test.cancel("\(check.error.dropLast())") }
        try #require(check.code == 0, "\(check.error)")
        let sandbox = Sandbox(try TemporaryFolder())
        let start = try await execute("start", sandbox.state, Programs.folder, within: 150)
        try #require(start.code == 0, "\(start.error)")
        do {
            try await body(sandbox)
        } catch {
            let journal = try? await sandbox.shell("journalctl --no-pager -o short-precise | tail -n 60")
            _ = try await execute("stop", sandbox.state)
            throw Failure("\(error)\n\(journal?.output ?? "")")
        }
        let stop = try await execute("stop", sandbox.state)
        #expect(stop.code == 0, "\(stop.error)")
    }

    /// Runs a line of shell inside.
    func shell(_ line: String, within seconds: Double = 60) async throws -> Output {
        try await Self.execute("exec", state, "/bin/sh", "-c", line, within: seconds)
    }

    /// The output of a line that has to succeed.
    func require(_ line: String, within seconds: Double = 60) async throws -> String {
        let output = try await shell(line, within: seconds)
        guard output.code == 0 else { throw Failure("\(line): \(output)") }
        return output.output
    }

    /// What a line prints, once that fits.
    func output(of line: String, within seconds: Double = Deadline.patience, where fits: (String) -> Bool) async throws
        -> String
    {
        let deadline = Deadline.seconds(seconds)
        while true {
            let output = try await shell(line)
            if fits(output.output) { return output.output }
            if deadline.hasPassed { throw Failure("\(line): not as expected after \(seconds) s: \(output)") }
        }
    }

    /// Puts a file inside, by the folder that both sides see.
    func write(_ path: String, _ text: String) async throws {
        try folder.write("handover", text)
        _ = try await require("mkdir -p $(dirname \(path)) && cp /run/sandbox/handover \(path)")
    }

    private static func execute(_ arguments: String..., within seconds: Double = 60) async throws -> Output {
        try await AcceptanceTests.run(script, arguments, environment: environment, within: seconds)
    }
}
