import EngineChecks
import SupdEngine
import SupdPlugin
import Testing

/// Large fleets: the work grows with the number of instances and dependencies, not with its square.
@Suite(.serialized) struct FleetSizeTests {
    enum Shape: CaseIterable, CustomTestStringConvertible {
        case apart, chain, hub, gathered, layers, instances, layersOfInstances

        var testDescription: String { "\(self)" }

        func members(_ count: Int) -> [Fleet.Member] {
            let settings = ServiceSettings.plain()
            func service(_ name: String, _ requires: [String] = [], instances: Int = 1) -> Fleet.Member {
                .service(name, requires: requires, instances: instances, settings)
            }
            switch self {
            case .apart: return (0..<count).map { service("s\($0)") }
            case .chain: return (0..<count).map { service("s\($0)", $0 > 0 ? ["s\($0 - 1)"] : []) }
            case .hub: return [service("hub")] + (1..<count).map { service("s\($0)", ["hub"]) }
            case .gathered:
                let all = (1..<count).map { "s\($0)" }
                return all.map { service($0) } + [service("all", all)]
            case .layers:
                return (0..<count).map { place in
                    place < 10
                        ? service("s\(place)") : service("s\(place)", (0..<10).map { "s\(place / 10 * 10 - 10 + $0)" })
                }
            case .instances: return (0..<count / 1000).map { service("s\($0)", instances: 1000) }
            case .layersOfInstances:
                return (0..<count / 1000).map { service("s\($0)", $0 > 0 ? ["s\($0 - 1)"] : [], instances: 1000) }
            }
        }
    }

    /// Boots, has every process crash and come back, and stops all.
    private func life(_ shape: Shape, _ count: Int) throws -> Duration {
        let driver = try FleetDriver(shape.members(count), isWatched: false)
        let names = Array(driver.fleet.allInstances)
        let time = processorTime {
            driver.boot()
            for instance in names { driver.end(instance, .failure) }
            for instance in names { driver.comeBack(instance) }
            driver.stopAll()
        }
        #expect(driver.fleet.machines.allSatisfy { $0.phase == .stopped && $0.attempt == 2 })
        #expect(driver.fleet.faults() == [])
        return time
    }

    @Test(arguments: Shape.allCases)
    func tenThousandInstancesSettleInLinearTime(shape: Shape) throws {
        let small = try life(shape, 2_000)
        let large = try life(shape, 10_000)
        let ratio = large / small
        print("\(shape): 2,000 in \(small.text), 10,000 in \(large.text), ratio \(Int(ratio * 10))/10")
        #expect(ratio < 15, "five times as many should take about five times as long; squared it is twenty-five")
    }
}
