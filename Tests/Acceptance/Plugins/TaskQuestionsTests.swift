import Glibc
import Testing

/// The questions that the project began with, asked of the real daemon.
@Suite(.daemons)
struct TaskQuestionsTests {
    private func does(_ words: String..., budgets: String = "jobs = \"1s\"") -> String {
        """
        [supervisor.drain]
        \(budgets)
        [plugins.trouble]
        does = \(TOML.list(words))

        """
    }

    /// Whether the daemon's log has a line with `text`: what it wrote last may come after its end.
    private func says(_ daemon: Daemon, _ text: String) async throws -> Bool {
        try await daemon.log.first(by: .usual) { $0.contains(text) } != nil
    }

    @Test func signalsReachTheChildrenAndAllAreReaped() async throws {
        let folder = try TemporaryFolder()
        let services = (1...20).map { TOML.child("s\($0)", ["chronicle", folder.path("up"), "s\($0)"]) }.joined()
        try await withDaemon(services, folder: folder, program: Programs.troubled) { daemon in
            let lines = try await folder.text(of: "up") { $0.filter { $0 == "\n" }.count >= 20 }
            #expect(lines.split(separator: "\n").allSatisfy { $0.hasSuffix(" up") })
            #expect(try await daemon.terminate() == .exited(0))
            let after = folder.read("up") ?? ""
            #expect(after.split(separator: "\n").filter { $0.hasSuffix(" down") }.count == 20, "\(after)")
            #expect(try daemon.report().services.stopped.array.count == 20)
        }
    }

    @Test func aTaskThatNeverEndsIsCancelledAndThenAbandonedByName() async throws {
        let folder = try TemporaryFolder()
        try await withDaemon(does("endless"), folder: folder, program: Programs.troubled) { daemon in
            try await daemon.becomesReady()
            let before = ContinuousClock.now
            #expect(try await daemon.terminate() == .exited(75))
            #expect(before.duration(to: .now) < .seconds(9).atLoad)
            let report = try daemon.report()
            let task = try #require(report.tasks.abandoned.array.first)
            #expect(task.name == "job endless" && task.phase == "jobs", "\(report.text)")
            #expect(try #require(task.registered_at.string).contains("SupdDaemon/"))
            #expect(
                try #require(report.duration.double) >= 4
                    && Duration.seconds(report.duration.double!) < .seconds(6).atLoad)
        }
    }

    @Test func aTaskIsCancelledWhenItsTimeIsOver() async throws {
        let folder = try TemporaryFolder()
        try await withDaemon(does("stubborn"), folder: folder, program: Programs.troubled) { daemon in
            try await daemon.becomesReady()
            #expect(try await daemon.terminate() == .exited(0))
            let report = try daemon.report()
            #expect(report.tasks.cancelled == 1 && report.tasks.abandoned == [], "\(report.text)")
            let jobs = try #require(report.phases.array.first { $0.phase == "jobs" })
            #expect(
                try #require(jobs.duration.double) >= 1 && Duration.seconds(jobs.duration.double!) < .seconds(2).atLoad)
        }
    }

    @Test func aTaskThatListensEndsAtOnce() async throws {
        let folder = try TemporaryFolder()
        let budgets = "timeout = \"10min\"\njobs = \"5min\""
        try await withDaemon(does("patient", budgets: budgets), folder: folder, program: Programs.troubled) { daemon in
            try await daemon.becomesReady()
            #expect(try await daemon.terminate() == .exited(0))
            let report = try daemon.report()
            #expect(report.tasks.cancelled == 0 && report.tasks.abandoned == [])
            // That the drain has ended at all shows that nobody waited for the budget.
            #expect(report.phases.array.first { $0.phase == "jobs" }?.outcome == "completed", "\(report.text)")
        }
    }

    @Test func aTaskThatStartsATaskThatStartsATaskHasThreeGenerations() async throws {
        let folder = try TemporaryFolder()
        try await withDaemon(does("family"), folder: folder, program: Programs.troubled) { daemon in
            try await daemon.becomesReady()
            #expect(try await daemon.terminate() == .exited(0))
            for number in 0...3 {
                #expect(try await says(daemon, "generation \(number) lives"))
            }
            let refusal = "generation 4: a drain lets tasks in at most 3 generations deep"
            #expect(try await says(daemon, refusal))
        }
    }

    @Test func tasksThatStartTasksForEverAreBounded() async throws {
        let folder = try TemporaryFolder()
        try await withDaemon(does("dynasty"), folder: folder, program: Programs.troubled) { daemon in
            try await daemon.becomesReady()
            #expect(try await daemon.terminate() == .exited(0))
            #expect(try await says(daemon, "a drain lets at most 100 new tasks in"))
            #expect(Duration.seconds(try #require(daemon.report().duration.double)) < .seconds(3).atLoad)
        }
    }

    @Test func handlersOfOneSignalRunInOrderAlsoWhereOneFails() async throws {
        let folder = try TemporaryFolder()
        let configuration = does("first", "failing", "last", "after")
        try await withDaemon(configuration, folder: folder, program: Programs.troubled) { daemon in
            try await daemon.becomesReady()
            #expect(try await daemon.terminate() == .exited(0))
            #expect(try await says(daemon, "hook after because"))
            let hooks = daemon.log.all.filter { $0.contains("because of SIGTERM") }
            #expect(hooks.count == 4, "\(daemon.log.all)")
            for (line, name) in zip(hooks, ["first", "failing", "last", "after"]) {
                #expect(line.contains("hook \(name) "))
            }
            #expect(try daemon.report().hooks_failed == ["'failing': as it was told"])
        }
    }

    @Test func theDeadlineIsKeptWithEveryThreadOfThePoolBlocked() async throws {
        let folder = try TemporaryFolder()
        let budgets = "timeout = \"12s\"\nquiesce = \"500ms\"\njobs = \"500ms\"\nservices = \"2s\"\nflush = \"1s\""
        let configuration =
            does("blocking", "first", budgets: budgets) + TOML.child("web", ["chronicle", folder.path("up"), "web"])
        try await withDaemon(configuration, folder: folder, program: Programs.troubled) { daemon in
            try await daemon.becomesReady()
            _ = try await folder.text(of: "up")
            // The control socket needs no thread of the pool.
            #expect(try await daemon.connect().call("supervisor.ping").state == "RUNNING")
            #expect(try await daemon.terminate() == .exited(75))
            let report = try daemon.report()
            #expect(Duration.seconds(try #require(report.duration.double)) <= .seconds(9.5).atLoad, "\(report.text)")
            #expect(report.tasks.abandoned.array.contains { $0.name == "job blocking" }, "\(report.text)")
            #expect(report.services.stopped == ["web"], "\(report.text)")
        }
    }
}
