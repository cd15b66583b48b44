import Foundation
import Glibc
import Testing

/// Schedules in the real daemon, and by `supctl`.
@Suite(.daemons)
struct ScheduleTests {
    private func schedules(_ list: String..., others: String...) -> String {
        "[plugins.schedule]\n" + others.map { $0 + "\n" }.joined()
            + "schedules = [\n" + list.map { "    { \($0) },\n" }.joined() + "]\n"
    }

    /// A oneshot that adds the line `run` to a file.
    private func brief(_ name: String, _ file: String) -> String {
        TOML.child(name, ["into", file, "print", "run"], "type = \"oneshot\"", "enabled = false")
    }

    /// A oneshot that adds `NAME up` to a file and lasts until SIGTERM, which it ends well by.
    private func lasting(_ name: String, _ file: String) -> String {
        TOML.child(name, ["chronicle", file, name], "type = \"oneshot\"", "enabled = false")
    }

    private func count(_ line: String, in text: String) -> Int { text.split(separator: "\n").count { $0 == line } }

    @Test func servicesRunAtTheStartAndAgainAndAgain() async throws {
        let folder = try TemporaryFolder()
        let configuration =
            schedules("service = \"warm\", at_start = true, jitter = \"100ms\"", "service = \"poll\", every = \"1s\"")
            + brief("warm", folder.path("warm")) + brief("poll", folder.path("poll"))
        try await withDaemon(configuration, folder: folder) { daemon in
            _ = try await folder.text(of: "poll") { count("run", in: $0) >= 3 }
            #expect(count("run", in: folder.read("warm") ?? "") == 1)
            #expect(daemon.log.all.contains { $0.contains("start of poll ordered by plugin 'schedule'") })
            #expect(try await daemon.terminate() == .exited(0))
        }
    }

    @Test func supctlListsAndRunsThem() async throws {
        let folder = try TemporaryFolder()
        let configuration =
            schedules(
                "service = \"backup\", cron = \"30 3 1 jan *\"",
                "service = \"backup\", name = \"often\", every = \"1h\", overlap = \"queue\"",
                others: "timezone = \"UTC\"") + lasting("backup", folder.path("ran"))
        try await withDaemon(configuration, folder: folder) { daemon in
            // READY=1 waits for no plugin's first turn.
            let deadline = Deadline.usual
            var list = try await daemon.supctl("call", "schedule.list")
            while list.output.contains(#""next":null"#), !deadline.hasPassed {
                list = try await daemon.supctl("call", "schedule.list")
            }
            #expect(list.code == 0, "\(list.error)")
            let first = try #require(try JSONValue(parsing: list.output).schedules.array.first)
            #expect(first.name == "backup" && first.when == "30 3 1 jan *" && first.last_start == .null)
            #expect(first.next.string?.hasSuffix("-01-01T03:30:00.000Z") == true, "\(list.output)")

            let started = try await daemon.supctl("call", "schedule.run", #"{"name": "backup"}"#)
            #expect(try JSONValue(parsing: started.output).outcome == "started", "\(started.error)")
            _ = try await folder.text(of: "ran")
            for (name, outcome) in [("backup", "skipped"), ("often", "waiting"), ("often", "skipped")] {
                let answer = try await daemon.supctl("call", "schedule.run", "{\"name\": \"\(name)\"}")
                #expect(try JSONValue(parsing: answer.output).outcome.string == outcome, "\(answer.error)")
            }
            // The end of the one lets the one that waits begin.
            kill(pid_t(try await daemon.service("backup").requirePID()), SIGTERM)
            _ = try await folder.text(of: "ran") { count("backup up", in: $0) == 2 }
            let unknown = try await daemon.supctl("call", "schedule.run", #"{"name": "offen"}"#)
            #expect(unknown.code == 1)
            #expect(unknown.error.contains("no schedule is named 'offen'; did you mean 'often'?"), "\(unknown.error)")
            let after = try await daemon.connect().call("plugin.schedule.list").schedules.array
            #expect(after.map(\.skipped.int) == [1, 1], "\(after)")
            #expect(after.allSatisfy { $0.last_start.string != nil && $0.waiting == false }, "\(after)")
        }
    }

    /// A zone by its rule, which needs no data of the machine (tzset(3)).
    @Test(arguments: [("local", "T01:30", "T00:30"), ("UTC", "T02:30", "T02:30")])
    func cronGoesByTheClockOfItsZone(zone: String, winter: String, summer: String) async throws {
        let folder = try TemporaryFolder()
        let configuration =
            schedules(
                "service = \"backup\", name = \"winter\", cron = \"30 2 15 jan *\"",
                "service = \"backup\", name = \"summer\", cron = \"30 2 15 jul *\"",
                others: "timezone = \"\(zone)\"") + brief("backup", folder.path("ran"))
        let environment = ["TZ": "CET-1CEST,M3.5.0,M10.5.0/3"]
        try await withDaemon(configuration, folder: folder, environment: environment) { daemon in
            let connection = try daemon.connect()
            var list: [JSONValue] = []
            let deadline = Deadline.usual
            // READY=1 waits for no plugin's first turn.
            repeat {
                list = try await connection.call("plugin.schedule.list").schedules.array
            } while list.contains { $0.next.isNull } && !deadline.hasPassed
            for (schedule, time) in zip(list, [winter, summer]) {
                #expect(schedule.next.string?.hasSuffix("-15\(time):00.000Z") == true, "\(schedule)")
            }
            #expect(list.count == 2)
        }
    }

    @Test func theOneThatRunsIsStoppedForTheNext() async throws {
        let folder = try TemporaryFolder()
        let configuration =
            schedules("service = \"long\", every = \"1s\", at_start = true, overlap = \"kill\"")
            + lasting("long", folder.path("ran"))
        try await withDaemon(configuration, folder: folder) { daemon in
            _ = try await folder.text(of: "ran") { count("long up", in: $0) >= 3 }
            #expect(try await daemon.terminate() == .exited(0))
        }
    }

    @Test func whatWasDueWhileSupdWasDownIsMadeUpForOnce() async throws {
        let folder = try TemporaryFolder()
        let configuration =
            schedules(
                "service = \"backup\", cron = \"@yearly\", missed = \"run\"",
                "service = \"other\", cron = \"@yearly\", missed = \"skip\"",
                others: "state = \(TOML.quoted(folder.path("state")))")
            + brief("backup", folder.path("ran")) + brief("other", folder.path("other"))
        try folder.write("state", #"{"version":1,"schedules":{"backup":"2020-06-01T00:00:00.000Z"}}"#)
        try await withDaemon(configuration, folder: folder) { daemon in
            _ = try await folder.text(of: "ran")
            _ = try await folder.text(of: "state") { !$0.contains("2020-06") }
            #expect(try await daemon.terminate() == .exited(0))
        }
        #expect(!folder.exists("other"))
        let kept = try JSONValue(parsing: folder.read("state") ?? "")
        #expect(kept.version == 1 && kept.schedules.keys == ["backup"], "\(kept)")
        // The next daemon finds nothing that was missed, and a file that is broken is no reason to stop.
        try folder.write("state", "broken")
        try await withDaemon(configuration) { daemon in
            _ = try await folder.text(of: "state") { $0.contains("\"backup\"") }
            let line = try await daemon.log.first(by: .usual) { $0.contains("cannot be used") }
            #expect(line != nil)
            #expect(try await daemon.terminate() == .exited(0))
        }
        #expect(count("run", in: folder.read("ran") ?? "") == 1)
    }

    @Test func aDrainLetsNothingBeginAndAResumeGoesOn() async throws {
        let folder = try TemporaryFolder()
        let configuration =
            schedules("service = \"poll\", every = \"1s\", missed = \"run\"") + brief("poll", folder.path("ran"))
        try await withDaemon(configuration, folder: folder) { daemon in
            _ = try await folder.text(of: "ran")
            _ = try await daemon.connect().call("supervisor.drain", ["wait": true])
            let tasks = try await daemon.connect().call("tasks.list")
            #expect(!tasks.tasks.array.contains { $0.name == "job timetable" }, "\(tasks.text)")
            let before = count("run", in: folder.read("ran") ?? "")
            let refused = try await daemon.connect().exchange("plugin.schedule.run", ["name": "poll"])
            #expect(refused.error.message.string?.isEmpty == false, "\(refused.text)")
            #expect(count("run", in: folder.read("ran") ?? "") == before)
            _ = try await daemon.connect().call("supervisor.resume")
            _ = try await folder.text(of: "ran") { count("run", in: $0) >= before + 2 }
            #expect(try await daemon.terminate() == .exited(0))
        }
    }

    @Test func withoutAScheduleThereIsNoJobAndNoThread() async throws {
        let folder = try TemporaryFolder()
        let web = TOML.child("web", ["chronicle", folder.path("up"), "web"])
        try await withDaemon("[plugins.schedule]\n" + web, folder: folder) { daemon in
            _ = try await folder.text(of: "up")
            // The first, the loop's, and the two that keep the end of a shutdown; others have an end.
            let deadline = Deadline.usual
            var threads: Int?
            while threads != 4, !deadline.hasPassed {
                threads = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(daemon.process.pid)/task").count
                await Task.yield()
            }
            #expect(threads == 4)
            let tasks = try await daemon.connect().call("tasks.list")
            #expect(!tasks.tasks.array.contains { $0.name == "job timetable" })
        }
    }

    @Test func faultsAreToldAtTheirPlaces() async throws {
        let folder = try TemporaryFolder()
        let configuration = schedules(
            "service = \"backup\", cron = \"61 3 * * *\"", "service = \"bakcup\", every = \"1h\"",
            "service = \"backup\", evry = \"1h\"")
        let path = try folder.write("bad.toml", configuration + brief("backup", "/dev/null"))
        let check = try await run(Programs.supd, ["check", "--config", path])
        #expect(check.code == 78)
        #expect(check.error.contains("bad.toml:4:17: "), "\(check.error)")
        #expect(check.error.contains("names the service 'bakcup', which there is not; did you mean 'backup'?"))
        #expect(check.error.contains("bad.toml:5:27: 'evry' is not an option of item 3 of"), "\(check.error)")
        try folder.write(
            "bad.toml", schedules("service = \"backup\", cron = \"61 3 * * *\"") + brief("backup", "/dev/null"))
        let cron = try await run(Programs.supd, ["check", "--config", path])
        let message = "bad.toml:3:34: 'plugins.schedule.schedules.cron': the minute must be of 0 to 59"
        #expect(cron.error.contains(message), "\(cron.error)")
        let list = try await run(Programs.supd, ["plugins"])
        #expect(
            list.output.contains("        service = (needed)\n            the name of a service; "), "\(list.output)")
    }
}
