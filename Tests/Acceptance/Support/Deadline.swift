import Foundation

/// A moment on the monotonic clock by which a fact must have come true. It only ever fails a test, it never paces one.
struct Deadline: Sendable {
    let instant: ContinuousClock.Instant

    /// The seconds in which everything comes true that comes true at all, on a machine that has ten times as much to do as it can.
    static let patience: Double = 60

    static var usual: Deadline { .seconds(patience) }

    static func seconds(_ seconds: Double) -> Deadline {
        Deadline(instant: .now + .seconds(seconds))
    }

    var hasPassed: Bool { remaining <= .zero }

    var remaining: Duration { ContinuousClock.now.duration(to: instant) }

    /// For poll(2): rounded up, so that it is not asked again just before.
    var remainingMilliseconds: Int32 {
        let (seconds, attoseconds) = remaining.components
        let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000 + 1
        return Int32(clamping: max(0, milliseconds))
    }

    func orEarlier(in seconds: Double) -> Deadline {
        let other = Deadline.seconds(seconds)
        return other.instant < instant ? other : self
    }
}

/// A fact that did not come true in time, or a thing the machine refused.
struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

extension Duration {
    /// This limit as it is where the machine has nothing else to do, and longer by as much as there is more to run than processors: tests run side
    /// by side, and what is measured waits for its turn among them.
    var atLoad: Duration {
        let words = (try? String(contentsOfFile: "/proc/loadavg", encoding: .utf8))?.split(separator: " ") ?? []
        let average = words.first.flatMap { Double($0) } ?? 1
        let running = words.count > 3 ? Double(words[3].prefix { $0 != "/" }) ?? 1 : 1
        return self * max(1, max(average, running) / Double(ProcessInfo.processInfo.activeProcessorCount))
    }
}
