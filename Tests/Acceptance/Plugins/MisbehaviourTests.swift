import Testing

/// Plugins that do what they should not, and what it costs: themselves.
@Suite(.daemons)
struct MisbehaviourTests {
    private func failing(_ name: String, backoff: String) -> String {
        TOML.child(
            name, ["exit", "1"], "restart = \"always\"", "backoff = \"\(backoff)\"", "start_limit_burst = 0")
    }

    /// Over ten starts in a second a restart waits 100 ms, whatever its backoff says; and never longer than a day.
    @Test func negativeAndEndlessDelaysAreHeldWithinBounds() async throws {
        let configuration = failing("eager", backoff: "negative") + failing("late", backoff: "endless")
        let begin = ContinuousClock.now
        try await withDaemon(configuration, program: Programs.troubled) { daemon in
            let eager = try await daemon.service("eager", becomes: "run again 60 times") {
                ($0.restarts.int ?? 0) >= 60
            }
            let restarts = try #require(eager.restarts.int)
            let seconds = begin.duration(to: .now) / .seconds(1)
            #expect(Double(restarts) <= 11 * (seconds + 2), "\(restarts) restarts in \(seconds) s")
            let late = try await daemon.service("late", becomes: "BACKOFF")
            let since = try #require(late.since.string), next = try #require(late.next_start_at.string)
            // A day later at the same time, to the second.
            #expect(
                since.prefix(10) != next.prefix(10) && since.dropFirst(11).prefix(8) == next.dropFirst(11).prefix(8))
            #expect(try await daemon.terminate() == .exited(0))
        }
    }

    @Test func whoFloodsWithOrdersAndNeverTakesAnEventCostsNobodyElse() async throws {
        let folder = try TemporaryFolder()
        let configuration =
            "[plugins.trouble]\ndoes = [\"meddling\"]\n[plugins.recorder]\nfile = \"hang\"\n"
            + "[supervisor.drain]\nflush = \"500ms\"\n"
            + TOML.child("web", ["chronicle", folder.path("web"), "web"])
            + TOML.child("other", ["chronicle", folder.path("other"), "other"])
        try await withDaemon(configuration, folder: folder, untilReady: false, program: Programs.troubled) { daemon in
            try await daemon.serves()
            let pid = try await daemon.service("other", becomes: "RUNNING").requirePID()
            // Each of its restarts is four events that nobody takes.
            let connection = try daemon.connect()
            _ = try await folder.text(of: "web", within: 60) { $0.filter { $0 == "\n" }.count >= 40 }
            for _ in 0..<100 { _ = try await connection.call("supervisor.ping") }
            #expect(try await daemon.service("other").pid.int == pid)
            #expect(try await daemon.terminate() == .exited(75))
            let abandoned = try daemon.report().tasks.abandoned.array.compactMap(\.name.string)
            #expect(abandoned == ["events recorder: file"])
        }
    }
}
