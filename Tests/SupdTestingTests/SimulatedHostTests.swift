import SupdHost
import SupdPlugin
import SupdTesting
import Testing

@Suite struct SimulatedHostTests {
    private final class Told {
        var values: [Int] = []
    }

    @Test func workAsideIsDoneAtOnceAndToldInALaterTurn() {
        let host = SimulatedHost(seed: 1)
        let told = Told()
        for number in 0..<3 {
            host.runAside {
                number
            } then: {
                told.values.append($0)
            }
        }
        #expect(told.values.isEmpty)
        let start = host.now
        var events: [HostEvent] = []
        host.wait(into: &events)
        #expect(told.values == [0, 1, 2])
        #expect(events.isEmpty)
        #expect(host.now == start.advanced(by: host.asideTime))
    }
}
