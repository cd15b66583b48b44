import FakeServer
import Glibc
import Testing

#if HTTP
    /// The hook `http` and the webhook in the real daemon, with a real server.
    @Suite(.daemons)
    struct HTTPTests {
        private static let longDrain = "[supervisor.drain]\ntimeout = \"120s\"\nquiesce = \"30s\"\n"

        private func hook(_ settings: String..., budget: String = "20s") -> String {
            let all = ["run = \"http\"", "at = \"before-services\"", "budget = \"\(budget)\""] + settings
            return "[supervisor]\nhooks = [{ \(all.joined(separator: ", ")) }]\n" + Self.longDrain
        }

        private func set(_ key: String, _ value: String) -> String { "\(key) = \(TOML.quoted(value))" }

        private func web(_ folder: TemporaryFolder) -> String {
            TOML.child("web", ["chronicle", folder.path("up"), "web"])
        }

        @Test func theBalancerIsToldAndAskedUntilItIsDoneWhileServicesRun() async throws {
            let folder = try TemporaryFolder()
            let asked = Facts<FakeRequest>()
            let busy = Facts<Void>()
            let server = try FakeServer.start { request, _ in
                asked.record(request)
                if request.method == "PUT" { return .status(202) }
                return busy.all.isEmpty ? .status(200, body: "3 sessions\n") : .status(404)
            }
            let configuration =
                hook(
                    set("url", server.url("/pool/web")), set("method", "PUT"), set("body", "{\"state\":\"drain\"}"),
                    "headers = [\"Authorization: Bearer k\"]", set("until_url", server.url("/pool/web/sessions")),
                    set("until_status", "404"), set("interval", "20ms")) + web(folder)
            try await withDaemon(configuration, folder: folder) { daemon in
                _ = try await folder.text(of: "up")
                daemon.process.signal(SIGTERM)
                let first = try #require(try await asked.first(by: .usual) { _ in true })
                #expect(first.method == "PUT" && first.target == "/pool/web" && first.body == "{\"state\":\"drain\"}")
                #expect(first.headers["authorization"] == "Bearer k")
                // The third look at the earliest finds it done, and until then nothing is stopped.
                _ = try #require(try await asked.first(from: 2, by: .usual) { $0.method == "GET" })
                #expect(try await daemon.service("web").state == "RUNNING")
                busy.record(())
                #expect(try await daemon.ended() == .exited(0))
                #expect(try daemon.report().hooks_failed == [])
                let last = try #require(asked.all.last)
                #expect(last.target == "/pool/web/sessions" && last.headers["authorization"] == "Bearer k")
            }
        }

        @Test func aServiceIsReadyOnceItsServerSaysSoAndUnhealthyWhileItDoesNot() async throws {
            let folder = try TemporaryFolder()
            let isUp = Facts<Bool>()
            let server = try FakeServer.start { request, _ in
                guard request.method == "GET", isUp.all.last == true else { return .status(503, body: "warming up\n") }
                return .status(200)
            }
            let keys =
                "ready = { type = \"http\", \(set("url", server.url("/ready"))), period = \"50ms\" }\n"
                + "health = { type = \"http\", \(set("url", server.url("/alive"))), period = \"50ms\", "
                + "failure_threshold = 2, on_failure = \"none\" }\n"
            let configuration = TOML.child("web", ["chronicle", folder.path("up"), "web"], keys)
            try await withDaemon(configuration, folder: folder, untilReady: false) { daemon in
                try await daemon.serves()
                let refused = "not ready: GET \(server.url("/ready")): expected 2xx or 3xx, found 503 "
                try await daemon.service("web", becomes: "asked") { $0.reason.string?.contains(refused) == true }
                isUp.record(true)
                try await daemon.becomesReady()
                try await daemon.service("web", becomes: "healthy") { $0.health == "healthy" }
                isUp.record(false)
                try await daemon.service("web", becomes: "unhealthy") { $0.health == "unhealthy" }
                #expect(try await daemon.service("web").state == "RUNNING")
                #expect(try await daemon.terminate() == .exited(0))
            }
        }

        @Test func whatFailsStandsInTheReportAndTheDrainGoesOn() async throws {
            let server = try FakeServer.start { _, _ in .status(500, body: "no such pool\n") }
            let closed = try FakeServer.start { _, _ in .hangUp }
            closed.shut()
            let refused = hook(set("url", closed.url("/")), set("interval", "10ms"))
            for (configuration, said) in [
                (
                    hook(set("url", server.url("/drain"))),
                    "'http': POST \(server.url("/drain")): expected 2xx, found 500 Internal Server Error: no such pool"
                ),
                (
                    refused,
                    "'http': POST \(closed.url("/")): ECONNREFUSED (Connection refused)"
                ),
            ] {
                let folder = try TemporaryFolder()
                try await withDaemon(configuration + web(folder), folder: folder) { daemon in
                    #expect(try await daemon.terminate() == .exited(0))
                    let report = try daemon.report()
                    #expect(report.hooks_failed.array.compactMap(\.string) == [said])
                }
            }
            #expect(server.requests.count == 1)
        }

        @Test func aServerThatIsSilentCostsTheBudgetAndIsHungUpOn() async throws {
            let folder = try TemporaryFolder()
            let ended = Facts<Void>()
            let server = try FakeServer.start {
                _, _ in
                .silence
            } onEnd: {
                ended.record(())
            }
            let configuration = hook(set("url", server.url("/drain")), set("timeout", "60s"), budget: "300ms")
            try await withDaemon(configuration + web(folder), folder: folder) { daemon in
                #expect(try await daemon.terminate() == .exited(0))
                let report = try daemon.report()
                #expect(
                    report.hooks_failed.array.compactMap(\.string) == [
                        "'http': POST \(server.url("/drain")): no answer yet; there was no more time"
                    ])
                #expect(report.tasks.abandoned == [])
            }
            #expect(try await ended.first(by: .usual) { _ in true } != nil)
        }

        @Test func aWebhookIsToldOfAServiceThatIsGivenUpAlsoAfterAFailure() async throws {
            let folder = try TemporaryFolder()
            let told = Facts<FakeRequest>()
            let server = try FakeServer.start { request, number in
                told.record(request)
                return .status(number == 1 ? 500 : 200)
            }
            let configuration =
                "[plugins.notify]\n\(set("webhook", server.url("/hook")))\nheaders = [\"X-Key: k\"]\n"
                + "retry_delay = \"10ms\"\n"
                + TOML.service("bad", ["/nonexistent/program"], #"restart = "no""#) + web(folder)
            try await withDaemon(configuration, folder: folder, untilReady: false) { daemon in
                _ = try await folder.text(of: "up")
                _ = try #require(try await told.first(from: 1, by: .usual) { _ in true })
                #expect(try await daemon.terminate() == .exited(0))
            }
            let bodies = try told.all.map { try JSONValue(parsing: $0.body) }
            #expect(bodies.compactMap { $0.event.string } == ["fatal", "fatal", "drain-began", "drain-ended"])
            let first = try #require(bodies.first)
            #expect(first.service == "bad" && first.state == "FATAL" && first.restarts == 0, "\(first.text)")
            #expect(first.text.contains("bad is given up: "))
            #expect(bodies.dropFirst().first == first)
            for request in told.all {
                #expect(request.method == "POST" && request.target == "/hook" && request.headers["x-key"] == "k")
                #expect(request.headers["content-type"] == "application/json")
            }
        }
    }
#else
    /// What says HTTP in a daemon without it.
    @Suite(.daemons)
    struct HTTPTests {
        @Test(arguments: [
            ("[plugins.notify]\nwebhook = \"https://hooks/x\"\n", "2:11: 'plugins.notify.webhook'"),
            (
                "[supervisor]\nhooks = [{ run = \"http\", at = \"before-services\", url = \"http://lb/\" }]\n",
                "2:"
            ),
        ])
        func isRefusedWithWhatToDo(configuration: String, place: String) async throws {
            let folder = try TemporaryFolder()
            try folder.write("supd.toml", configuration)
            let output = try await run(Programs.supd, ["check", "--config", folder.path("supd.toml")])
            #expect(output.code == 78)
            #expect(output.error.contains("supd.toml:\(place)"), "\(output.error)")
            #expect(
                output.error.contains(
                    "needs HTTP, which this supd is built without; build one that has it: contrib/build --traits HTTP"),
                "\(output.error)")
        }
    }
#endif
