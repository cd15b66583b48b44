import Glibc
import TestThreads
import Testing

/// A client that keeps to the rules while others do not: it asks how the daemon is, twice in one write, again and again.
///
/// What an answer takes on a machine that has much else to do says little of the daemon. What is judged is what the daemon tells and the kernel
/// counts: how many turns of the loop the second question waited behind the first, and how long the daemon ran until both were answered.
enum PoliteClient {
    /// What came of two questions.
    struct Answer: Sendable {
        /// How many turns of the loop there were between the two, that were both there.
        let turns: Int
        /// How many connections the daemon had.
        let connections: Int
        /// Its memory, in bytes.
        let resident: Int
        /// For how long it ran, from the asking to the second answer.
        let work: Duration
        /// How long that was.
        let wait: Duration
    }

    /// Asks on a thread of its own as long as `body` goes on, and gives what came of it.
    /// Where `body` ends the daemon, that ends this too.
    static func beside(
        _ daemon: Daemon, endsDaemon: Bool = false, _ body: () async throws -> Void
    ) async throws -> [Answer] {
        let connection = try daemon.connect()
        _ = try await connection.call("supervisor.ping")
        let (over, bell) = try Descriptor.pipe()
        let (descriptor, pid) = (connection.descriptor, daemon.process.pid)
        async let answers = onThread { try ask(descriptor, pid, until: over, endsDaemon: endsDaemon) }
        func ring() {
            var byte: UInt8 = 0
            write(bell.number, &byte, 1)
        }
        do {
            try await body()
        } catch {
            ring()
            throw error
        }
        ring()
        return try await answers
    }

    /// Runs `body`, which blocks, on a thread of its own.
    static func onThread<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            do {
                try startThread { continuation.resume(with: Swift.Result { try body() }) }
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }

    /// So many it asks in any case.
    private static let atLeast = 20

    private static func ask(
        _ descriptor: Descriptor, _ pid: pid_t, until over: Descriptor, endsDaemon: Bool
    ) throws -> [Answer] {
        var clock = clockid_t()
        guard clock_getcpuclockid(pid, &clock) == 0 else { throw Failure("the daemon's time cannot be read") }
        let question = Array((#"{"id":1,"method":"supervisor.status"}"# + "\n").utf8)
        var answers: [Answer] = []
        while true {
            let (begin, ran) = (ContinuousClock.now, time(clock))
            do {
                guard try descriptor.writeSome((question + question)[...]) == 2 * question.count else {
                    throw Failure("no room for what a polite client asks")
                }
                let told = try lines(2, of: descriptor)
                let work = time(clock) - ran
                answers.append(try answer(told, work: work, wait: begin.duration(to: .now)))
            } catch {
                guard endsDaemon else { throw error }
                return answers
            }
            // Not as fast as it can: who has all of a processor is no polite one.
            var ends = pollfd(fd: over.number, events: Int16(POLLIN), revents: 0)
            if poll(&ends, 1, answers.count < atLeast ? 0 : 1) > 0, answers.count >= atLeast { return answers }
        }
    }

    private static func time(_ clock: clockid_t) -> Duration {
        var time = timespec()
        clock_gettime(clock, &time)
        return .seconds(Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec))
    }

    private static func lines(_ count: Int, of descriptor: Descriptor) throws -> [String] {
        var text: [UInt8] = []
        let deadline = Deadline.usual
        while text.count(where: { $0 == UInt8(ascii: "\n") }) < count {
            var polled = pollfd(fd: descriptor.number, events: Int16(POLLIN), revents: 0)
            guard poll(&polled, 1, deadline.remainingMilliseconds) == 1 else {
                throw Failure("a polite client has no answer for \(Deadline.patience) s")
            }
            switch try descriptor.readChunk() {
            case .bytes(let bytes): text += bytes
            case .nothingNow: continue
            case .end: throw Failure("the connection of a polite client was closed")
            }
        }
        return text.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
    }

    private static func answer(_ told: [String], work: Duration, wait: Duration) throws -> Answer {
        let results = try told.map { try JSONValue(parsing: $0).result }
        guard results.count == 2, let first = results[0].loop.turns.int, let second = results[1].loop.turns.int,
            let connections = results[1].connections.int
        else { throw Failure("a polite client was answered \(told)") }
        return Answer(
            turns: second - first, connections: connections, resident: results[1].memory.resident.int ?? 0, work: work,
            wait: wait)
    }
}

extension [PoliteClient.Answer] {
    /// How long the daemon ran for what 99 of 100 had asked, and how long the slowest of all waited.
    var work: Duration { map(\.work).sorted()[count * 99 / 100] }
    var longestWait: Duration { map(\.wait).max() ?? .zero }

    /// That nobody cost it more than a turn in the queue. Each of the others has one before it, and of those that follow something one more is
    /// between two of these; four at least are served in a turn of the loop, however long the machine lets that wait.
    func expectLatency(sourceLocation: SourceLocation = #_sourceLocation) {
        let late = filter { $0.turns > $0.connections / 2 + 3 }
        #expect(late.isEmpty, "\(late)", sourceLocation: sourceLocation)
        #expect(work < .milliseconds(100), "of \(count)", sourceLocation: sourceLocation)
        #expect(longestWait < .seconds(5).atLoad, "of \(count)", sourceLocation: sourceLocation)
    }

    /// That the daemon took no more memory than so many bytes meanwhile.
    func expectGrowth(below bytes: Int, sourceLocation: SourceLocation = #_sourceLocation) {
        let (before, most) = (first?.resident ?? 0, map(\.resident).max() ?? 0)
        #expect(most - before < bytes, "\(before) to \(most)", sourceLocation: sourceLocation)
    }
}
