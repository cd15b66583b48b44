import Glibc
import Testing

/// `exec_reload` and what supctl says of it.
@Suite(.daemons)
struct ReloadTests {
    @Test func theCommandRunsAndTheServiceGoesOn() async throws {
        let folder = try TemporaryFolder()
        let configuration = TOML.child(
            "web", ["into", folder.path("told"), "signals"], #"exec_reload = "/bin/kill -HUP $MAINPID""#)
        try await withDaemon(configuration, folder: folder) { daemon in
            let pid = try await folder.announcedPID(in: "told")
            for round in 1...2 {
                let output = try await daemon.supctl("reload", "web")
                #expect(output.code == 0, "\(output)")
                #expect(output.output.contains("RUNNING"))
                _ = try await folder.text(of: "told") { text in
                    text.split(separator: "\n").filter { $0 == "signal \(SIGHUP)" }.count == round
                }
            }
            #expect(try await daemon.service("web").pid.int == pid)
            #expect(try await daemon.service("web").restarts == 0)
        }
    }

    @Test func aCommandThatFailsIsToldAndTheServiceGoesOn() async throws {
        let configuration = TOML.child(
            "web", ["wait"], "exec_reload = \(TOML.list([Programs.testchild, "exit", "3"]))")
        try await withDaemon(configuration) { daemon in
            let pid = try await daemon.service("web", becomes: "RUNNING").requirePID()
            let output = try await daemon.supctl("reload", "web")
            #expect(output.code == 1)
            #expect(output.error.contains("web: ") && output.error.contains("exit code 3"), "\(output)")
            let web = try await daemon.service("web")
            #expect(web.state == "RUNNING")
            #expect(web.pid.int == pid)
        }
    }

    @Test func aReloadThatCannotBeSaysWhy() async throws {
        let configuration =
            TOML.child("plain", ["wait"]) + TOML.child("down", ["wait"], #"exec_reload = "/bin/true""#)
        try await withDaemon(configuration) { daemon in
            try await daemon.order("stop", "down")
            let plain = try await daemon.supctl("reload", "plain")
            #expect(plain.code == 1)
            #expect(plain.error.contains("plain has no exec_reload and no reload_signal"), "\(plain)")
            let down = try await daemon.supctl("reload", "down")
            #expect(down.code == 1)
            #expect(down.error.contains("down is STOPPED: there is nothing to reload"), "\(down)")
        }
    }

    @Test func theTreeHasEveryProcessOfTheService() async throws {
        let folder = try TemporaryFolder()
        let configuration = TOML.child(
            "web", ["into", folder.path("tree"), "family"], #"timeout_stop = "300ms""#)
        try await withDaemon(configuration, folder: folder) { daemon in
            let text = try await folder.text(of: "tree") { $0.filter { $0 == "\n" }.count == 5 }
            let main = try await daemon.service("web").requirePID()
            let output = try await daemon.supctl("tree", "web")
            #expect(output.code == 0)
            let rows = output.output.split(separator: "\n").dropFirst(2)
            let shown = rows.compactMap { row in row.split(separator: " ").first.flatMap { Int($0) } }
            #expect(Set(shown) == Set(TemporaryFolder.pids(text) + [main]), "\(output.output)")
            #expect(output.output.contains("web RUNNING, 6 processes, CPU "), "\(output.output)")
            let unknown = try await daemon.supctl("tree", "nothing")
            #expect(unknown.code != 0)
            #expect(unknown.error.contains("nothing"))
        }
    }
}
