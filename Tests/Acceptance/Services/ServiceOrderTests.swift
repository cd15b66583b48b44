import Glibc
import Testing

@Suite(.daemons)
struct ServiceOrderTests {
    /// web needs a finished migration, which needs the database; the worker only wants to come after web.
    private func site(_ chronicle: String) -> String {
        TOML.child(
            "worker", ["chronicle", chronicle, "worker"], #"wants = ["web"]"#, #"after = ["web"]"#)
            + TOML.child("web", ["chronicle", chronicle, "web"], #"requires = ["migrate", "database"]"#)
            + TOML.service(
                "migrate", ["/bin/sh", "-c", "echo migrated >>\(chronicle)"], #"type = "oneshot""#,
                #"requires = ["database"]"#)
            + TOML.child("database", ["chronicle", chronicle, "database"])
    }

    @Test func dependenciesAreUpBeforeWhatNeedsThemAndDownAfter() async throws {
        let folder = try TemporaryFolder()
        try await withDaemon(site(folder.path("chronicle")), folder: folder) { daemon in
            let up = try await folder.text(of: "chronicle") { $0.contains("web up") && $0.contains("worker up") }
            let lines = up.split(separator: "\n").map(String.init)
            #expect(try #require(lines.firstIndex(of: "migrated")) < #require(lines.firstIndex(of: "web up")))

            #expect(try await daemon.terminate() == .exited(0))
            let all = try #require(folder.read("chronicle")).split(separator: "\n").map(String.init)
            let down = all.filter { $0.hasSuffix(" down") }
            #expect(down == ["worker down", "web down", "database down"])
        }
    }

    @Test func whatHasEndedBetweenTwoServicesStillOrdersThem() async throws {
        let folder = try TemporaryFolder()
        let chronicle = folder.path("chronicle")
        // The oneshot in the middle is long done when the other two go down.
        let configuration =
            TOML.child("database", ["chronicle", chronicle, "database"])
            + TOML.service("migrate", ["/bin/true"], #"type = "oneshot""#, #"requires = ["database"]"#)
            + TOML.child("web", ["chronicle", chronicle, "web"], #"requires = ["migrate"]"#)
        try await withDaemon(configuration, folder: folder) { daemon in
            _ = try await folder.text(of: "chronicle") { $0.contains("web up") && $0.contains("database up") }
            try await daemon.terminate()
            let down = try #require(folder.read("chronicle")).split(separator: "\n").filter { $0.hasSuffix(" down") }
            #expect(down == ["web down", "database down"])
        }
    }

    /// Also where it goes along with something that goes along itself: nobody has ordered anything of that.
    @Test func whatGoesAlongSaysWhatWasOrdered() async throws {
        let configuration =
            TOML.child("database", ["wait"])
            + TOML.service("migrate", ["/bin/true"], #"type = "oneshot""#, #"requires = ["database"]"#)
            + TOML.child("web", ["wait"], #"requires = ["migrate"]"#)
        try await withDaemon(configuration) { daemon in
            try await daemon.order("stop", "database")
            #expect(try await daemon.service("web").reason == "stopped because of database")
            try await daemon.order("start", "web")
            #expect(try await daemon.service("database").reason == "started because of web")
            try await daemon.order("restart", "database")
            #expect(try await daemon.service("web", becomes: "RUNNING").reason == "started because of database")
        }
    }

    @Test func stoppingAServiceStopsWhatRequiresItFirst() async throws {
        let folder = try TemporaryFolder()
        try await withDaemon(site(folder.path("chronicle")), folder: folder) { daemon in
            _ = try await folder.text(of: "chronicle") {
                $0.contains("web up") && $0.contains("worker up") && $0.contains("database up")
            }
            try await daemon.order("stop", "database")
            try await daemon.service("web", becomes: "STOPPED")
            try await daemon.service("database", becomes: "STOPPED")
            // What only wants it goes on.
            #expect(try await daemon.service("worker").state == "RUNNING")
            let all = try #require(folder.read("chronicle")).split(separator: "\n").map(String.init)
            #expect(all.filter { $0.hasSuffix(" down") } == ["web down", "database down"])

            try await daemon.order("start", "web")
            try await daemon.service("web", becomes: "RUNNING")
            #expect(try await daemon.service("database").state == "RUNNING")
        }
    }

    @Test func aServiceWhoseRequirementCannotStartIsNotStarted() async throws {
        let folder = try TemporaryFolder()
        let configuration =
            TOML.service("broken", ["/nonexistent/program"], #"restart = "no""#)
            + TOML.child("needs", ["chronicle", folder.path("chronicle"), "needs"], #"requires = ["broken"]"#)
            + TOML.child("wants", ["wait"], #"wants = ["broken"]"#)
        try await withDaemon(configuration, folder: folder) { daemon in
            try await daemon.service("broken", becomes: "FATAL")
            try await daemon.service("wants", becomes: "RUNNING")
            let needs = try await daemon.service("needs")
            #expect(needs.pid.isNull)
            #expect(needs.reason.string?.contains("broken") == true, "\(needs.text)")
            #expect(!folder.exists("chronicle"))
        }
    }

    @Test func whatDependsOnNothingStopsAtTheSameTime() async throws {
        let folder = try TemporaryFolder()
        let slow = (1...8).map { TOML.child("slow\($0)", ["into", folder.path("up"), "stop-slowly", "700"]) }.joined()
        try await withDaemon(slow, folder: folder) { daemon in
            _ = try await folder.text(of: "up") { $0.filter { $0 == "\n" }.count == 8 }
            let before = ContinuousClock.now
            #expect(try await daemon.terminate() == .exited(0))
            #expect(
                before.duration(to: .now) < .seconds(4).atLoad,
                "eight stops of 0.7 s took as long as one after the other")
        }
    }

    @Test func instancesHaveNamesAndNumbersOfTheirOwn() async throws {
        let folder = try TemporaryFolder()
        let configuration = TOML.child(
            "web", ["chronicle", folder.path("report.%i"), "%n $WHO"], "instances = 3",
            #"environment = { WHO = "%n-%i" }"#)
        try await withDaemon(configuration, folder: folder) { daemon in
            for index in 1...3 {
                let text = try await folder.text(of: "report.\(index)") { $0.contains("\n") }
                #expect(text == "web web-\(index) up\n")
            }
            let services = try await daemon.services("web@*")
            #expect(services.map { $0.name.string } == ["web@1", "web@2", "web@3"])
            try await daemon.order("stop", "web@2")
            #expect(try await daemon.services("web").map { $0.state } == ["RUNNING", "STOPPED", "RUNNING"])
        }
    }
}
