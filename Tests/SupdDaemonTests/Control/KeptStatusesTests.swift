import EngineChecks
import SupdEngine
import SupdJSON
import Testing

@testable import SupdDaemon

/// That what is kept is what would be written is checked at each use, in every test that asks for a status (`StatusWriter`).
@Suite struct KeptStatusesTests {
    private func basis(
        _ instance: InstanceID = 1, machine: UInt32 = 1, row: UInt64 = 1, probes: UInt64 = 0, notices: UInt64 = 0,
        redefinitions: UInt64 = 0, wallDifference: Int64 = 0
    ) -> KeptStatuses.Basis {
        KeptStatuses.Basis(
            instance: instance, machine: machine, row: row, probes: probes, notices: notices,
            redefinitions: redefinitions, wallDifference: wallDifference)
    }

    /// What is written of it; nil where it is not kept.
    private func written(_ basis: KeptStatuses.Basis, _ kept: KeptStatuses) -> [UInt8]? {
        var writer = JSONWriter()
        return kept.write(basis, into: &writer) ? writer.bytes : nil
    }

    @Test func oneIsFoundAsLongAsNothingOfItHasChanged() {
        let kept = KeptStatuses()
        #expect(written(basis(), kept) == nil)
        kept.keep([1, 2], for: basis())
        #expect(written(basis(), kept) == [1, 2])
        for other in [
            basis(2), basis(InstanceID(slot: 1, generation: 1)), basis(machine: 2), basis(row: 2), basis(probes: 1),
            basis(redefinitions: 1), basis(notices: 1), basis(wallDifference: 1),
        ] {
            #expect(written(other, kept) == nil, "\(other)")
        }
        kept.keep([3], for: basis(machine: 2))
        #expect(written(basis(machine: 2), kept) == [3] && written(basis(), kept) == nil)
    }

    @Test func noMoreAreKeptThanThereArePlacesAndNoneThatIsLong() {
        let kept = KeptStatuses()
        let instances = (0..<1000).map { InstanceID(slot: $0, generation: 0) }
        for instance in instances { kept.keep([1], for: basis(instance)) }
        #expect(instances.count { written(basis($0), kept) != nil } == 256)
        kept.keep([UInt8](repeating: 1, count: 1025), for: basis())
        #expect(written(basis(), kept) == nil)
    }
}
