import Foundation
import Glibc
import Testing

/// Tab in the shells themselves, at a terminal.
@Suite(.daemons)
struct ShellCompletionTests {
    /// A shell with the completion that `contrib/install` puts where it looks, and `supctl` in its path.
    private func withShell(
        _ name: String, socket: String, _ body: (ShellSession) async throws -> Void
    ) async throws {
        guard let program = Programs.find(name) else { try Test.cancel("\(name) is not installed") }
        let completions = Programs.root + "/contrib/completions"
        let folder = try TemporaryFolder()
        // Where bash, and where zsh and fish look for machines.
        try folder.write("hosts", "192.0.2.1 buildhost\n")
        try FileManager.default.createDirectory(atPath: folder.path(".ssh"), withIntermediateDirectories: false)
        try folder.write(".ssh/known_hosts", "buildhost ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA\n")
        let (arguments, line): ([String], String) =
            switch name {
            case "bash": (["--norc", "-i"], "source \(completions)/supctl.bash")
            case "zsh":
                (
                    ["-f", "-i"],
                    "fpath=(\(completions) $fpath); autoload -U compinit; compinit -u -d \(folder.path("dump")); unsetopt menucomplete automenu"
                )
            default:
                (
                    ["--no-config", "-i"],
                    "function fish_prompt; echo -n 'ready$ '; end; source \(completions)/supctl.fish"
                )
            }
        let shell = try await ShellSession(
            program, arguments,
            environment: [
                "PATH": "\(Programs.folder):/usr/bin:/bin", "SUPD_SOCKET": socket, "HOME": folder.path,
                "HOSTFILE": folder.path("hosts"),
                "COLUMNS": "200", "PS1": "ready$ ",
            ], prompt: name == "fish" ? nil : "ready$ ")
        do {
            // What the shell says of the line before is no answer to the next one.
            try shell.type("\(line); echo is-'now'-set")
            try await shell.sees("is-now-set")
            try await body(shell)
        } catch {
            await shell.close()
            throw error
        }
        await shell.close()
    }

    @Test(arguments: ["bash", "zsh", "fish"]) func tabCompletesVerbsOptionsAndLiveNames(shell name: String) async throws
    {
        let configuration =
            TOML.child("worker", ["wait"], "instances = 2") + TOML.child("proxy", ["wait"], #"tags = ["front"]"#)
        try await withDaemon(configuration) { daemon in
            try await withShell(name, socket: daemon.socket) { shell in
                for (typed, shown) in [
                    // The line itself, said by a command that is put before it.
                    ("supctl -H buildhos\t ping\u{1}echo \n", "supctl -H buildhost ping"),
                    ("supctl pin\t\n", "supd is RUNNING"), ("supctl vers\t --js\t\n", #""protocol":"#),
                    ("supctl status prox\t --json\n", #"{"services":[{"name":"proxy""#),
                    ("supctl status worker@2 tag:fr\t --json\n", #""name":"proxy""#),
                    ("supctl --socket \(daemon.folder.path)/control.soc\t ping\n", "supd is RUNNING"),
                    ("supctl scale prox\t1 --no-wait --json\n", #""name":"proxy""#),
                    ("supctl events --kind drain,plug\t --json\n", #""events":[]"#),
                ] {
                    try shell.press(typed)
                    try await shell.sees(shown)
                }
            }
        }
    }

    @Test(arguments: ["bash", "zsh", "fish"]) func tabCompletesThoseOfSupd(shell name: String) async throws {
        let folder = try TemporaryFolder()
        try folder.write("empty.toml", "")
        try await withShell(name, socket: folder.path("none")) { shell in
            for (typed, shown) in [
                ("supd --vers\t\n", "(protocol"), ("supd chec\t\(folder.path)/empt\t\n", "no faults"),
                ("supd run --restart on-fail\t-- echo ov'er'\n", "over"), ("supd plug\t\n", "restart-policies"),
            ] {
                try shell.press(typed)
                try await shell.sees(shown)
            }
        }
    }

    @Test(arguments: ["bash", "zsh", "fish"]) func withoutADaemonThereAreNoNamesAndNoComplaints(shell name: String)
        async throws
    {
        let folder = try TemporaryFolder()
        try await withShell(name, socket: folder.path("none")) { shell in
            try shell.press("supctl status x\t\u{15}echo over-'and'-out\n")
            let shown = try await shell.sees("over-and-out")
            #expect(!shown.contains("supctl:") && !shown.contains("no daemon"), "\(shown)")
            try shell.press("supctl vers\t\n")
            try await shell.sees("no daemon at")
        }
    }
}
