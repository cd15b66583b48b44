import Glibc
import SupdPlugin
import Testing

@testable import SupdHost

@Suite struct BlockingWorkTests {
    private final class Told {
        var values: [Int] = []
        var text = ""
    }

    @Test func workAsideIsToldInItsOrderInsideWaitAndNeverAtOnce() async {
        await #expect(processExitsWith: .success) {
            try withHost { bench in
                let told = Told()
                let here = UInt(pthread_self())
                for number in 0..<20 {
                    bench.host.runAside {
                        UInt(pthread_self()) == here ? -1 : number
                    } then: {
                        expectEqual(UInt(pthread_self()), here)
                        told.values.append($0)
                    }
                }
                expectEqual(told.values, [])
                var events: [HostEvent] = []
                // Of what is told `wait` says nothing, and returns all the same.
                while told.values.count < 20 { bench.host.wait(into: &events) }
                expectEqual(told.values, Array(0..<20))
                expectEqual(events, [])
            }
        }
    }

    @Test func workAsideMayGoAsDeepAsThatOfTheStart() async {
        await #expect(processExitsWith: .success) {
            try withHost { bench in
                let told = Told()
                bench.host.runAside {
                    BlockingWorkTests.depth(of: 6 << 20, from: nil)
                } then: {
                    told.values.append($0)
                }
                try bench.turns(until: "the deep work") { !told.values.isEmpty }
                expectEqual(told.values[0] >= 6 << 20, true)
            }
        }
    }

    /// Calls itself until the stack is so many bytes deep.
    private static func depth(of bytes: Int, from start: UInt?) -> Int {
        withUnsafeTemporaryAllocation(byteCount: 1000, alignment: 8) { buffer in
            let here = UInt(bitPattern: buffer.baseAddress)
            let start = start ?? here
            let depth = Int(max(start, here) - min(start, here))
            return depth >= bytes ? depth : Self.depth(of: bytes, from: start)
        }
    }

    @Test func whatWorkAsideHasTakenGoesBack() async {
        await #expect(processExitsWith: .success) {
            try withHost { bench in
                let told = Told()
                let before = bench.host.ownMemory().resident
                bench.host.runAside {
                    // Small pieces by the hundred thousand, and between them what is kept.
                    (0..<400_000).map { "the number of this line is \($0), and it takes some room" }
                } then: {
                    told.text = String(decoding: Array($0[399_999].utf8), as: UTF8.self)
                    told.values = [bench.host.ownMemory().resident - before]
                }
                try bench.turns(until: "the work") { !told.values.isEmpty }
                let most = told.values[0]
                try bench.turns(until: "the pieces to be gone") {
                    bench.host.giveBackMemory()
                    // Later than a moment in which nothing happens.
                    bench.host.arm(TimerToken(kind: 1), at: bench.host.readClock().advanced(by: .milliseconds(500)))
                    return bench.host.ownMemory().resident - before < most / 4
                }
                expectEqual(most > 20 << 20, true, "\(most) bytes")
            }
        }
    }
}
