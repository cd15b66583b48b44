import SupdProtocol
import Testing

extension HostileClient {
    private static let flood = Target(configuration: { folder in
        TOML.service(
            "web", ["/bin/sh", "-c", "seq -f '%%0100.0f' 1 100000; echo the end; exec sleep 1000"], "enabled = false",
            "log = { sink = \"file\", file = \(TOML.quoted(folder.path("web.log"))) }")
    })

    /// Those that follow something, and do not read it.
    static let ofFollowers: [HostileClient] = [
        HostileClient(
            "follows lines and does not read them", over: "bytes of lines that are kept for all that follow",
            target: flood
        ) { daemon in
            let stuck = try await followers(daemon)
            try await daemon.order("start", "web")
            _ = try await daemon.folder.text(of: "web.log") { $0.hasSuffix("the end\n") }
            for follower in stuck {
                var (lines, missing) = (0, 0)
                while let line = try await follower.line() {
                    if line.contains(#""text":"the end""#) { break }
                    let gap = line.firstMatch(of: /"gap":([0-9]+)/)?.1
                    if let gap { missing += Int(gap) ?? 0 } else { lines += 1 }
                }
                #expect(lines + missing == 100_000 && missing > 0, "\(lines) and \(missing)")
                // With what was in the socket's buffers, and was being written.
                #expect(lines * 101 < 2 * ProtocolLimits.followedBytes)
            }
        },
        HostileClient(
            "follows lines to the end and does not read them",
            over: "seconds that a follower has to read the rest when the daemon ends",
            target: Target(configuration: flood.configuration, isEnded: true)
        ) { daemon in
            let stuck = try await followers(daemon)
            try await daemon.order("start", "web")
            _ = try await daemon.folder.text(of: "web.log") { $0.hasSuffix("the end\n") }
            let asker = try daemon.connect()
            let report = try await asker.call("supervisor.shutdown", ["wait": true])
            // Nothing had to be given up for them, which a phase that is over does.
            let phases = report.phases.array.filter { $0.outcome != "completed" && $0.outcome != "skipped" }
            #expect(phases == [], "\(report.text)")
            #expect(try await daemon.ended() == .exited(0))
            _ = stuck
        },
    ]

    private static func followers(_ daemon: Daemon) async throws -> [Connection] {
        var followers: [Connection] = []
        for _ in 0..<10 {
            followers.append(try daemon.connect())
            _ = try await followers.last?.call("logs.follow", ["services": ["web"], "lines": 0])
        }
        return followers
    }
}
