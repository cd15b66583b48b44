import EngineChecks
import Testing

@testable import SupdEngine

/// Rows by identities that are never used again.
@Suite struct IdentityTests {
    @Test func anIdentityIsNeverGivenTwice() {
        var table = IdentityTable<InstanceID, String>()
        var seen: Set<InstanceID> = []
        for round in 0..<100 {
            let (first, second) = (table.insert("a\(round)"), table.insert("b\(round)"))
            #expect(seen.insert(first).inserted && seen.insert(second).inserted)
            #expect(table[first] == "a\(round)" && table[second] == "b\(round)" && table.count == 2)
            table.remove(round.isMultiple(of: 2) ? first : second)
            table.remove(round.isMultiple(of: 2) ? second : first)
            #expect(!table.contains(first) && !table.contains(second) && table.count == 0)
        }
        #expect(Set(seen.map(\.slot)).count == 2, "slots are used again")
        #expect(Set(seen.map(\.number)).count == 200)
        #expect(seen.allSatisfy { InstanceID(number: $0.number) == $0 })
    }

    @Test func aSecondRemovalChangesNothing() {
        var table = IdentityTable<ServiceID, Int>()
        let first = table.insert(1)
        table.remove(first)
        table.remove(first)
        let (second, third) = (table.insert(2), table.insert(3))
        #expect(second.slot != third.slot && Array(table.ids) == [second, third].sorted())
        table.remove(first)
        #expect(table[second] == 2)
    }

    @Test func anOlderIdentityFindsNothingInItsSlot() {
        var map = IdentityMap<InstanceID, String>()
        let (old, new) = (InstanceID(slot: 3, generation: 0), InstanceID(slot: 3, generation: 1))
        #expect(map[old] == nil && map.count == 0)
        map[old] = "old"
        #expect(map[old] == "old" && map[new] == nil && map.count == 1)
        map[new] = "new"
        #expect(map[old] == nil && !map.contains(old) && map[new] == "new" && map.count == 1)
        map[new]?.append("er")
        #expect(map[existing: new] == "newer" && Array(map.ids) == [new])
        map[new] = nil
        map[new] = nil
        #expect(map.count == 0 && Array(map.ids) == [])
    }

    @Test func readingAnIdentityThatIsNotThereMakesNoRow() {
        var map = IdentityMap<InstanceID, [Int]>()
        map[InstanceID(slot: 2, generation: 0)]?.append(1)
        #expect(map.count == 0 && Array(map.ids) == [])
    }

    /// Taking away what is not there leaves what is there.
    @Test func removingAnOlderIdentityLeavesTheNewerRow() {
        var map = IdentityMap<InstanceID, Int>()
        let (old, new) = (InstanceID(slot: 0, generation: 4), InstanceID(slot: 0, generation: 5))
        map[new] = 1
        map[old] = nil
        #expect(map[new] == 1 && map.count == 1)
        map[old]? += 1
        #expect(map[new] == 1 && map.count == 1)
    }
}
