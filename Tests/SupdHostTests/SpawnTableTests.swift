import Glibc
import Testing

@testable import SupdHost

/// What spawns have to themselves while they take their time.
@Suite struct SpawnTableTests {
    /// A place has three descriptors and a stack: those that were needed once are not kept for good.
    @Test func placesAreKeptForAsLongAsSpawnsTakeTheirTime() async {
        // Nobody else opens anything there.
        await #expect(processExitsWith: .success) {
            let null = open("/dev/null", O_RDWR | O_CLOEXEC)
            var table = SpawnTable()
            let places = try (0..<6).map { _ in try #require(try table.takePlace(null: null)) }
            let ends = places.map(\.slots.end).sorted()
            expectEqual(Set(ends).count, 6)
            let slow = table.nextID()
            table.add(slow, .waiting(HostBench.request("wait")))
            for place in places.shuffled() { table.giveBack(place) }
            // Of all of them those with the lowest descriptors, and the lowest first.
            let kept = try (0..<4).map { _ in try #require(try table.takePlace(null: null)) }
            expectEqual(kept.map(\.slots.end), Array(ends.prefix(4)))
            table.remove(slow)
            for place in kept { table.giveBack(place) }
            let (first, second) = (try table.takePlace(null: null), try table.takePlace(null: null))
            #expect(first === kept[0])
            #expect(second != nil && !kept.contains { $0 === second })
        }
    }
}
