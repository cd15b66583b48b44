import CAcceptance
import Foundation
import Glibc
import TestThreads
import Testing

/// Many that follow, and beside them one that only asks.
@Suite(.daemons)
struct ManyFollowersTests {
    /// Runs `body`, which blocks, on a thread of its own.
    private static func onThread<Answer: Sendable>(
        _ body: @escaping @Sendable () throws -> Answer
    ) async throws -> Answer {
        try await withCheckedThrowingContinuation { continuation in
            do {
                try startThread { continuation.resume(with: Result { try body() }) }
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }

    /// Whether the text has those words. JSON has no zero byte that would end it early.
    private static func has(_ text: [UInt8], _ words: String) -> Bool {
        (text + [0]).withUnsafeBytes { bytes in
            guard let start = bytes.bindMemory(to: CChar.self).baseAddress else { return false }
            return strstr(start, words) != nil
        }
    }

    /// Reads all of these on a thread of its own until each has said `end`.
    private static func read(_ descriptors: [Descriptor], until end: String, within seconds: Double) async throws {
        try await onThread {
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

    /// Pings one after the other on a thread of its own until that is `over`, and gives how long each took, sorted.
    private static func pings(_ socket: String, until over: Facts<Bool>) async throws -> [Duration] {
        try await onThread {
            let descriptor = try Connection(to: socket).descriptor
            let request = Array((#"{"id":1,"method":"supervisor.ping"}"# + "\n").utf8)
            var took: [Duration] = []
            while over.all.isEmpty {
                let before = ContinuousClock.now
                guard try descriptor.writeSome(request[...]) == request.count else {
                    throw Failure("no room for a ping")
                }
                var polled = pollfd(fd: descriptor.number, events: Int16(POLLIN), revents: 0)
                guard poll(&polled, 1, 60_000) == 1, case .bytes = try descriptor.readChunk() else {
                    throw Failure("no answer to a ping for 60 s")
                }
                took.append(before.duration(to: .now))
            }
            return took.sorted()
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
            let other = try daemon.connect()
            let lines = try await Self.followers(100, daemon, "logs.follow", ["services": ["web"], "lines": 0])
            let events = try await Self.followers(100, daemon, "events.subscribe", [:])
            let before = try #require(try await other.call("supervisor.status").memory.resident.double)
            let over = Facts<Bool>()
            defer { over.record(true) }
            async let pings = Self.pings(daemon.socket, until: over)
            try await daemon.order("start", "web")
            let begin = ContinuousClock.now
            async let linesRead: Void = Self.read(lines.reading, until: #""text":"the end""#, within: 200)
            async let eventsRead: Void = Self.read(events.reading, until: #""order":"reset-failed""#, within: 240)
            try await linesRead
            let written = begin.duration(to: .now)
            over.record(true)
            let took = try await pings
            let after = try #require(try await other.call("supervisor.status").memory.resident.double)
            try await daemon.order("stop", "crash")
            _ = try await other.call("service.reset_failed", ["services": ["crash"]])
            try await eventsRead
            // Who was stuck is told at once what there is still, and is at the end.
            try await Self.read(lines.stuck, until: #""text":"the end""#, within: 60)
            try await Self.read(events.stuck, until: #""order":"reset-failed""#, within: 60)

            let (median, late) = (took[took.count / 2], took[took.count * 99 / 100])
            let worst = try #require(took.last)
            print(
                "200 followers, half of them stuck, beside \(megabytes) MB of lines in \(written): "
                    + "\(took.count) pings, median \(median), 99 in 100 within \(late), the slowest \(worst)")
            #expect(late < .milliseconds(1500).atLoad && worst < .seconds(5).atLoad)
            #expect(after - before < 64_000_000, "\(before) to \(after)")
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
