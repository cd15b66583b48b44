import SupdEngine
import SupdPlugin
import TestChance

/// One to six services that depend on each other without a cycle.
enum RandomGraph {
    private static let names = (0..<6).map { ServiceName.named("s\($0)") }

    static func members(_ random: inout SeededRandom) -> [Fleet.Member] {
        relations(among: Array(names.prefix(1 + random.below(6))), &random).map {
            Fleet.Member(
                relations: $0, settings: random.pick(RandomSettings.all), instances: random.chance(15) ? 2 : 1)
        }
    }

    /// What these say of each other: a graph that only looks back has no cycle.
    static func relations(among names: [ServiceName], _ random: inout SeededRandom) -> [ServiceRelations] {
        let count = names.count
        let density = random.below(60)
        var relations = names.map { ServiceRelations(name: $0) }
        for later in 0..<count {
            for earlier in 0..<later where random.chance(density) {
                switch random.below(8) {
                case 0...2: relations[later].requires.append(names[earlier])
                case 3: relations[later].wants.append(names[earlier])
                case 4: relations[later].after.append(names[earlier])
                case 5: relations[later].bindsTo.append(names[earlier])
                // This one may go in circles.
                case 6:
                    relations[later].partOf.append(names[earlier])
                    if random.chance(50) { relations[earlier].partOf.append(names[later]) }
                default: relations[earlier].before.append(names[later])
                }
            }
        }
        return relations
    }
}
