import EngineChecks
import SupdEngine
import SupdPlugin
import Testing

/// Orders carried out a step at a time.
@Suite struct StepsTests {
    private let now = MonotonicInstant(nanoseconds: 1)
    private let cause = Cause.order(uid: 0, pid: 1)

    private func fleet(_ members: [Fleet.Member]) throws -> Fleet {
        let fleet = try Fleet(members, startParallelism: 64, now: now)
        fleet.stepsAtOnce = 1
        return fleet
    }

    /// Takes steps until the fleet is settled; answers what each of them brought about.
    private func settle(_ fleet: Fleet) -> [[FleetAction]] {
        var all: [[FleetAction]] = []
        while !fleet.isSettled {
            var actions: [FleetAction] = []
            fleet.advance(now: now, random: { 0.5 }, into: &actions)
            all.append(actions)
        }
        return all
    }

    private func spawned(_ actions: [FleetAction]) -> [InstanceID] {
        actions.compactMap {
            guard case .perform(let instance, .spawn) = $0 else { return nil }
            return instance
        }
    }

    @Test func aStepConcernsOneInstance() throws {
        let fleet = try fleet((0..<500).map { .service("s\($0)") })
        var actions: [FleetAction] = []
        fleet.start(Array(fleet.allInstances), cause: cause, now: now, random: { 0.5 }, into: &actions)
        #expect(fleet.isCarryingOut && fleet.counts == [.stopped: 500])
        let steps = settle(fleet)
        #expect(steps.allSatisfy { $0.count <= 4 }, "\(steps.map(\.count).max() ?? 0)")
        #expect(fleet.counts == [.stopped: 500 - 64, .starting: 64])
        #expect(fleet.faults().isEmpty)
    }

    @Test func nothingIsGrantedBeforeTheOrderIsWhole() throws {
        // The one that requires the other is named first.
        let fleet = try fleet([.service("web", requires: ["db"]), .service("db")])
        var actions: [FleetAction] = []
        fleet.start([0, 1], cause: cause, now: now, random: { 0.5 }, into: &actions)
        while fleet.isCarryingOut {
            #expect(spawned(actions).isEmpty)
            fleet.advance(now: now, random: { 0.5 }, into: &actions)
        }
        actions += settle(fleet).joined()
        #expect(spawned(actions) == [1])
        #expect(!actions.contains(.blocked(instance: 0)), "it was never blocked: the other was wanted up, too")
    }

    @Test func anEventBetweenTwoStepsHurriesNothing() throws {
        let fleet = try fleet([.service("a"), .service("b"), .service("c")])
        var actions: [FleetAction] = []
        fleet.start([0, 1, 2], cause: cause, now: now, random: { 0.5 }, into: &actions)
        fleet.handle(.timer, of: 2, now: now, random: { 0.5 }, into: &actions)
        #expect(fleet.isCarryingOut && spawned(actions).isEmpty)
        let rest = Array(settle(fleet).joined())
        #expect(spawned(rest) == [0, 1, 2])
    }

    @Test func whatHasChangedIsToldOnce() throws {
        let fleet = try Fleet([.service("a"), .service("b"), .service("c")], startParallelism: 1, now: now)
        var actions: [FleetAction] = []
        fleet.start([2, 0], cause: cause, now: now, random: { 0.5 }, into: &actions)
        let touched = fleet.takeTouched()
        let later = fleet.takeTouched()
        #expect(touched.sorted() == [0, 2] && later.isEmpty)
    }

    @Test func aKillWaitsForNoSteps() throws {
        let fleet = try fleet((0..<3).map { .service("s\($0)") })
        var actions: [FleetAction] = []
        fleet.start([0, 1, 2], cause: cause, now: now, random: { 0.5 }, into: &actions)
        _ = settle(fleet)
        for instance in Array(fleet.allInstances) {
            let attempt = fleet[instance].attempt
            fleet.handle(
                .spawned(attempt: attempt, pid: 9), of: instance, now: now, random: { 0.5 }, into: &actions)
        }
        actions = []
        fleet.stopAll(cause: .drain, now: now, random: { 0.5 }, into: &actions)
        fleet.killAll(now: now, random: { 0.5 }, into: &actions)
        let killed = actions.filter {
            if case .perform(_, .signalTree(.kill)) = $0 { true } else { false }
        }
        #expect(killed.count == 3, "\(actions)")
        #expect(fleet.machines.allSatisfy { $0.desired == .down })
    }
}
