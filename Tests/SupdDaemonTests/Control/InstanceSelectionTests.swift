import SupdConfiguration
import SupdPlugin
import SupdProtocol
import SupdTesting
import Testing

@testable import SupdDaemon

/// What selectors mean is found a few instances at a time, however few names there are.
@Suite struct InstanceSelectionTests {
    /// How many instances were found after each step, and whether nothing was in the end.
    private func steps(_ selectors: [String], limit: Int) throws -> (found: [Int], isUnknown: Bool) {
        let simulation = try Simulation(
            (0..<20).map { number in
                try makeService("s\(number)") {
                    $0.instances = 100
                    $0.conduct.enabled = false
                }
            }, seed: 331)
        var found: [Int] = []
        var isUnknown = false
        simulation.host.after(.seconds(1)) { host in
            var selection = InstanceSelection(selectors.map { ServiceSelector($0) })
            do throws(ProtocolError) {
                while try !selection.advance(simulation.supervisor.control, limit: limit) {
                    found.append(selection.found.count)
                }
            } catch {
                isUnknown = error.kind == .noSuchService
            }
            host.send(.term)
        }
        #expect(try simulation.run() == 0)
        return (found, isUnknown)
    }

    @Test func aNameOfManyInstancesCountsAsThese() throws {
        let (found, _) = try steps((0..<20).map { "s\($0)" }, limit: 32)
        #expect(found == (1..<20).map { $0 * 100 })
    }

    @Test func aNameThatIsNamedAgainCountsAgain() throws {
        let (found, _) = try steps(Array(repeating: "s7", count: 50), limit: 200)
        #expect(found == Array(repeating: 100, count: 24))
    }

    @Test func aSearchForWhatIsMeantStopsBetweenServices() throws {
        let (found, isUnknown) = try steps(["zs7@5"], limit: 32)
        #expect(isUnknown && found.count >= 20, "\(found.count)")
    }
}
