import Glibc
import Testing

@Suite(.daemons)
struct BadConfigurationTests {
    private static let environment = ["PATH": "/usr/bin:/bin"]

    /// Ten lines, each with one mistake of its own kind.
    private static let tenMistakes = """
        [supervisor]
        exit_wen = "never"
        start_parallelism = "many"

        [supervisor.drain]
        timeout = "60 parsecs"

        [service.web]
        exec_start = "/bin/sleep 1"
        restart = "sometimes"
        requires = ["databse"]
        umask = "0999"

        [service.database]
        exec_start = ["/bin/sleep", "1"]
        kill_signal = "SIGNOTHING"
        nice = 99
        backoff = { policy = "exponential", factr = 2.0 }

        [service.empty]
        description = "no command"

        """
    /// Where the ten are, by their lines.
    private static let lines = [2, 3, 6, 10, 11, 12, 16, 17, 18, 20]

    @Test(arguments: [["check"], []])
    func tenMistakesAreTenMessages(verb: [String]) async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("supd.toml", Self.tenMistakes)
        let socket = verb.isEmpty ? ["--socket", folder.path("control.sock")] : []
        let output = try await run(
            Programs.supd, verb + ["--config", file] + socket, environment: Self.environment)
        #expect(output.code == 78)
        let messages = output.error.split(separator: "\n").filter { $0.contains("\(file):") }
        let lines = messages.compactMap { message in
            message.split(separator: "\(file):").last?.split(separator: ":").first.flatMap { Int($0) }
        }
        #expect(lines == Self.lines, "\(output.error)")
        #expect(!folder.exists("control.sock"))
    }

    @Test func theNearestKnownWordIsSuggested() async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("supd.toml", Self.tenMistakes)
        let output = try await run(Programs.supd, ["check", "--config", file], environment: Self.environment)
        for word in ["exit_when", "database", "factor"] {
            #expect(output.error.contains("'\(word)'"), "\(output.error)")
        }
    }

    @Test func aCycleIsPrinted() async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(
            "supd.toml",
            TOML.child("a", ["wait"], #"requires = ["b"]"#) + TOML.child("b", ["wait"], #"after = ["c"]"#)
                + TOML.child("c", ["wait"], #"wants = ["a"]"#, #"after = ["a"]"#))
        let output = try await run(Programs.supd, ["check", "--config", file], environment: Self.environment)
        #expect(output.code == 78)
        #expect(output.error.contains("a → b → c → a"), "\(output.error)")
    }

    @Test func aGoodFileIsZeroAndSilentOnStandardError() async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("supd.toml", TOML.child("web", ["wait"]))
        let output = try await run(Programs.supd, ["check", "--config", file], environment: Self.environment)
        #expect(output.code == 0)
        #expect(output.error.isEmpty)
    }

    @Test func aWarningIsToldByTheCheckAndAtTheStartAndNothingIsRefused() async throws {
        let folder = try TemporaryFolder()
        let text = TOML.child("worker", ["wait"], #"timeout_stop = "3600s""#)
        let file = try folder.write("supd.toml", text)
        let output = try await run(Programs.supd, ["check", "--config", file], environment: Self.environment)
        #expect(output.code == 0)
        let warning = ": warning: 'worker' may take 1h to stop"
        #expect(output.error.hasPrefix(file + ":") && output.error.contains(warning), "\(output.error)")
        #expect(output.output == "\(file): 1 service, no faults, 1 warning\n")
        try await withDaemon(text, folder: folder) { daemon in
            try await daemon.service("worker", becomes: "RUNNING")
            let line = try await daemon.log.first(by: .usual) { $0.contains(": 'worker' may take 1h to stop") }
            #expect(line?.contains(" warning \(file):") == true, "\(line ?? "no line")")
        }
    }

    @Test func aProgramThatIsNotThereIsWarnedOfByTheCheckAlone() async throws {
        let folder = try TemporaryFolder()
        let plain = try folder.write("plain", "not executable")
        let text =
            TOML.service("absent", [folder.path("absent")]) + TOML.service("plain", [plain])
            + TOML.service("nowhere", ["supd-no-such-program"]) + TOML.service("shell", ["sh", "-c", "exit 0"])
            + TOML.child("good", ["wait"])
        let file = try folder.write("supd.toml", text)
        let output = try await run(Programs.supd, ["check", "--config", file], environment: Self.environment)
        #expect(output.code == 0)
        let warnings = output.error.split(separator: "\n")
        try #require(warnings.count == 3, "\(output.error)")
        #expect(warnings[0].contains("there is no file \(folder.path("absent")) that can be executed, so 'absent' "))
        #expect(warnings[1].contains("there is no file \(plain) that can be executed, so 'plain' cannot be started"))
        #expect(warnings[2].contains("there is no program 'supd-no-such-program' in /usr/local/sbin:"))
        #expect(output.output == "\(file): 5 services, no faults, 3 warnings\n")
        // A daemon that starts does not wait for the disks that programs are on.
        try await withDaemon(text, folder: folder) { daemon in
            try await daemon.service("good", becomes: "RUNNING")
            #expect(!daemon.log.all.contains { $0.contains("that can be executed, so") })
        }
    }

    /// What a stop or a reload runs may be missed only when it is needed.
    @Test func aProgramOfACommandAProbeOrAHookIsWarnedOfToo() async throws {
        let folder = try TemporaryFolder()
        let settings =
            ["exec_stop", "exec_reload"].map { "\($0) = \(TOML.list([folder.path($0)]))" } + [
                "health = { type = \"exec\", command = \(TOML.list([folder.path("health")])) }",
                "hooks = [{ run = \"command\", at = \"before-stop\", command = \(TOML.list([folder.path("hook")])) }]",
            ]
        let file = try folder.write("supd.toml", TOML.child("web", ["wait"], settings.joined(separator: "\n")))
        let output = try await run(Programs.supd, ["check", file], environment: Self.environment)
        #expect(output.code == 0)
        let warnings = output.error.split(separator: "\n")
        #expect(warnings.count == 4, "\(output.error)")
        for (warning, (program, fails)) in zip(
            warnings,
            [
                ("exec_stop", "'exec_stop' of 'web'"), ("exec_reload", "'exec_reload' of 'web'"),
                ("health", "'health.command'"), ("hook", "'hooks.command'"),
            ])
        {
            #expect(
                warning.contains("there is no file \(folder.path(program)) that can be executed, so ")
                    && warning.contains("\(fails) fails: install it"), "\(warning)")
        }
    }

    @Test func includedFilesAreReadAndTheirMistakesNameThem() async throws {
        let folder = try TemporaryFolder()
        try #require(mkdir(folder.path("services.d"), 0o755) == 0)
        try folder.write("services.d/10-web.toml", TOML.child("web", ["wait"]))
        let file = try folder.write("supd.toml", "include = [\"services.d/*.toml\"]\n")
        try await withDaemon("include = [\"services.d/*.toml\"]\n", folder: folder) { daemon in
            try await daemon.service("web", becomes: "RUNNING")
        }
        try folder.write("services.d/20-bad.toml", "[service.bad]\nexec_strt = [\"/bin/true\"]\n")
        let output = try await run(Programs.supd, ["check", "--config", file], environment: Self.environment)
        #expect(output.code == 78)
        #expect(output.error.contains("20-bad.toml:2:1:"), "\(output.error)")
    }

    @Test(arguments: ["", "\u{0}", "[", "[service.web]\nexec_start = [\"/bin/true\"", "\u{FEFF}x"])
    func aBrokenFileNeverCrashes(text: String) async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("supd.toml", text)
        let output = try await run(Programs.supd, ["check", "--config", file], environment: Self.environment)
        #expect(output.code == (text.isEmpty ? 0 : 78), "\(output.error)")
    }

    /// What takes root is said to whoever is not root, before it is started.
    @Test func anOrdinaryUserIsToldWhatTakesRoot() async throws {
        let setpriv = try #require(Programs.find("setpriv"))
        let asNobody = ["--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all", Programs.supd]
        guard Programs.isRoot, try await run(setpriv, asNobody + ["--version"]).code == 0 else {
            try Test.cancel("takes root, and programs that everybody can run")
        }
        let folder = try TemporaryFolder()
        chmod(folder.path, 0o755)
        let file = try folder.write(
            "supd.toml",
            TOML.service(
                "web", ["/bin/true"], "user = \"root\"", "nice = -5", "sockets = [{ listen = \"127.0.0.1:80\" }]")
                + TOML.service(
                    "files", ["/bin/true"], "environment_files = \"/etc/shadow\"", "working_directory = \"/root\"",
                    "log = { sink = \"file\", file = \"/etc/x.log\" }", "sockets = [{ listen = \"/etc/x.sock\" }]"))
        chmod(file, 0o644)
        let output = try await run(setpriv, asNobody + ["check", "--config", file])
        #expect(output.code == 0)
        #expect(output.error.contains("warning: 'user' is not supd's own, and uid 65534, who checks this"), "\(output)")
        #expect(output.error.contains("'nice' is -5") && output.error.contains("has the port 80"), "\(output)")
        for use in [
            "read the environment file /etc/shadow", "enter the folder /root", "write the log file /etc/x.log",
            "make the socket /etc/x.sock",
        ] {
            #expect(output.error.contains("uid 65534, who checks this, may not \(use), EACCES"), "\(output)")
        }
    }
}
