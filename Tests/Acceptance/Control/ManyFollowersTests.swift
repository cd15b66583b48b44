import CAcceptance
import Foundation
import Glibc
import Testing

/// Many that follow, and beside them one that only asks.
@Suite(.daemons)
struct ManyFollowersTests {
    /// Whether the text has those words. JSON has no zero byte that would end it early.
    private static func has(_ text: [UInt8], _ words: String) -> Bool {
        (text + [0]).withUnsafeBytes { bytes in
            guard let start = bytes.bindMemory(to: CChar.self).baseAddress else { return false }
            return strstr(start, words) != nil
        }
    }

    /// Reads all of these on a thread of its own until each has said `end`.
    private static func read(_ descriptors: [Descriptor], until end: String, within seconds: Double) async throws {
        try await PoliteClient.onThread {
            let deadline = Deadline.seconds(seconds)
            let wanted = end.utf8.count
            var open = descriptors.map { (descriptor: $0, tail: [UInt8]()) }
            while !open.isEmpty {
                if deadline.hasPassed {
                    throw Failure("\(open.count) followers have not read '\(end)' in \(seconds) s")
                }
                var polled = open.map { pollfd(fd: $0.descriptor.number, events: Int16(POLLIN), revents: 0) }
                poll(&polled, nfds_t(polled.count), deadline.remainingMilliseconds)
                for index in polled.indices.reversed() where polled[index].revents != 0 {
                    switch try open[index].descriptor.readChunk() {
                    case .nothingNow: continue
                    case .end: throw Failure("a follower was closed")
                    case .bytes(let bytes):
                        let text = open[index].tail + bytes
                        if Self.has(text, end) {
                            open.remove(at: index)
                        } else {
                            open[index].tail = Array(text.suffix(wanted))
                        }
                    }
                }
            }
        }
    }

    private static func followers(
        _ count: Int, _ daemon: Daemon, _ method: String, _ parameters: JSONValue
    ) async throws -> (reading: [Descriptor], stuck: [Descriptor]) {
        var followers: [Descriptor] = []
        for _ in 0..<count {
            let connection = try daemon.connect()
            _ = try await connection.call(method, parameters)
            followers.append(connection.descriptor)
        }
        return (Array(followers.prefix(count / 2)), Array(followers.suffix(count / 2)))
    }

    /// 200 followers of lines and events, half of them stuck, a service that writes 100 MB, and one that fails all the time.
    @Test(
        .enabled(if: Programs.isRoot, "more than 16 connections of one user need root"),
        .enabled(if: acceptance_raise_descriptor_limit() >= 1000, "needs 1,000 descriptors"))
    func twoHundredFollowersHoldUpNobody() async throws {
        let folder = try TemporaryFolder()
        let (megabytes, line) = (100, String(repeating: "0123456789", count: 10).dropLast())
        let configuration =
            "[supervisor]\nconnections = 300\n"
            + TOML.service(
                "web", ["/bin/sh", "-c", "yes \(line) | head -c \(megabytes)000000; echo the end; exec sleep 1000"],
                "enabled = false",
                "log = { sink = \"file\", file = \(TOML.quoted(folder.path("web.log"))), rotate_size = 0 }")
            + TOML.child(
                "crash", ["exit", "1"], #"restart = "always""#, "start_limit_burst = 0", #"log = { sink = "none" }"#,
                #"backoff = { policy = "constant", delay = "20ms", jitter = "none" }"#)
        try await withDaemon(configuration, folder: folder, untilReady: false) { daemon in
            try await daemon.serves()
            let lines = try await Self.followers(100, daemon, "logs.follow", ["services": ["web"], "lines": 0])
            let events = try await Self.followers(100, daemon, "events.subscribe", [:])
            async let eventsRead: Void = Self.read(events.reading, until: #""order":"reset-failed""#, within: 240)
            let begin = ContinuousClock.now
            let answers = try await PoliteClient.beside(daemon) {
                try await daemon.order("start", "web")
                try await Self.read(lines.reading, until: #""text":"the end""#, within: 200)
            }
            let written = begin.duration(to: .now)
            let other = try daemon.connect()
            try await daemon.order("stop", "crash")
            _ = try await other.call("service.reset_failed", ["services": ["crash"]])
            try await eventsRead
            // Who was stuck is told at once what there is still, and is at the end.
            try await Self.read(lines.stuck, until: #""text":"the end""#, within: 60)
            try await Self.read(events.stuck, until: #""order":"reset-failed""#, within: 60)

            let waits = answers.map(\.wait).sorted()
            let loop = try await other.call("supervisor.status").loop
            print(
                "200 followers, half of them stuck, beside \(megabytes) MB of lines in \(written): "
                    + "\(waits.count) answers, median \(waits[waits.count / 2]), 99 in 100 within "
                    + "\(waits[waits.count * 99 / 100]), the slowest \(answers.longestWait); of \(loop.turns.text) turns "
                    + "of the loop half took \(loop.p50.text) s at most, 99 in 100 \(loop.p99.text) s, the longest "
                    + "\(loop.longest.took.text) s (\(loop.longest.work.text))")
            answers.expectLatency()
            answers.expectGrowth(below: 64_000_000)
            // Every byte is in the file, as if nobody followed.
            let deadline = Deadline.usual
            var size: Int?
            while size != megabytes * 1_000_000 + "the end\n".utf8.count, !deadline.hasPassed {
                _ = try await other.call("supervisor.ping")
                size = try FileManager.default.attributesOfItem(atPath: folder.path("web.log"))[.size] as? Int
            }
            #expect(size == megabytes * 1_000_000 + "the end\n".utf8.count)
        }
    }
}
