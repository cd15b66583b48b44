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
