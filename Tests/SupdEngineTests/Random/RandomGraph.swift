import SupdEngine
import SupdPlugin

/// One to six services that depend on each other without a cycle.
enum RandomGraph {
    private static let names = (0..<6).map { ServiceName.named("s\($0)") }

    static func members(_ random: inout SeededRandom) -> [Fleet.Member] {
        let count = 1 + random.below(6)
        let density = random.below(60)
        var relations = (0..<count).map { ServiceRelations(name: names[$0]) }
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
        return relations.map {
            Fleet.Member(
                relations: $0, settings: random.pick(RandomSettings.all), instances: random.chance(15) ? 2 : 1)
        }
    }
}
