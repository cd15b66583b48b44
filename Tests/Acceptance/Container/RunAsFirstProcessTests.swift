import Glibc
import Testing

/// `supd run` as the first process of a process namespace.
@Suite(.daemons)
struct RunAsFirstProcessTests {
    private static let launcher = ["/usr/bin/unshare", "--pid", "--fork", "--kill-child", "--mount-proc"]
    private static let environment = ["PATH": "/usr/bin:/bin"]

    private func words() async throws -> [String] {
        guard try await run(Self.launcher[0], Array(Self.launcher.dropFirst()) + ["/bin/true"]).code == 0 else {
            try Test.cancel("a process namespace of its own is not allowed here")
        }
        return Self.launcher + [Programs.supd, "run"]
    }

    @Test(arguments: [0, 1, 42, 126, 127, 255])
    func theExitCodeIsPassedOn(code: Int32) async throws {
        let words = try await words() + ["--", Programs.testchild, "exit", "\(code)"]
        let output = try await run(words[0], Array(words.dropFirst()), environment: Self.environment)
        #expect(output.code == code)
    }

    @Test(arguments: [SIGHUP, SIGKILL, SIGTERM, 64])
    func aDeathBySignalIs128AndItsNumber(signal: Int32) async throws {
        let words = try await words() + ["--", Programs.testchild, "kill-self", "\(signal)"]
        let output = try await run(words[0], Array(words.dropFirst()), environment: Self.environment)
        #expect(output.code == 128 + signal)
    }

    @Test func orphansByTheThousandAreReapedAndTheStatusIsTheCommands() async throws {
        let folder = try TemporaryFolder()
        let told = folder.path("told")
        // The orphans end with their maker, which the command outlives.
        let script = #"t=$1; "$t" into "$2" orphans 2000 & wait $!; "$t" into "$2.end" signals 10; exit 23"#
        let words =
            try await words() + ["--socket", folder.path("control.sock"), "--", "/bin/sh", "-c", script, "sh"]
            + [Programs.testchild, told]
        let process = try ChildProcess(
            words[0], Array(words.dropFirst()), environment: Self.environment, folder: folder.path)
        do {
            _ = try await folder.text(of: "told", within: 60)
            let supd = try #require(ProcessTable.children(of: Int(process.pid)).first)
            let children = ProcessTable.childrenOfAll()
            let orphans = children[supd] ?? []
            #expect(orphans.count > 2000)
            let shell = try #require(orphans.first { children[$0] != nil })
            let maker = try #require(children[shell]?.first)
            try ProcessTable.kill(maker, SIGKILL)
            // The daemon answers meanwhile.
            let connection = try Connection(to: folder.path("control.sock"))
            let deadline = Deadline.usual
            while ProcessTable.children(of: supd).count > 1, !deadline.hasPassed {
                _ = try await connection.call("supervisor.ping", within: 20)
            }
            #expect(ProcessTable.children(of: supd) == [shell])
            _ = try await folder.text(of: "told.end")
            let last = try #require(ProcessTable.children(of: shell).first)
            try ProcessTable.kill(last, SIGUSR1)
            #expect(try await process.ended(by: .usual) == .exited(23))
        } catch {
            await process.destroy()
            throw error
        }
    }

    @Test func aSignalIsPassedOn() async throws {
        let folder = try TemporaryFolder()
        let words =
            try await words() + ["--", Programs.testchild, "into", folder.path("told"), "signals", "\(SIGUSR1)"]
        let process = try ChildProcess(
            words[0], Array(words.dropFirst()), environment: Self.environment, folder: folder.path)
        do {
            _ = try await folder.text(of: "told")
            let supd = try #require(ProcessTable.children(of: Int(process.pid)).first)
            try ProcessTable.kill(supd, SIGHUP)
            _ = try await folder.text(of: "told") { $0.contains("signal \(SIGHUP)\n") }
            try ProcessTable.kill(supd, SIGUSR1)
            #expect(try await process.ended(by: .usual) == .exited(0))
        } catch {
            await process.destroy()
            throw error
        }
    }
}
