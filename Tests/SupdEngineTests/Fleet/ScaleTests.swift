import EngineChecks
import SupdEngine
import SupdPlugin
import Testing

/// More instances of a service, or fewer.
@Suite struct ScaleTests {
    private let now = MonotonicInstant(nanoseconds: 1_000_000_000)
    private let cause = Cause.order(uid: 0, pid: 1)

    private func fleet(instances: Int = 1) throws -> Fleet {
        let web = Fleet.Member(
            relations: ServiceRelations(name: .named("web")), settings: .plain(), instances: instances)
        let after = Fleet.Member(
            relations: ServiceRelations(name: .named("after"), requires: [.named("web")]), settings: .plain())
        return try Fleet([web, after], startParallelism: 64, now: now)
    }

    private func scale(_ fleet: Fleet, to count: Int) {
        _ = fleet.reserve(0, instances: count, now: now)
        var actions: [FleetAction] = []
        fleet.scale(0, to: count, cause: cause, now: now, random: { 0.5 }, into: &actions)
        play(fleet, actions)
    }

    /// Programs begin at once, and signals end them.
    private func play(_ fleet: Fleet, _ first: [FleetAction]) {
        var queue = first
        while !queue.isEmpty {
            guard case .perform(let instance, let action) = queue.removeFirst() else { continue }
            let attempt = fleet[instance].attempt
            let event: ServiceEvent
            switch action {
            case .spawn: event = .spawned(attempt: attempt, pid: Int32(100 + instance.slot))
            case .signalGroup(.int): event = .exited(attempt: attempt, .terminated)
            case .examineTree: event = .treeExamined(attempt: attempt, remaining: 0)
            default: continue
            }
            fleet.handle(event, of: instance, now: now, random: { 0.5 }, into: &queue)
        }
        #expect(fleet.faults() == [])
    }

    private func running(_ fleet: Fleet) -> [InstanceID] {
        fleet.instances(of: 0).filter { fleet[$0].phase == .running }
    }

    @Test func moreAreStartedAndTheFirstRunsOn() throws {
        let fleet = try fleet()
        scale(fleet, to: 1)
        let first = fleet[0].attempt
        scale(fleet, to: 3)
        // Behind those of other services, that keep their places.
        #expect(running(fleet) == [0, 2, 3] && fleet[0].attempt == first)
        #expect(fleet.service(of: 2) == 0 && fleet.service(of: 1) == 1)
    }

    @Test func fewerAreStoppedFromTheEndAndLeaveTheList() throws {
        let fleet = try fleet(instances: 3)
        scale(fleet, to: 3)
        scale(fleet, to: 1)
        #expect(Array(fleet.instances(of: 0)) == [0] && running(fleet) == [0])
        #expect(fleet.isDeparting(1) && fleet.isDeparting(2) && !fleet.isDeparting(0))
    }

    @Test func anInstanceOfANumberHasItsPlaceForEver() throws {
        let fleet = try fleet()
        scale(fleet, to: 3)
        let places = Array(fleet.instances(of: 0))
        scale(fleet, to: 1)
        scale(fleet, to: 3)
        #expect(Array(fleet.instances(of: 0)) == places && running(fleet) == places)
        #expect(fleet[places[2]].attempt == 2, "attempts are counted on")
    }

    @Test func oneThatGoesTakesNoOrderToStart() throws {
        let fleet = try fleet(instances: 2)
        scale(fleet, to: 2)
        var actions: [FleetAction] = []
        fleet.scale(0, to: 1, cause: cause, now: now, random: { 0.5 }, into: &actions)
        #expect(fleet[1].isLive && fleet.instances(of: 0).count == 2, "it is still on its way out")
        fleet.start([0, 1], cause: cause, now: now, random: { 0.5 }, into: &actions)
        #expect(fleet[1].desired == .down)
        play(fleet, actions)
        #expect(fleet.instances(of: 0).count == 1 && fleet[1].phase == .stopped)
    }

    @Test func whatRequiresItIsUpToAllOfItsInstances() throws {
        let fleet = try fleet()
        var actions: [FleetAction] = []
        scale(fleet, to: 2)
        fleet.start([1], cause: cause, now: now, random: { 0.5 }, into: &actions)
        play(fleet, actions)
        #expect(fleet[1].phase == .running)
        scale(fleet, to: 1)
        #expect(fleet[1].phase == .running, "fewer instances are no failure")
    }
}
