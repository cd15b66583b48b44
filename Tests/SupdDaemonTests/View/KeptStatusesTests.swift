import EngineChecks
import SupdEngine
import Testing

@testable import SupdDaemon

/// That what is kept is what would be written is checked at each use, in every test that asks for a status (`write(statusOf:into:)`).
@Suite struct KeptStatusesTests {
    private func basis(
        _ instance: InstanceID = 1, machine: UInt32 = 1, row: UInt64 = 1, probes: UInt64 = 0, notices: UInt64 = 0,
        isOutdated: Bool = false, wallDifference: Int64 = 0
    ) -> KeptStatuses.Basis {
        KeptStatuses.Basis(
            instance: instance, machine: machine, row: row, probes: probes, notices: notices, isOutdated: isOutdated,
            wallDifference: wallDifference)
    }

    @Test func oneIsFoundAsLongAsNothingOfItHasChanged() {
        var kept = KeptStatuses()
        #expect(kept[basis()] == nil)
        kept.keep([1, 2], for: basis())
        #expect(kept[basis()] == [1, 2])
        for other in [
            basis(2), basis(InstanceID(slot: 1, generation: 1)), basis(machine: 2), basis(row: 2), basis(probes: 1),
            basis(isOutdated: true), basis(notices: 1), basis(wallDifference: 1),
        ] {
            #expect(kept[other] == nil, "\(other)")
        }
        kept.keep([3], for: basis(machine: 2))
        #expect(kept[basis(machine: 2)] == [3] && kept[basis()] == nil)
    }

    @Test func noMoreAreKeptThanThereArePlacesAndNoneThatIsLong() {
        var kept = KeptStatuses()
        let instances = (0..<1000).map { InstanceID(slot: $0, generation: 0) }
        for instance in instances { kept.keep([1], for: basis(instance)) }
        #expect(instances.count { kept[basis($0)] != nil } == 256)
        kept.keep([UInt8](repeating: 1, count: 1025), for: basis())
        #expect(kept[basis()] == nil)
    }
}
