import Foundation
import Testing

/// `supctl -H` where ssh takes its time before it is let in.
@Suite(.daemons)
struct SupctlSlowHostTests {
    /// A shell at a terminal, with an ssh that does `script`.
    private func withSSH(
        _ script: String, _ body: (ShellSession, TemporaryFolder) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder()
        try await folder.writeProgram("ssh", "#!/bin/sh\n\(script)\n")
        let shell = try await ShellSession(environment: [
            "PATH": "\(folder.path):\(Programs.folder):/usr/bin:/bin", "TERM": "xterm", "TMPDIR": folder.path,
        ])
        do {
            try await body(shell, folder)
        } catch {
            await shell.close()
            throw error
        }
        await shell.close()
    }

    /// Until the file `go` is there.
    private static let untilGo = #"while [ ! -e "$TMPDIR/go" ]; do sleep 0.02; done"#

    @Test(arguments: ["", "--socket /run/supd/control.sock "])
    func whatIsWaitedForIsSaidOnATerminal(option: String) async throws {
        try await withSSH("\(Self.untilGo); echo no route >&2; exit 255") { shell, folder in
            try shell.type("supctl -H alpha,root@beta \(option)ping; echo code $?")
            try await shell.sees("waiting for ssh to alpha, root@beta\u{1B}[K\r\n\u{1B}[J")
            try folder.write("go", "")
            // It is taken away before anything else is said.
            try await shell.sees("\r\u{1B}[1A\u{1B}[J")
            try await shell.sees("supctl: alpha: no route\r\nsupctl: root@beta: no route\r\n")
            try await shell.sees("code 69")
        }
    }

    /// Such as that a key wants to be touched.
    @Test func whatSSHSaysIsToldAlong() async throws {
        try await withSSH("echo 'touch the key' >&2; \(Self.untilGo); exit 255") { shell, folder in
            try shell.type("supctl -H alpha ping")
            try await shell.sees("waiting for ssh to alpha; it says: touch the key\u{1B}[K")
            try folder.write("go", "")
            try await shell.sees("supctl: alpha: touch the key\r\n")
        }
    }

    /// It has the terminal for itself, also where it runs below another.
    @Test(arguments: ["", "sh -c "]) func nothingIsSaidWhileSSHAsksForAPassword(command: String) async throws {
        let asking = "exec 3<>/dev/tty; printf password: >&3; read -r word <&3; exec 3>&-"
        let script = command.isEmpty ? asking : "\(command)'\(asking)'"
        try await withSSH("\(script); echo 'not let in' >&2; exit 255") { shell, _ in
            try shell.type("supctl -H alpha --socket /s ping")
            try await shell.sees("password:")
            // Longer than it is silent otherwise.
            do {
                try await shell.sees("waiting", within: 1.5)
                Issue.record("it is said beside the question")
            } catch is Failure {}
            try shell.type("secret")
            try await shell.sees("supctl: alpha: not let in\r\n")
        }
    }

    /// However many they are: each has its row, and nothing is left of any.
    @Test func aHundredHostsHaveARowEach() async throws {
        let folder = try TemporaryFolder()
        // The question is answered, and what forwards is not.
        try await folder.writeProgram(
            "ssh", "#!/bin/sh\ncase \"$*\" in *-L*) echo no route >&2; exit 255;; *) echo /nowhere;; esac\n")
        let places = folder.path("tmp")
        try FileManager.default.createDirectory(atPath: places, withIntermediateDirectories: false)
        let hosts = (1...100).map { "h\($0)" }.joined(separator: ",")
        let output = try await run(
            Programs.supctl, ["-H", hosts, "status"],
            environment: ["PATH": "\(folder.path):/usr/bin:/bin", "TMPDIR": places])
        #expect(output.code == 69 && output.output.split(separator: "\n").count == 101, "\(output)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: places) == [])
    }

    @Test func inAPipeNothingIsSaid() async throws {
        let folder = try TemporaryFolder()
        try await folder.writeProgram("ssh", "#!/bin/sh\nsleep 1.5\necho no route >&2\nexit 255\n")
        let output = try await run(
            Programs.supctl, ["-H", "alpha", "ping"],
            environment: ["PATH": "\(folder.path):/usr/bin:/bin", "TMPDIR": folder.path])
        #expect(output.code == 69 && output.error == "supctl: alpha: no route\n", "\(output)")
    }
}
