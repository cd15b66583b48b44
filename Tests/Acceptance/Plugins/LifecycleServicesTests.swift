#if ServiceLifecycle
    import Foundation
    import Glibc
    import Testing

    /// Services of swift-service-lifecycle in a real daemon.
    @Suite(.daemons)
    struct LifecycleServicesTests {
        private func withServices(_ words: String, _ body: (Daemon) async throws -> Void) async throws {
            try await withDaemon(
                "[supervisor.drain]\njobs = \"1s\"\n", environment: ["TROUBLED_SERVICES": words],
                program: Programs.troubled, body)
        }

        private func says(_ daemon: Daemon, _ text: String) async throws -> Bool {
            try await daemon.log.first(by: .usual) { $0.contains(text) } != nil
        }

        @Test func aServiceShutsDownGracefullyInThePhaseOfJobs() async throws {
            try await withServices("graceful") { daemon in
                #expect(try await says(daemon, "service graceful runs"))
                let tasks = try await daemon.connect().call("tasks.list")
                let task = try #require(tasks.tasks.array.first { $0.name == "job graceful" }, "\(tasks.text)")
                #expect(task.phase == "jobs")
                #expect(try await daemon.terminate() == .exited(0))
                #expect(try await says(daemon, "service graceful shuts down gracefully"))
                let report = try daemon.report()
                #expect(report.tasks.cancelled == 0 && report.tasks.abandoned == [], "\(report.text)")
            }
        }

        @Test func aServiceIsMadeAnewWhenADrainIsUndone() async throws {
            try await withServices("graceful") { daemon in
                #expect(try await says(daemon, "service graceful runs"))
                _ = try await daemon.connect().call("supervisor.drain", ["wait": true])
                let before = daemon.log.all.count
                _ = try await daemon.connect().call("supervisor.resume")
                let again = try await daemon.log.first(from: before, by: .usual) {
                    $0.contains("service graceful runs")
                }
                #expect(again != nil)
                #expect(try await daemon.terminate() == .exited(0))
            }
        }

        @Test func aServiceThatDoesNotCareIsCancelled() async throws {
            try await withServices("stubborn") { daemon in
                #expect(try await says(daemon, "service stubborn runs"))
                #expect(try await daemon.terminate() == .exited(0))
                #expect(try await says(daemon, "service stubborn does not care"))
                #expect(try await says(daemon, "service stubborn was cancelled"))
                let report = try daemon.report()
                #expect(report.tasks.cancelled == 1 && report.tasks.abandoned == [], "\(report.text)")
            }
        }

        @Test func aServiceThatNeverEndsIsAbandonedByName() async throws {
            try await withServices("deaf graceful") { daemon in
                #expect(try await says(daemon, "service deaf runs"))
                #expect(try await daemon.terminate() == .exited(75))
                #expect(try await says(daemon, "service graceful shuts down gracefully"))
                let report = try daemon.report()
                #expect(report.tasks.abandoned.array.map(\.name) == ["job deaf"], "\(report.text)")
            }
        }

        @Test func aServiceThatReturnsOrThrowsByItselfIsNamedAndCostsNobodyElse() async throws {
            try await withServices("brief failing graceful") { daemon in
                #expect(try await says(daemon, "service 'brief' has returned by itself and is not run again"))
                let failed = "job 'failing' of plugin 'lifecycle-services' has failed: the service failed"
                #expect(try await says(daemon, failed))
                let answer = try await daemon.connect().call("supervisor.ping")
                #expect(answer.state == "RUNNING")
                #expect(try await daemon.terminate() == .exited(0))
                #expect(try await says(daemon, "service graceful shuts down gracefully"))
            }
        }

        @Test func theDaemonsSignalsStayItsOwn() async throws {
            var masks: [[Substring]] = []
            for words in ["", "graceful"] {
                try await withServices(words) { daemon in
                    if !words.isEmpty { #expect(try await says(daemon, "service graceful runs")) }
                    let status = try String(contentsOfFile: "/proc/\(daemon.process.pid)/status", encoding: .utf8)
                    masks.append(status.split(separator: "\n").filter { $0.hasPrefix("Sig") && !$0.hasPrefix("SigQ") })
                    #expect(try await daemon.terminate() == .exited(0))
                }
            }
            // SigPnd, SigBlk, SigIgn, SigCgt.
            #expect(masks.count == 2 && masks.first == masks.last && masks.first?.count == 4, "\(masks)")
        }
    }
#endif
