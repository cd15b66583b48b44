import Glibc
import Testing

/// The hooks that come with supd, in the real daemon.
@Suite(.daemons)
struct ShippedHooksTests {
    private static let longDrain = "[supervisor.drain]\ntimeout = \"120s\"\nquiesce = \"30s\"\n"

    private func hook(_ run: String, _ point: String, _ settings: String..., budget: String = "20s") -> String {
        let all = ["run = \"\(run)\"", "at = \"\(point)\"", "budget = \"\(budget)\""] + settings
        return "{ \(all.joined(separator: ", ")) }"
    }

    private func command(_ words: String...) -> String { "command = \(TOML.list(words))" }

    private func hooks(_ list: String...) -> String { "hooks = [\(list.joined(separator: ", "))]\n" }

    // MARK: command

    @Test func aCommandIsAChildLikeAServiceAndToldWhyItIsRun() async throws {
        let folder = try TemporaryFolder()
        let reported = { command(Programs.testchild, "into", folder.path($0), "report") }
        let configuration =
            "[supervisor]\n" + hooks(hook("command", "before-services", reported("first")))
            + TOML.child(
                "web", ["chronicle", folder.path("up"), "web"],
                hooks(hook("command", "before-stop", reported("second"))))
        var pid = 0
        // Blocked and ignored signals and open descriptors of the daemon's own are not its children's.
        try await withDaemon(configuration, folder: folder, launcher: [Programs.testchild, "soil"]) { daemon in
            _ = try await folder.text(of: "up")
            pid = try await daemon.service("web", becomes: "RUNNING").requirePID()
            #expect(try await daemon.terminate() == .exited(0))
            #expect(try daemon.report().hooks_failed == [])
        }
        let first = Set((folder.read("first") ?? "").split(separator: "\n").map(String.init))
        for line in [
            "SigBlk=0000000000000000", "SigIgn=0000000000000000", "umask=0022", "cwd=/", "fd.0=/dev/null",
            "env.SUPD_HOOK_POINT=before-services", "env.SUPD_CAUSE=SIGTERM",
        ] {
            #expect(first.contains(line), "\(line) is not in \(first.sorted())")
        }
        #expect(first.count { $0.hasPrefix("fd.") } == 3)
        #expect(!first.contains { $0.hasPrefix("env.SUPD_SERVICE") })
        let second = Set((folder.read("second") ?? "").split(separator: "\n").map(String.init))
        for line in ["env.SUPD_HOOK_POINT=before-stop", "env.SUPD_SERVICE=web", "env.SUPD_MAIN_PID=\(pid)"] {
            #expect(second.contains(line), "\(line) is not in \(second.sorted())")
        }
    }

    @Test func aCommandThatFailsStandsInTheReportWithItsLastLine() async throws {
        let folder = try TemporaryFolder()
        let fails = command("/bin/sh", "-c", "echo one >&2; echo 'no such pool' >&2; exit 3")
        let configuration =
            "[supervisor]\n"
            + hooks(
                hook("command", "before-services", fails),
                hook("command", "after-services", command("no-such-program-here"), "name = \"absent\""))
            + TOML.child("web", ["chronicle", folder.path("up"), "web"])
        try await withDaemon(configuration, folder: folder) { daemon in
            _ = try await folder.text(of: "up")
            #expect(try await daemon.terminate() == .exited(0))
            let failed = try daemon.report().hooks_failed.array.compactMap(\.string)
            #expect(failed.first == "'command': /bin/sh: exit code 3: no such pool", "\(failed)")
            #expect(failed.last?.contains("'no-such-program-here', which is in no folder of PATH: ENOENT") == true)
        }
    }

    /// Its children are in sessions of their own and deaf to SIGTERM: only the mark in their environment tells whose they are.
    @Test func aCommandOverItsBudgetIsEndedWithAllThatItStarted() async throws {
        let folder = try TemporaryFolder()
        let tree = command(Programs.testchild, "into", folder.path("tree"), "tree", "2")
        let configuration = TOML.child(
            "web", ["chronicle", folder.path("up"), "web"], hooks(hook("command", "before-stop", tree, budget: "3s"))
        )
        try await withDaemon(configuration, folder: folder) { daemon in
            _ = try await folder.text(of: "up")
            try await daemon.order("stop", "web")
            let pids = TemporaryFolder.pids(folder.read("tree") ?? "")
            #expect(pids.count == 3)
            for pid in pids { #expect(try await ProcessTable.isGone(pid, by: .usual), "\(pid)") }
            #expect(try await daemon.service("web").state == "STOPPED")
            #expect(
                daemon.log.all.contains { $0.hasSuffix("hook 'command' of web is over its 3s and is cancelled") })
        }
    }

    // MARK: waits and files

    @Test func theWayDownWaitsForConnectionsAndForAPortAndIsMarkedByAFile() async throws {
        let folder = try TemporaryFolder()
        let server = try LoopbackServer()
        let port = "port = \(server.port)"
        let path = "path = \(TOML.quoted(folder.path("down")))"
        let configuration =
            "[supervisor]\n"
            + hooks(
                hook("touch-file", "before-services", path), hook("wait-connections", "before-services", port),
                hook("wait-port-closed", "before-services", port, "interval = \"20ms\""),
                hook("sleep", "before-services", "time = \"10ms\"", "reason = \"the cache is slow\""),
                hook("remove-file", "after-services", path))
            + Self.longDrain + TOML.child("web", ["chronicle", folder.path("up"), "web"])
        try await withDaemon(configuration, folder: folder, arguments: ["--log-level", "debug"]) { daemon in
            let says = { (text: String) in
                let line = try await daemon.log.first(by: .usual) { $0.contains(text) }
                #expect(line != nil, "\(text)")
            }
            _ = try await folder.text(of: "up")
            let connection = try server.connect()
            daemon.process.signal(SIGTERM)
            try await says("port \(server.port) has connections: 1")
            #expect(folder.exists("down"))
            #expect(try await daemon.service("web").state == "RUNNING")
            connection.shut()
            try await says("127.0.0.1:\(server.port) still listens")
            server.shut()
            try await says("waiting 10ms: the cache is slow")
            #expect(try await daemon.ended() == .exited(0))
            #expect(!folder.exists("down"))
            #expect(try daemon.report().hooks_failed == [])
        }
    }

    // MARK: Notify

    @Test func aProgramIsToldOfAServiceThatIsGivenUpAndOfTheDrain() async throws {
        let folder = try TemporaryFolder()
        let script = "echo \"$SUPD_EVENT ${SUPD_SERVICE-none}: $SUPD_TEXT\" >> \(folder.path("told"))"
        let configuration =
            "[plugins.notify]\n\(command("/bin/sh", "-c", script))\n"
            + TOML.service("bad", ["/nonexistent/program"], #"restart = "no""#)
            + TOML.child("web", ["chronicle", folder.path("up"), "web"])
        try await withDaemon(configuration, folder: folder, untilReady: false) { daemon in
            _ = try await folder.text(of: "up")
            _ = try await folder.text(of: "told") { $0.hasPrefix("fatal bad: bad is given up: ") }
            #expect(try await daemon.terminate() == .exited(0))
        }
        let told = (folder.read("told") ?? "").split(separator: "\n").map(String.init)
        #expect(told.count == 3, "\(told)")
        #expect(told.dropFirst().first == "drain-began none: a drain has begun: SIGTERM", "\(told)")
        #expect(told.last?.hasPrefix("drain-ended none: ") == true, "\(told)")
    }

    /// A sentence, and not the name of an error.
    @Test func aHookOverItsBudgetWasCancelled() async throws {
        let configuration =
            Self.longDrain + "[supervisor]\n"
            + hooks(hook("sleep", "before-services", "time = \"1h\"", "reason = \"nothing\"", budget: "100ms"))
        try await withDaemon(configuration) { daemon in
            _ = try await daemon.terminate()
            #expect(try daemon.report().hooks_failed == ["'sleep': was cancelled"])
        }
    }
}
