import Glibc
import Testing

/// What a configuration file says of commands, and of how long a run may be, in the real daemon.
@Suite(.daemons)
struct CommandsAroundTests {
    private func says(_ words: String..., in folder: TemporaryFolder) -> [String] {
        [Programs.testchild, "into", folder.path("book"), "print"] + words
    }

    @Test func commandsRunAroundTheProgramInTheirOrder() async throws {
        let folder = try TemporaryFolder()
        let failing = TOML.list(["-\(Programs.testchild)", "exit", "1"])
        let second = TOML.list(says("second of $NAME", in: folder))
        let configuration = TOML.service(
            "web", [Programs.testchild, "wait"],
            "environment = { NAME = \"%n\" }",
            "exec_start_pre = [\(TOML.list(says("first", in: folder))), \(failing), { command = \(second), timeout = \"20s\" }]",
            "exec_start_post = \(TOML.list(says("post ${MAINPID}", in: folder)))",
            "exec_stop = { command = \(TOML.list(says("stop ${MAINPID}", in: folder))), ignore_failure = true }",
            "exec_stop_post = \(TOML.list(says("after ${SERVICE_RESULT} ${EXIT_CODE} ${EXIT_STATUS}", in: folder)))")
        try await withDaemon(configuration, folder: folder) { daemon in
            let pid = try await daemon.service("web", becomes: "RUNNING").requirePID()
            try await daemon.order("stop", "web")
            let lines = try #require(folder.read("book")).split(separator: "\n").map(String.init)
            #expect(
                lines == [
                    "first", "second of web", "post \(pid)", "stop \(pid)", "after success killed TERM",
                ])
        }
    }

    /// What `supd check` says of a variable in a command is what the command finds in its environment.
    @Test func aCheckKnowsWhatEachCommandFinds() async throws {
        let folder = try TemporaryFolder()
        let keys = ["exec_start", "exec_start_pre", "exec_start_post", "exec_reload", "exec_stop", "exec_stop_post"]
        let settings = [
            #"watchdog = "1h""#, #"notify_access = "main""#, #"restart = "no""#,
            "sockets = [{ name = \"hidden\", listen = \"@\(folder.path("hidden"))\" }]",
        ]
        let reports = keys.dropFirst().map { key in
            "\(key) = \(TOML.list([Programs.testchild, "into", folder.path(key), "report"]))"
        }
        let program = "\(Programs.testchild) into \(folder.path("exec_start")) report; exec \(Programs.testchild) wait"
        let configuration = TOML.service(
            "web", ["/bin/sh", "-c", program], (settings + reports).joined(separator: "\n"))
        var found: [String: Set<String>] = [:]
        try await withDaemon(configuration, folder: folder) { daemon in
            _ = try await folder.text(of: "exec_start") { $0.contains("env.SUPD_INSTANCE=web") }
            try await daemon.order("reload", "web")
            try await daemon.order("stop", "web")
            // One that ends by itself tells its exec_stop how.
            try await daemon.order("start", "web")
            kill(Int32(try await daemon.service("web").requirePID()), SIGKILL)
            try await daemon.service("web", becomes: "EXITED")
        }
        for key in keys {
            let lines = (folder.read(key) ?? "").split(separator: "\n").filter { $0.hasPrefix("env.") }
            found[key] = Set(lines.map { String($0.dropFirst(4).prefix { $0 != "=" }) }).subtracting(["PWD"])
        }
        let all = found.values.reduce(Set()) { $0.union($1) }
        #expect(all.isSuperset(of: ["MAINPID", "SERVICE_RESULT", "LISTEN_FDS", "WATCHDOG_PID", "SUPD_INVOCATION"]))
        for key in keys {
            let words = ["/bin/true"] + all.sorted().map { "$\($0)" }
            let others = key == "exec_start" ? "" : "exec_start = \"/bin/true\"\n"
            let text =
                "[service.web]\n" + others + "\(key) = \(TOML.list(words))\n" + settings.joined(separator: "\n") + "\n"
            let check = try await run(Programs.supd, ["check", try folder.write("checked.toml", text)])
            #expect(check.code == 0, "\(check)")
            let warning =
                (check.output + check.error).split(separator: "\n").first { $0.contains("has no such variable") } ?? ""
            for name in all {
                #expect(warning.contains("'$\(name)'") != found[key]?.contains(name), "\(key), \(name): \(check)")
            }
        }
    }

    @Test func aCommandThatTakesTooLongFailsTheStart() async throws {
        let folder = try TemporaryFolder()
        let slow = TOML.list([Programs.testchild, "wait"])
        let configuration = TOML.child(
            "web", ["wait"], "exec_start_pre = { command = \(slow), timeout = \"100ms\" }", "restart = \"no\"",
            "exec_stop_post = \(TOML.list(says("after ${SERVICE_RESULT}", in: folder)))")
        try await withDaemon(configuration, folder: folder, untilReady: false) { daemon in
            try await daemon.serves()
            let web = try await daemon.service("web", becomes: "EXITED")
            #expect(web.reason.string?.hasPrefix("exec_start_pre: overran its timeout, ") == true, "\(web.text)")
            #expect(web.last_exit.forced == "command-timeout" && web.last_exit.command == "exec_start_pre")
            #expect(folder.read("book") == "after timeout\n")
            let line = try await daemon.log.first(by: .usual) {
                $0.contains("exec_start_pre") && $0.contains("it ran for longer than 100ms")
            }
            #expect(line?.contains("web") == true, "\(line ?? "no line")")
        }
    }

    /// The service was killed as its own time was over, and that of the shutdown is not.
    @Test func aCommandAfterAKillHasItsTimeInAShutdown() async throws {
        let folder = try TemporaryFolder()
        let tidies = ["/bin/sh", "-c", "sleep 1.5; echo tidied > \(folder.path("book"))"]
        let configuration = TOML.child(
            "web", ["into", folder.path("up"), "ignore-term"], "timeout_stop = \"100ms\"",
            "exec_stop_post = { command = \(TOML.list(tidies)), timeout = \"20s\" }")
        try await withDaemon(configuration, folder: folder) { daemon in
            _ = try await folder.text(of: "up")
            #expect(try await daemon.terminate() == .exited(0))
            #expect(folder.read("book") == "tidied\n", "\(daemon.log.all)")
        }
    }

    @Test func aRunEndsAtItsLimit() async throws {
        let configuration = TOML.child("web", ["wait"], "runtime_max = \"100ms\"", "restart = \"no\"")
        try await withDaemon(configuration) { daemon in
            let web = try await daemon.service("web", becomes: "EXITED")
            #expect(web.last_exit.signal == "SIGTERM", "\(web.text)")
        }
    }

    @Test func whatTheFailedCommandSaidLastIsTheReason() async throws {
        let failing = TOML.list([Programs.testchild, "fail", "3", "looking", "no table users"])
        let configuration =
            TOML.child("web", ["wait"], "exec_start_pre = \(failing)", "restart = \"no\"")
            + TOML.child("worker", ["fail", "4", "address in use"], "restart = \"no\"")
        try await withDaemon(configuration, untilReady: false) { daemon in
            try await daemon.serves()
            let web = try await daemon.service("web", becomes: "EXITED")
            #expect(
                web.reason.string?.hasPrefix("exec_start_pre: exit code 3, last said \"no table users\", left") == true,
                "\(web.text)")
            #expect(web.last_exit.success.bool == false)
            let worker = try await daemon.service("worker", becomes: "EXITED")
            #expect(
                worker.reason.string?.hasPrefix("exit code 4, last said \"address in use\", left") == true,
                "\(worker.text)")
            let shown = try await daemon.supctl("status")
            #expect(
                shown.output.split(separator: "\n").filter { $0.contains("EXITED (failed)") }.count == 2, "\(shown)")
        }
    }
}
