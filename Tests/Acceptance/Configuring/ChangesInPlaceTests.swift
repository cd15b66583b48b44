import Foundation
import Glibc
import Testing

/// Keys that are changed under a running service: each does something else afterwards, and the process is the same.
@Suite(.daemons)
struct ChangesInPlaceTests {
    private static let soon = #"backoff = { policy = "constant", delay = "10ms", jitter = "none" }"#

    /// The services run on as they are while the configuration is changed.
    private func change(_ daemon: Daemon, to configuration: String) async throws {
        let old = try await daemon.runs()
        try await daemon.applies(configuration)
        #expect(try await daemon.runs() == old)
    }

    @Test func theNextStopGoesByTheNewKeys() async throws {
        let folder = try TemporaryFolder()
        func site(_ keys: [String]) -> String {
            TOML.child("deaf", ["into", folder.path("deaf"), "ignore-term"], keys[0])
                + TOML.child("signal", ["into", folder.path("signal"), "wait"], keys[1])
                + TOML.child("steps", ["into", folder.path("steps"), "ignore-term"], keys[2])
                + TOML.child("commands", ["into", folder.path("commands"), "signals"], keys[3])
        }
        let told = { (text: String) in TOML.list([Programs.testchild, "into", folder.path("book"), "print", text]) }
        let old = [#"timeout_stop = "60s""#, "", #"timeout_stop = "60s""#, #"timeout_stop = "20s""#]
        let new = [
            #"timeout_stop = "100ms""#, #"kill_signal = "SIGUSR1""#,
            #"stop_steps = [{ signal = "SIGUSR2", wait = "20s" }]"#,
            """
            timeout_stop = "20s"
            exec_reload = "/bin/kill -USR1 $MAINPID"
            exec_stop = \(told("stop"))
            exec_stop_post = \(told("after"))
            hooks = [{ run = "command", at = "before-stop", command = \(told("hook")) }]
            """,
        ]
        try await withDaemon(site(old), folder: folder) { daemon in
            for name in ["deaf", "signal", "steps", "commands"] { _ = try await folder.announcedPID(in: name) }
            try await change(daemon, to: site(new))
            #expect(try await daemon.supctl("reload", "commands").code == 0)
            _ = try await folder.text(of: "commands") { $0.contains("signal \(SIGUSR1)\n") }
            try await daemon.order("stop", "deaf", "signal", "steps", "commands", timeout: 10)
            #expect(try await daemon.service("deaf").last_exit.signal == "SIGKILL")
            #expect(try await daemon.service("signal").last_exit.signal == "SIGUSR1")
            #expect(try await daemon.service("steps").last_exit.signal == "SIGUSR2")
            #expect(folder.read("book")?.split(separator: "\n") == ["hook", "stop", "after"])
        }
    }

    @Test func theNextEndGoesByTheNewPolicies() async throws {
        let hour = #"backoff = { policy = "constant", delay = "1h", jitter = "none" }"#
        let old =
            TOML.child("again", ["wait"], #"restart = "no""#, Self.soon) + TOML.child("left", ["wait"], Self.soon)
            + TOML.child("sooner", ["wait"], hour) + TOML.child("limited", ["wait"])
        let new =
            TOML.child("again", ["wait"], #"restart = "always""#, Self.soon)
            + TOML.child("left", ["wait"], #"restart = "no""#, Self.soon) + TOML.child("sooner", ["wait"], Self.soon)
            + TOML.child("limited", ["wait"], #"runtime_max = "100ms""#, #"restart = "no""#)
        try await withDaemon(old) { daemon in
            let runs = try await daemon.runs("again", "left", "sooner")
            try await daemon.applies(new)
            #expect(try await daemon.runs("again", "left", "sooner") == runs)
            for name in ["again", "left", "sooner"] {
                try ProcessTable.kill(try await daemon.service(name).requirePID(), SIGKILL)
            }
            for name in ["again", "sooner"] {
                try await daemon.service(name, becomes: "run again") { $0.state == "RUNNING" && $0.restarts == 1 }
            }
            try await daemon.service("left", becomes: "EXITED")
            // Its time is up by now, whatever it was before.
            try await daemon.service("limited", becomes: "EXITED")
        }
    }

    @Test func everyProcessOfTheTreeGetsItsLimits() async throws {
        let folder = try TemporaryFolder()
        func site(_ keys: String...) -> String {
            TOML.child("web", ["into", folder.path("tree"), "tree", "1"], keys.joined(separator: "\n"))
        }
        try await withDaemon(site("limits = { nofile = 512 }"), folder: folder) { daemon in
            let text = try await folder.text(of: "tree") { $0.filter { $0 == "\n" }.count == 2 }
            let processes = TemporaryFolder.pids(text)
            try await change(
                daemon,
                to: site(#"limits = { nofile = "256:400", core = 0 }"#, "nice = 7", "oom_score_adjust = 321"))
            for pid in processes {
                let limits = Self.read(pid, "limits")
                #expect(limits.contains(/Max\ open\ files\ +256\ +400\ /), "\(limits)")
                #expect(limits.contains(/Max\ core\ file\ size\ +0\ +0\ /), "\(limits)")
                #expect(getpriority(__priority_which_t(PRIO_PROCESS.rawValue), id_t(pid)) == 7)
                #expect(Self.read(pid, "oom_score_adj") == "321\n")
            }
        }
    }

    /// By CAP_SYS_RESOURCE alone a hard limit is raised.
    private static var raisesHardLimits: Bool {
        let status = String(
            decoding: FileManager.default.contents(atPath: "/proc/self/status") ?? Data(), as: UTF8.self)
        let digits = status.firstMatch(of: /CapEff:\t([0-9a-f]+)/)?.1 ?? ""
        return (UInt64(digits, radix: 16) ?? 0) & (1 << 24) != 0
    }

    @Test func aLimitThatIsTakenOutIsTakenBackOrSaidToStay() async throws {
        func site(_ keys: String) -> String { TOML.child("web", ["wait"], keys) }
        func files(_ daemon: Daemon) async throws -> String? {
            let limits = Self.read(try await daemon.service("web").requirePID(), "limits")
            let line = limits.split(separator: "\n").first { $0.hasPrefix("Max open files") }
            return line.map { $0.split(separator: " ").dropFirst(3).prefix(2).joined(separator: ":") }
        }
        try await withDaemon(site("")) { daemon in
            let before = try await files(daemon)
            try await daemon.applies(site(#"limits = { nofile = "99:199" }"#))
            #expect(try await files(daemon) == "99:199")
            let output = try await daemon.apply(site(""))
            if Self.raisesHardLimits {
                #expect(output.code == 0, "\(output)")
                #expect(try await files(daemon) == before)
            } else {
                #expect(output.code == 1 && output.error.contains("web: goes on without nofile: EPERM"), "\(output)")
                #expect(try await files(daemon) == "199:199")
            }
            try await daemon.order("restart", "web")
            #expect(try await files(daemon) == before)
        }
    }

    @Test func theGroupGetsItsResources() async throws {
        let folder = try TemporaryFolder()
        func site(_ pids: Int) -> String { TOML.child("web", ["wait"], "resources = { pids_max = \(pids) }") }
        try await withDaemon(site(50), folder: folder) { daemon in
            let web = try await daemon.service("web")
            guard let pid = web.pid.int else { try Test.cancel("\(web.reason.string ?? "web does not run")") }
            let tree = try await daemon.connect().call("service.tree", ["services": ["web"]])
            let group = try #require(tree.services.array.first?.control_group.string, "\(tree.text)")
            let limit = group + "/pids.max"
            #expect(FileManager.default.contents(atPath: limit) == Data("50\n".utf8), "of process \(pid)")
            try await change(daemon, to: site(60))
            #expect(FileManager.default.contents(atPath: limit) == Data("60\n".utf8))
        }
    }

    @Test func probesAreBegunAnew() async throws {
        let folder = try TemporaryFolder()
        func site(_ command: String) -> String {
            let probe = #"{ type = "exec", command = "\#(command)", period = "50ms""#
            return TOML.child("slow", ["wait"], "ready = \(probe) }", #"timeout_start = "infinity""#)
                + TOML.child(
                    "web", ["wait"],
                    command == "/bin/true"
                        ? "health = \(probe.replacing("true", with: "false")), on_failure = \"none\" }" : "")
        }
        try await withDaemon(site("/bin/false"), folder: folder, untilReady: false) { daemon in
            try await daemon.serves()
            let slow = try await daemon.service("slow", becomes: "STARTING").requirePID()
            let web = try await daemon.service("web", becomes: "RUNNING").requirePID()
            try await daemon.applies(site("/bin/true"))
            #expect(try await daemon.service("slow", becomes: "RUNNING").requirePID() == slow)
            let ill = try await daemon.service("web", becomes: "unhealthy") { $0.health == "unhealthy" }
            #expect(ill.pid.int == web)
            try await daemon.applies(site("/bin/false"))
            #expect(try await daemon.service("web", becomes: "unasked") { $0.health.isNull }.pid.int == web)
        }
    }

    @Test func aStartThatHadAllTheTimeHasALimitNow() async throws {
        func site(_ limit: String) -> String {
            TOML.child(
                "web", ["wait"], #"ready = { type = "exec", command = "/bin/false", period = "10s" }"#,
                "timeout_start = \"\(limit)\"", #"restart = "no""#)
        }
        try await withDaemon(site("infinity"), untilReady: false) { daemon in
            try await daemon.serves()
            try await daemon.service("web", becomes: "STARTING")
            try daemon.edit(site("100ms"))
            try await daemon.hangUp()
            try await daemon.service("web", becomes: "given up") { $0.state != "STARTING" && $0.pid.isNull }
        }
    }

    @Test func whatStatusShowsIsOfTheNewFile() async throws {
        try await withDaemon(TOML.child("web", ["wait"])) { daemon in
            try await change(
                daemon, to: TOML.child("web", ["wait"], #"description = "the web""#, #"tags = ["front"]"#))
            let web = try await daemon.service("web")
            #expect(web.description == "the web" && web.tags == ["front"], "\(web.text)")
            #expect(web.outdated.isNull)
            #expect(try await daemon.services("tag:front").count == 1)
        }
    }

    @Test func relationsOfTheNewFileHoldForTheNextStop() async throws {
        let folder = try TemporaryFolder()
        let book = folder.path("book")
        func site(_ keys: String) -> String {
            TOML.child("database", ["chronicle", book, "database"])
                + TOML.child("web", ["chronicle", book, "web"], keys)
        }
        try await withDaemon(site(""), folder: folder) { daemon in
            _ = try await folder.text(of: "book") { $0.contains("web up") && $0.contains("database up") }
            try await change(daemon, to: site(#"requires = ["database"]"#))
            try await daemon.order("stop", "database")
            let down = try #require(folder.read("book")).split(separator: "\n").filter { $0.hasSuffix(" down") }
            #expect(down == ["web down", "database down"])
        }
    }

    private static func read(_ pid: Int, _ name: String) -> String {
        String(decoding: FileManager.default.contents(atPath: "/proc/\(pid)/\(name)") ?? Data(), as: UTF8.self)
    }

    @Test func aServiceThatIsEssentialNowTakesTheDaemonWithIt() async throws {
        try await withDaemon(TOML.child("web", ["wait"], #"restart = "no""#)) { daemon in
            try await change(daemon, to: TOML.child("web", ["wait"], #"restart = "no""#, "essential = true"))
            try ProcessTable.kill(try await daemon.service("web").requirePID(), SIGKILL)
            #expect(try await daemon.ended() == .exited(137))
        }
    }

    @Test func theDaemonsOwnKeysHoldAtOnce() async throws {
        let folder = try TemporaryFolder()
        let web = TOML.child("web", ["into", folder.path("up"), "ignore-term"], #"timeout_stop = "1h""#)
        try await withDaemon(web, folder: folder) { daemon in
            _ = try await folder.announcedPID(in: "up")
            // A quarter of it is for what is killed.
            try await change(daemon, to: "[supervisor.drain]\ntimeout = \"4s\"\n" + web)
            #expect(try await daemon.terminate() != .exited(1))
            #expect(daemon.log.all.contains { $0.contains("Shut down after") && $0.contains("killed web") })
        }
    }

    @Test func aPluginWithOtherOptionsIsTakenDownAndUpAlone() async throws {
        let folder = try TemporaryFolder()
        func site(_ file: String) -> String {
            "[plugins.recorder]\nfile = \(TOML.quoted(folder.path(file)))\n[plugins.trouble]\ndoes = [\"patient\"]\n"
                + TOML.child("web", ["wait"])
        }
        try await withDaemon(site("old"), folder: folder, program: Programs.troubled) { daemon in
            func job() async throws -> JSONValue {
                let tasks = try await daemon.connect().call("tasks.list").tasks.array
                return try #require(tasks.first { $0.name == "job patient" }, "\(tasks)").id
            }
            _ = try await folder.text(of: "old") { $0.contains(" ready\n") }
            let patient = try await job()
            try await change(daemon, to: site("new"))
            try await daemon.order("stop", "web")
            let new = try await folder.text(of: "new") { $0.contains(" web STOPPING>STOPPED\n") }
            #expect(new.contains(" web RUNNING>STOPPING\n"))
            #expect(folder.read("old")?.contains("STOPPING") == false)
            #expect(try await job() == patient)
            #expect(try await daemon.terminate() == .exited(0))
        }
    }

    @Test func aDaemonThatIsToEndWithItsServicesDoesWhereTheyHaveEnded() async throws {
        let job = TOML.child("job", ["exit", "0"], #"type = "oneshot""#)
        try await withDaemon(job) { daemon in
            try await daemon.service("job", becomes: "EXITED")
            try daemon.edit("[supervisor]\nexit_when = \"all-exited\"\n" + job)
            daemon.process.signal(SIGHUP)
            #expect(try await daemon.ended() == .exited(0))
        }
    }
}
