import Glibc
import Testing

/// The verbs about drains and plugins, on the real daemon.
@Suite(.daemons)
struct SupctlDrainTests {
    @Test func resumeUndoesADrainAndSaysWhereThereIsNone() async throws {
        let folder = try TemporaryFolder()
        try await withDaemon(TOML.child("web", ["chronicle", folder.path("up"), "web"]), folder: folder) { daemon in
            let none = try await daemon.supctl("resume")
            #expect(none.code == 1)
            #expect(none.error == "supctl: supd is not drained: there is nothing to resume\n")
            #expect(try await daemon.supctl("drain", "--wait").code == 0)
            #expect(try await daemon.service("web").state == "STOPPED")
            let output = try await daemon.supctl("resume")
            #expect(output.code == 0, "\(output)")
            #expect(output.output == "supd is RUNNING\n")
            try await daemon.service("web", becomes: "RUNNING")
        }
    }

    /// What was down before keeps its own reason, and nothing calls a drain the end of supd.
    @Test func aDrainIsToldOfThatWhichItHasStopped() async throws {
        let text = TOML.child("web", ["wait"]) + TOML.child("off", ["wait"], "enabled = false")
        try await withDaemon(text) { daemon in
            try await daemon.service("web", becomes: "RUNNING")
            #expect(try await daemon.supctl("drain", "--wait").code == 0)
            #expect(try await daemon.service("web").reason == "stopped by the drain")
            #expect(try await daemon.service("off").reason == "not enabled")
            let events = try await daemon.supctl("events", "--kind", "drain", "-n", "1")
            #expect(events.output.contains(" drain is over: Drained after "), "\(events)")
        }
    }

    @Test func pluginsAreListedAndTheirMethodsCalled() async throws {
        try await withDaemon("", program: Programs.troubled) { daemon in
            let list = try await daemon.supctl("plugins")
            #expect(list.output.contains("trouble 1.2: Makes trouble on request.\n"), "\(list)")
            let json = try JSONValue(parsing: try await daemon.supctl("plugins", "--json").output)
            #expect(json.text == (try await daemon.connect().call("plugins.list")).text)

            for method in ["plugin.trouble.echo", "trouble.echo"] {
                let echo = try await daemon.supctl("call", method, #"{"a": [1, "b"]}"#)
                #expect(echo.code == 0 && echo.output == #"{"a":[1,"b"]}"# + "\n", "\(echo)")
            }
            let failed = try await daemon.supctl("call", "trouble.echo", #"{"fail": true}"#)
            #expect(failed.code == 1 && failed.output.isEmpty)
            #expect(failed.error == "supctl: plugin.trouble.echo: it was asked to fail\n")
            let unknown = try await daemon.supctl("call", "trouble.ecco")
            #expect(unknown.code == 1 && unknown.error.contains("plugin.trouble.echo"), "\(unknown)")
            let wrong = try await daemon.supctl("call", "trouble.echo", "{")
            #expect(wrong.code == 2 && wrong.error.contains("PARAMS-JSON"), "\(wrong)")
        }
    }

    @Test func aDrainThatIsWaitedForSaysItsPhases() async throws {
        let folder = try TemporaryFolder()
        let configuration =
            "[supervisor.drain]\njobs = \"3s\"\n[plugins.trouble]\ndoes = [\"stubborn\"]\n"
            + TOML.child("bad", ["into", folder.path("up"), "ignore-term"], #"timeout_stop = "3s""#)
        try await withDaemon(configuration, folder: folder, program: Programs.troubled) { daemon in
            _ = try await folder.text(of: "up") { $0.hasSuffix("\n") }
            let output = try await daemon.supctl("shutdown", "--wait")
            #expect(output.code == 0, "\(output)")
            #expect(output.output.hasPrefix("drained in "))
            let lines = output.error.split(separator: "\n")
            #expect(lines.first?.hasPrefix("phase jobs: 1 service up, waiting for job stubborn, ") == true, "\(lines)")
            let services = "phase services: 1 service up, waiting for service bad, "
            #expect(lines.contains { $0.hasPrefix(services) }, "\(lines)")
            #expect(!output.error.contains("\u{1B}"))
        }
    }

    @Test func tasksAreWatchedUntilTheDaemonEnds() async throws {
        let folder = try TemporaryFolder()
        let configuration = TOML.child("bad", ["into", folder.path("up"), "ignore-term"], #"timeout_stop = "3s""#)
        try await withDaemon(configuration, folder: folder) { daemon in
            _ = try await folder.text(of: "up") { $0.hasSuffix("\n") }
            async let watching = run(
                "/bin/sh", ["-c", "exec \(Programs.supctl) tasks --watch >\(folder.path("tables"))"],
                environment: ["SUPD_SOCKET": daemon.socket, "PATH": "/usr/bin:/bin"])
            _ = try await folder.text(of: "tables") { $0.contains("registry open, ") }
            #expect(try await daemon.terminate() == .exited(0))
            let output = try await watching
            #expect(output.code == 0, "\(output)")
            let tables = folder.read("tables") ?? ""
            #expect(tables.contains("registry draining, ") && !tables.contains("\u{1B}"), "\(tables)")
        }
    }

    /// It has nothing to put right, and so dies of it as any program.
    @Test func aWatchIsEndedBySIGINT() async throws {
        try await withDaemon(TOML.child("web", ["wait"])) { daemon in
            let pipe = try Descriptor.pipe()
            let watching = try ChildProcess(
                Programs.supctl, ["tasks", "--watch"], environment: ["SUPD_SOCKET": daemon.socket],
                output: pipe.writing)
            let lines = Facts<String>()
            let reader = lines.recordLines(of: pipe.reading)
            defer { reader.cancel() }
            #expect(try await lines.first(by: .usual) { $0.hasPrefix("registry open") } != nil)
            watching.signal(SIGINT)
            #expect(try await watching.ended(by: .usual) == .signaled(SIGINT))
        }
    }
}
