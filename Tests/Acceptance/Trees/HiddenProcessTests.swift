import Glibc
import Testing

/// Processes that hide whose they are, or leave the place where supd put them.
@Suite(.daemons)
struct HiddenProcessTests {
    /// Without control groups an orphan is told by its environment. One that makes that look endless, or shows nothing at all, may be
    /// anybody's: for a moment, and to nobody's harm.
    @Test(arguments: [Standing.descent, .user], ["endless-environment", "show-nothing"])
    func anOrphanThatCannotBeReadHoldsNobodyUp(_ standing: Standing, verb: String) async throws {
        let folder = try standing.folder()
        let services =
            TOML.child("hider", ["into", folder.path("hidden"), verb], #"timeout_stop = "300ms""#)
            + TOML.child("web", ["into", folder.path("web"), "wait"])
        try await standing.run(services, in: folder) { daemon in
            let hidden = try await folder.announcedPID(in: "hidden")
            _ = try await folder.announcedPID(in: "web")
            let first = try await daemon.service("web").requirePID()
            try await daemon.order("restart", "web", timeout: 10)
            let web = try await daemon.service("web", becomes: "RUNNING")
            #expect(web.pid.int != first && !ProcessTable.isAlive(first))
            #expect(ProcessTable.isAlive(hidden))
            let told = "process \(hidden) (", untilShutdown = "no stop reaches it before the drain"
            #expect(daemon.log.all.count { $0.contains(told) && $0.contains(untilShutdown) } == 1)
            // It is told once, and a second restart has no doubt to wait for.
            try await daemon.order("restart", "web", timeout: 10)
            #expect(daemon.log.all.count { $0.contains(told) && $0.contains(untilShutdown) } == 1)
            let ending = try await daemon.terminate()
            #expect(ending == .exited(0))
            #expect(try await ProcessTable.isGone(hidden, by: .seconds(2)))
        }
    }

    /// pam_systemd, runc and cgexec move a main process into another group, and with it what it starts from then on.
    @Test(arguments: [[], ["ignore"]])
    func aMainProcessThatLeftItsGroupIsStopped(_ words: [String]) async throws {
        try await withServiceElsewhere(words) { daemon, main, processes in
            #expect(processes.count == 2 && processes.contains(main))
            let shown = try await daemon.supctl("tree", "web")
            #expect(processes.allSatisfy { shown.output.contains("\($0) ") }, "\(shown.output)")
            try await daemon.order("stop", "web", timeout: 10)
            let web = try await daemon.service("web")
            #expect(web.state == "STOPPED", "\(web.text)")
            for pid in processes { #expect(try await ProcessTable.isGone(pid, by: .seconds(2))) }
            let signal = web.last_exit.signal.string
            #expect(signal == (words.isEmpty ? "SIGTERM" : "SIGKILL"), "\(web.text)")
        }
    }

    /// What such a main process leaves behind is found by its mark.
    @Test func whatAMainProcessLeavesInAnotherGroupIsEnded() async throws {
        try await withServiceElsewhere { daemon, main, processes in
            let child = try #require(processes.first { $0 != main })
            try ProcessTable.kill(main, SIGKILL)
            try await daemon.service("web", becomes: "EXITED")
            #expect(try await ProcessTable.isGone(child, by: .seconds(2)))
        }
    }

    /// Calls `body` with a daemon whose service `web` has moved itself, its main process and that one's child, to a group that is not its own.
    private func withServiceElsewhere(
        _ words: [String] = [], _ body: (Daemon, _ main: Int, _ processes: [Int]) async throws -> Void
    ) async throws {
        let standing = Standing.groups
        let folder = try standing.folder()
        let services =
            TOML.child(
                "web", ["into", folder.path("up"), "move-to", folder.path("elsewhere")] + words,
                #"timeout_stop = "300ms""#, "enabled = false", #"restart = "no""#) + TOML.child("first", ["wait"])
        try await standing.run(services, in: folder) { daemon in
            // The folder of the groups is made with the first of them.
            try await daemon.service("first", becomes: "RUNNING")
            let base = try await daemon.connect().call("supervisor.status").process_tracking.path.string ?? ""
            #expect(mkdir(base + "/elsewhere", 0o755) == 0 || errno == EEXIST)
            #expect(symlink(base + "/elsewhere", folder.path("elsewhere")) == 0)
            try await daemon.order("start", "web")
            let text = try await folder.text(of: "up") { TemporaryFolder.pids($0).count >= 2 }
            try await body(daemon, try await daemon.service("web").requirePID(), TemporaryFolder.pids(text))
        }
    }

    /// The program that was started ends well at once, and what it was about goes on without: that is not killed in silence.
    @Test(arguments: Standing.allCases)
    func whatPutsItselfIntoTheBackgroundIsToldHowNotTo(_ standing: Standing) async throws {
        let folder = try standing.folder()
        let services = TOML.child(
            "web", ["into", folder.path("up"), "daemonize", "2"], #"timeout_stop = "300ms""#, #"restart = "no""#)
        try await standing.run(services, in: folder) { daemon in
            let reason = try await Self.reasonThatNames(in: daemon, folder)
            #expect(reason.hasPrefix("exit code 0, "), "\(reason)")
            #expect(reason.contains("; 2 processes that it left were stopped: "), "\(reason)")
            #expect(
                reason.contains("if testchild puts itself into the background, keep it in the foreground"), "\(reason)")
            let pids = TemporaryFolder.pids(folder.read("up") ?? "")
            // One that was killed before it could write its number is missing there, not in the reason.
            #expect(pids.allSatisfy { reason.contains("\($0) (") }, "\(pids) in: \(reason)")
            #expect(reason.ranges(of: " (testchild daemonize").count == 2, "\(reason)")
            let told = "web has ended with success, and 2 processes that it left were stopped"
            #expect(daemon.log.all.contains { $0.contains(told) && $0.contains("testchild daemonize") })
        }
    }

    /// One that is to stay up for a while, or to say that it is ready, has failed by it, and needs the same advice.
    @Test(arguments: [#"min_uptime = "5s""#, #"type = "notify""#])
    func whatDoesSoBeforeItsStartCountsIsToldTheSame(_ setting: String) async throws {
        let standing = Standing.descent
        let folder = try standing.folder()
        let services = TOML.child(
            "web", ["into", folder.path("up"), "daemonize", "1"], #"timeout_stop = "300ms""#, #"restart = "no""#,
            setting)
        try await standing.run(services, in: folder) { daemon in
            let reason = try await Self.reasonThatNames(in: daemon, folder)
            #expect(reason.hasPrefix("exit code 0 before "), "\(reason)")
            #expect(reason.contains("; a process that it left was stopped: "), "\(reason)")
            #expect(
                reason.contains("if testchild puts itself into the background, keep it in the foreground"), "\(reason)")
            let told = "web has ended before its start counted, and a process that it left was stopped"
            #expect(daemon.log.all.contains { $0.contains(told) })
        }
    }

    /// What is said of the service once all processes in it are named: on a busy machine what they are called is not known in time, and
    /// the service is started once more.
    private static func reasonThatNames(in daemon: Daemon, _ folder: TemporaryFolder) async throws -> String {
        for _ in 1...20 {
            let reason = try await daemon.service("web", becomes: "EXITED").reason.string ?? ""
            if !reason.contains("(unknown)") { return reason }
            unlink(folder.path("up"))
            _ = try await daemon.connect().call("service.start", ["services": ["web"]])
        }
        return try await daemon.service("web").reason.string ?? ""
    }
}
