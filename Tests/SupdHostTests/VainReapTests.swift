import Glibc
import SupdPlugin
import Testing

@testable import SupdHost

/// An end that is told and cannot be collected.
@Suite struct VainReapTests {
    @Test func thePauseDoublesUpToALimit() {
        let pauses = (1...12).map { LinuxHost.pause(afterVainReaps: $0) }
        #expect(pauses.prefix(4) == [.milliseconds(10), .milliseconds(20), .milliseconds(40), .milliseconds(80)])
        #expect(pauses.suffix(3) == [.seconds(5), .seconds(5), .seconds(5)])
        #expect(LinuxHost.pause(afterVainReaps: 255) == .seconds(5))
    }

    /// Its pidfd is readable all the while: a loop that watched it again at once would do nothing else.
    @Test func aZombieThatATracerHoldsIsAskedAboutLessAndLess() async {
        await #expect(processExitsWith: .success) {
            try withHost { bench in
                let process = try bench.start("held-zombie", "3")
                let tracer = try bench.numbers(process.output, after: "tracer", count: 1)[0]
                // It may have come while the line was waited for.
                try bench.event("the end that cannot be collected") { $0 == .exited(process.handle) }
                expectEqual(bench.host.reap(process.handle), nil)
                var told = 1
                bench.host.refreshNow()
                let start = bench.host.now
                var events: [HostEvent] = []
                bench.host.arm(TimerToken(kind: 7), at: start.advanced(by: .milliseconds(500)))
                while !events.contains(.timer(TimerToken(kind: 7))) {
                    events.removeAll()
                    bench.host.wait(into: &events)
                    for case .exited(let handle) in events where handle == process.handle {
                        told += 1
                        expectEqual(bench.host.reap(handle), nil)
                    }
                }
                #expect((1...7).contains(told), "told \(told) times")
                // Once it is let go, that is told at once.
                kill(tracer, SIGKILL)
                try expectEqual(bench.end(of: process), .exited(code: 3))
            }
        }
    }
}
