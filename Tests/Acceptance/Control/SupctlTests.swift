import Glibc
import Testing

@Suite(.daemons)
struct SupctlTests {
    @Test func statusShowsATableWithoutColour() async throws {
        let configuration =
            TOML.child("web", ["wait"], #"description = "public site""#)
            + TOML.child("batch", ["exit", "0"], #"type = "oneshot""#)
        try await withDaemon(configuration) { daemon in
            try await daemon.service("batch", becomes: "EXITED")
            let output = try await daemon.supctl("status")
            #expect(output.code == 0)
            #expect(output.error.isEmpty)
            #expect(!output.output.contains("\u{1B}"))
            let lines = output.output.split(separator: "\n")
            #expect(lines.contains { $0.contains("web") && $0.contains("RUNNING") })
            #expect(lines.contains { $0.contains("batch") && $0.contains("EXITED") })
        }
    }

    @Test func statusAsJSONIsTheDaemonsOwnAnswer() async throws {
        try await withDaemon(TOML.child("web", ["wait"])) { daemon in
            let output = try await daemon.supctl("status", "--json")
            #expect(output.code == 0)
            let shown = try JSONValue(parsing: output.output)
            #expect(shown.keys == ["services"])
            #expect(shown.services.array.count == 1)
            #expect(shown.services.array[0].name == "web")
            #expect(shown.services.array[0].keys == (try await daemon.service("web")).keys)
        }
    }

    @Test func infoSaysWhatTheDaemonIs() async throws {
        try await withDaemon(TOML.child("web", ["wait"])) { daemon in
            let output = try await daemon.supctl("info")
            #expect(output.code == 0)
            #expect(output.output.contains("\nstate: RUNNING, up "))
            #expect(output.output.contains("\nprocesses: by "))
            let tracking = try JSONValue(parsing: try await daemon.supctl("info", "--json").output).process_tracking
            switch tracking.kind {
            case "control-groups": #expect(tracking.keys == ["kind", "path"])
            case "descent": #expect(tracking.keys == ["kind", "reason"])
            default: Issue.record("processes are told apart by \(tracking)")
            }
        }
    }

    @Test func ordersAreDoneWhenItReturns() async throws {
        try await withDaemon(TOML.child("web", ["wait"])) { daemon in
            let first = try await daemon.service("web").requirePID()
            #expect(try await daemon.supctl("restart", "web").code == 0)
            #expect(try await daemon.service("web").requirePID() != first)
            #expect(try await daemon.supctl("stop", "web").code == 0)
            #expect(try await daemon.service("web").state == "STOPPED")
            #expect(try await daemon.supctl("start", "web").code == 0)
            #expect(try await daemon.service("web").state == "RUNNING")
        }
    }

    @Test func aStartThatFailsIs1WithTheReason() async throws {
        let configuration =
            TOML.service("web", ["/nonexistent/program"], #"restart = "no""#) + TOML.child("keep", ["wait"])
        try await withDaemon(configuration) { daemon in
            let output = try await daemon.supctl("start", "web")
            #expect(output.code == 1)
            #expect(output.error.contains("ENOENT"), "\(output.error)")
        }
    }

    @Test(arguments: [
        ["--nonsense"], ["explode"], ["stop"], ["signal", "SIGNOTHING", "web"], ["stop", "web", "--timeout", "x"],
    ])
    func wrongUseIs2(arguments: [String]) async throws {
        try await withDaemon(TOML.child("web", ["wait"])) { daemon in
            let output = try await run(Programs.supctl, arguments, environment: ["SUPD_SOCKET": daemon.socket])
            #expect(output.code == 2, "\(output)")
            #expect(output.output.isEmpty)
            #expect(!output.error.isEmpty)
            #expect(try await daemon.service("web").state == "RUNNING")
        }
    }

    @Test func statusOfWhatDoesNotRunIs3() async throws {
        let configuration = TOML.child("web", ["wait"]) + TOML.child("off", ["wait"], "enabled = false")
        try await withDaemon(configuration) { daemon in
            #expect(try await daemon.supctl("status", "web").code == 0)
            let output = try await daemon.supctl("status", "web", "off")
            #expect(output.code == 3)
            #expect(output.output.contains("STOPPED"))
            // Nobody asked for it by name.
            #expect(try await daemon.supctl("status").code == 0)
        }
    }

    @Test func anUnknownServiceIs4WithASuggestion() async throws {
        try await withDaemon(TOML.child("web", ["wait"])) { daemon in
            for verb in ["status", "stop", "start", "restart"] {
                let output = try await daemon.supctl(verb, "wbe")
                #expect(output.code == 4, "\(verb): \(output)")
                #expect(output.error.contains("wbe"))
                #expect(output.error.contains("'web'"), "\(output.error)")
            }
        }
    }

    @Test func withoutADaemonItIs69AndSaysWhereItLooked() async throws {
        let folder = try TemporaryFolder()
        let socket = folder.path("control.sock")
        let output = try await run(Programs.supctl, ["status"], environment: ["SUPD_SOCKET": socket])
        #expect(output.code == 69)
        #expect(output.output.isEmpty)
        #expect(output.error.contains(socket), "\(output.error)")
    }

    @Test func withoutADaemonAnywhereItNamesTheStandardPlace() async throws {
        let folder = try TemporaryFolder()
        let output = try await run(
            Programs.supctl, ["status"], environment: ["XDG_RUNTIME_DIR": folder.path])
        let place = Programs.isRoot ? "/run/supd/control.sock" : folder.path("supd/control.sock")
        guard output.code == 69 || !Programs.isRoot else { try Test.cancel("a daemon serves \(place) on this machine") }
        #expect(output.code == 69)
        #expect(output.error.contains(place), "\(output.error)")
    }

    @Test func withoutADaemonItsOwnVersionIsSaidAllTheSame() async throws {
        let folder = try TemporaryFolder()
        func supctl(_ arguments: String...) async throws -> Output {
            try await run(Programs.supctl, arguments, environment: ["SUPD_SOCKET": folder.path("control.sock")])
        }
        let own = try await supctl("--version").output.dropLast()
        let version = try await supctl("version")
        #expect(version.code == 69 && version.output.hasPrefix("\(own), protocol "), "\(version)")
        #expect(version.output.split(separator: "\n").count == 1)
        #expect(version.error.hasPrefix("supctl: no daemon at '\(folder.path("control.sock"))'"), "\(version)")
        // It is the daemon's answer there, or none.
        #expect(try await supctl("version", "--json").output.isEmpty)
    }

    @Test func whatIsReadIsFoldedWhereTheTerminalEnds() async throws {
        let words = String(repeating: "word ", count: 20) + "end"
        try await withDaemon(TOML.child("web", ["wait"], "description = \"\(words)\"")) { daemon in
            for line in ["help", "help logs", "plugins", "status web"] {
                let output = try await run(
                    Programs.supctl, line.split(separator: " ").map(String.init),
                    environment: ["SUPD_SOCKET": daemon.socket, "COLUMNS": "60"])
                #expect(output.code == 0 && output.error.isEmpty, "\(output)")
                for line in output.output.split(separator: "\n") { #expect(line.count <= 60, "\(line)") }
                if line == "status web" { #expect(output.output.contains(" word end\n"), "\(output.output)") }
            }
        }
    }

    @Test func aWaitThatIsTooShortIs75() async throws {
        let folder = try TemporaryFolder()
        let configuration = TOML.child("web", ["into", folder.path("up"), "ignore-term"], #"timeout_stop = "2s""#)
        try await withDaemon(configuration, folder: folder) { daemon in
            _ = try await folder.text(of: "up") { $0.hasSuffix("\n") }
            let output = try await daemon.supctl("stop", "web", "--timeout", "200ms")
            #expect(output.code == 75, "\(output)")
            try await daemon.service("web", becomes: "STOPPED")
        }
    }

    @Test func shutdownThatWaitsPrintsTheReport() async throws {
        try await withDaemon(TOML.child("web", ["wait"])) { daemon in
            let output = try await daemon.supctl("shutdown", "--wait", "--json")
            #expect(output.code == 0, "\(output)")
            let report = try JSONValue(parsing: output.output)
            #expect(report.services.stopped == ["web"])
            // Whoever waited finds the same there, whether the daemon has ended or not.
            #expect(try daemon.report().started_at == report.started_at)
            #expect(try await daemon.ended() == .exited(0))
        }
    }

    @Test func globsAndTagsSelectServices() async throws {
        let configuration =
            TOML.child("web", ["wait"], "instances = 2", #"tags = ["front"]"#)
            + TOML.child("proxy", ["wait"], #"tags = ["front"]"#) + TOML.child("database", ["wait"])
        try await withDaemon(configuration) { daemon in
            let cases = [
                ("stop", "web@*", ["STOPPED", "STOPPED", "RUNNING", "RUNNING"]),
                ("stop", "tag:front", ["STOPPED", "STOPPED", "STOPPED", "RUNNING"]),
                ("start", "*", ["RUNNING", "RUNNING", "RUNNING", "RUNNING"]),
            ]
            for (verb, selector, states) in cases {
                let output = try await daemon.supctl(verb, selector)
                #expect(output.code == 0, "\(output)")
                #expect(try await daemon.services().map { $0.state.string } == states)
            }
        }
    }

    /// Never 0 with nothing to show for it; nor a complaint where the reader has left.
    @Test func lostOutputIsAFailure() async throws {
        try await withDaemon(TOML.child("web", ["wait"])) { daemon in
            func shell(_ command: String) async throws -> Output {
                try await run(
                    "/bin/sh", ["-c", command],
                    environment: [
                        "SUPD_SOCKET": daemon.socket, "SUPCTL": Programs.supctl, "SUPD": Programs.supd,
                        "CONFIG": daemon.configuration,
                    ])
            }
            for (command, code) in [
                ("$SUPCTL status >/dev/full", 1), ("$SUPCTL status >&-", 1), ("$SUPCTL --help >/dev/full", 1),
                ("$SUPD check --config $CONFIG >/dev/full", 70), ("$SUPD --version >&-", 70),
            ] as [(String, Int32)] {
                let output = try await shell(command)
                #expect(output.code == code, "\(command)")
                #expect(output.error.contains("standard output cannot be written: E"), "\(command): \(output.error)")
            }
        }
    }

    /// All of nothing is nothing, and no mistake of whoever asks.
    @Test func ofADaemonWithoutServicesAllIsNothing() async throws {
        try await withDaemon("[supervisor]\n") { daemon in
            for words in [
                "status", "stop --all", "list-dependencies", "tree", "logs", "why *", "cat *", "reload --all",
            ] {
                let output = try await run(
                    Programs.supctl, words.split(separator: " ").map(String.init),
                    environment: ["SUPD_SOCKET": daemon.socket])
                #expect(output.code == 0 && output.error == "", "\(words): \(output)")
                #expect(output.output == (words == "logs" ? "" : "no services\n"), "\(words): \(output)")
            }
            #expect(!daemon.log.all.contains { $0.contains("ordered by") }, "\(daemon.log.all)")
        }
    }

    /// As the tools of coreutils; and where somebody ignores SIGPIPE, what was asked for was done.
    @Test(arguments: [("", Ending.signaled(SIGPIPE)), ("trap '' PIPE;", .exited(0))])
    func aReaderThatHasLeftIsNoFailure(before: String, expected: Ending) async throws {
        let folder = try TemporaryFolder()
        let writing = try { try Descriptor.pipe().writing }()
        for (number, program) in [Programs.supctl, Programs.supd].enumerated() {
            let errors = "errors\(number)"
            let process = try ChildProcess(
                "/bin/sh", ["-c", "\(before) exec \(program) --help 2>\(errors)"], folder: folder.path, output: writing)
            #expect(try await process.ended(by: .usual) == expected)
            #expect(folder.read(errors) == "")
        }
    }

    /// All verbs alike: those that print once, and those that go on, which are told by no write that nobody reads any more.
    @Test(arguments: [
        ["status"], ["tree"], ["why", "web"], ["help"], ["logs", "web"], ["logs", "-f"], ["logs", "-f", "web"],
        ["events"],
        ["events", "-f"], ["tasks", "--watch"], ["info"], ["--json", "events", "-f"],
    ])
    func everyVerbEndsAlikeWhereTheReaderHasLeft(words: [String]) async throws {
        try await withDaemon(TOML.child("web", ["wait"])) { daemon in
            // Who has nothing to print does not find out.
            _ = try await daemon.log.first(by: .usual) { $0.contains("web[") && $0.contains("ready") }
            for (before, expected) in [("", Ending.signaled(SIGPIPE)), ("trap '' PIPE;", .exited(0))] {
                let writing = try { try Descriptor.pipe().writing }()
                let process = try ChildProcess(
                    "/bin/sh", ["-c", "\(before) exec \(Programs.supctl) \(words.joined(separator: " ")) 2>errors"],
                    environment: ["SUPD_SOCKET": daemon.socket], folder: daemon.folder.path, output: writing)
                #expect(try await process.ended(by: .usual) == expected, "\(words)")
                #expect(daemon.folder.read("errors") == "", "\(words)")
            }
        }
    }

    /// What goes on is told by no write that its reader has left, as long as there is nothing to say.
    @Test(arguments: [["tasks", "--watch"], ["logs", "-f", "web"], ["events", "-f", "--since", "0"]])
    func whoHasReadEnoughEndsWhatGoesOn(words: [String]) async throws {
        try await withDaemon(TOML.child("web", ["wait"])) { daemon in
            _ = try await daemon.log.first(by: .usual) { $0.contains("web[") && $0.contains("ready") }
            let script = "\(Programs.supctl) \(words.joined(separator: " ")) | head -n 1; exit ${PIPESTATUS[0]}"
            let done = try await run(
                "/bin/bash", ["-c", script],
                environment: ["PATH": "/usr/bin:/bin", "SUPD_SOCKET": daemon.socket])
            #expect(done.code == 128 + SIGPIPE && done.output.split(separator: "\n").count == 1, "\(words): \(done)")
        }
    }

    @Test func aFolderWhoseNameIsNoTextHasAConfigurationAllTheSame() async throws {
        let folder = try TemporaryFolder()
        try folder.write(
            "supd.toml",
            "supervisor.exit_when = \"all-exited\"\n" + TOML.service("once", ["/bin/true"], "type = \"oneshot\""))
        let script =
            #"d=$(printf 'a\377'); mkdir "$d" && cd "$d" && mv ../supd.toml . && "#
            + #"exec "$0" --config supd.toml --socket s"#
        let output = try await run(
            "/bin/sh", ["-c", script, Programs.supd], environment: ["PATH": "/usr/bin:/bin"], folder: folder.path)
        #expect(output.code == 0, "\(output)")
    }

    /// Whoever asks is in another folder than the daemon.
    @Test func aRelativeConfigurationIsToldAsOneThatEverybodyFinds() async throws {
        let folder = try TemporaryFolder()
        try folder.write("supd.toml", "include = [\"more/*.toml\"]\n" + TOML.child("web", ["wait"]))
        try #require(mkdir(folder.path("more"), 0o755) == 0)
        try folder.write("more/db.toml", TOML.child("db", ["wait"]))
        let process = try ChildProcess(
            Programs.supd, ["--config", "./supd.toml", "--socket", "control.sock"],
            environment: ["PATH": "/usr/bin:/bin"],
            folder: folder.path)
        let deadline = Deadline.usual
        var info = Output(ending: .exited(69), output: "", error: "")
        while info.code == 69, !deadline.hasPassed {
            info = try await run(Programs.supctl, ["info"], environment: ["SUPD_SOCKET": folder.path("control.sock")])
        }
        #expect(info.output.contains(folder.path("supd.toml")), "\(info)")
        #expect(info.output.contains(folder.path("control.sock")), "\(info)")
        for (words, file) in [
            (["status", "web"], "supd.toml"), (["cat", "web"], "supd.toml"), (["cat", "db"], "more/db.toml"),
        ] {
            let output = try await run(
                Programs.supctl, words, environment: ["SUPD_SOCKET": folder.path("control.sock")])
            #expect(output.output.contains(folder.path(file)), "\(words): \(output)")
        }
        process.signal(SIGTERM)
        #expect(try await process.ended(by: .usual) == .exited(0))
    }

    @Test func tasksAreListed() async throws {
        try await withDaemon(TOML.child("web", ["wait"])) { daemon in
            let output = try await daemon.supctl("tasks")
            #expect(output.code == 0)
            #expect(output.output.contains("web"), "\(output.output)")
        }
    }
}
