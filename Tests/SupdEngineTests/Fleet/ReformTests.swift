import EngineChecks
import SupdEngine
import SupdPlugin
import Testing

/// Services that are changed, added and removed under the others.
@Suite struct ReformTests {
    private let cause = Cause.configuration

    /// A fleet, and the processes that its machines believe in: programs begin at once, and end when they are told to.
    private struct World {
        var fleet: Fleet
        var now = MonotonicInstant(nanoseconds: 1_000_000_000)
        var members: [(id: ServiceID?, member: Fleet.Member)]
        var obeys = true
        var spawned: [(instance: InstanceID, attempt: UInt64)] = []

        init(_ members: [Fleet.Member], parallelism: Int = 64) throws {
            fleet = try Fleet(members, startParallelism: parallelism, now: now)
            self.members = zip(fleet.services, members).map { ($0, $1) }
            boot()
        }

        mutating func boot() {
            act { $0.startEnabled(now: $1, random: { 0.5 }, into: &$2) }
        }

        mutating func act(_ body: (Fleet, MonotonicInstant, inout [FleetAction]) -> Void) {
            var queue: [FleetAction] = []
            body(fleet, now, &queue)
            var next = 0
            while next < queue.count {
                next += 1
                guard case .perform(let instance, let action) = queue[next - 1] else { continue }
                let attempt = fleet[instance].attempt
                let event: ServiceEvent
                switch action {
                case .spawn:
                    spawned.append((instance, attempt))
                    event = .spawned(attempt: attempt, pid: Int32(100 + instance.slot))
                case .signalGroup(let signal):
                    guard obeys || signal == .kill else { continue }
                    event = .exited(attempt: attempt, .terminated)
                case .examineTree: event = .treeExamined(attempt: attempt, remaining: 0)
                default: continue
                }
                fleet.handle(event, of: instance, now: now, random: { 0.5 }, into: &queue)
            }
            #expect(fleet.faults() == [])
        }

        /// Has these services from now on, those of `going` behind them.
        mutating func reform(
            _ wanted: [(id: ServiceID?, member: Fleet.Member)], going: [ServiceID] = [], isAtOnce: Bool = true
        ) throws -> [ServiceID] {
            let leaving = members.filter { member in member.id.map(going.contains) == true }
            let graph = try DependencyGraph(
                staying: wanted.map(\.member.relations), leaving: leaving.map(\.member.relations))
            let definitions = (wanted + leaving).map {
                Fleet.Definition(id: $0.id, member: $0.member, isAtOnce: isAtOnce)
            }
            var ids: [ServiceID] = []
            act {
                let kept = Set(definitions.compactMap(\.id))
                $0.remove($0.services.filter { !kept.contains($0) })
                ids = $0.reform(definitions, graph: graph, startParallelism: 64, now: $1, into: &$2)
                $0.advance(now: $1, random: { 0.5 }, into: &$2)
            }
            members = zip(ids, wanted + leaving).map { ($0, $1.member) }
            return ids
        }

        mutating func depart(_ services: [ServiceID]) {
            act { $0.depart(services, cause: .configuration, now: $1, random: { 0.5 }, into: &$2) }
        }

        mutating func start(_ instances: [InstanceID]) {
            act { $0.start(instances, cause: .configuration, now: $1, random: { 0.5 }, into: &$2) }
        }
    }

    @Test func theOthersAreNotTouched() throws {
        var world = try World([.service("a"), .service("b", requires: ["a"])])
        let before = world.fleet.machines.map(\.attempt)
        let ids = try world.reform(
            [(nil, .service("new")), (1, .service("b", requires: ["a"])), (0, .service("a"))])
        #expect(ids.suffix(2) == [1, 0] && world.fleet.contains(ids[0]))
        #expect(world.fleet[0].phase == .running && world.fleet[1].phase == .running)
        #expect([world.fleet[0].attempt, world.fleet[1].attempt] == before && world.spawned.count == 2)
        #expect(Array(world.fleet.services) == ids, "in the order of the new ones")
        #expect(world.fleet[world.fleet.instances(of: ids[0])[0]].phase == .stopped, "new ones are not started")
    }

    @Test func identitiesAndAttemptsAreNeverUsedAgain() throws {
        var world = try World([.service("a"), .service("b")])
        var services: Set<ServiceID> = [0]
        var instances: Set<InstanceID> = [0]
        var attempts: Set<UInt64> = [1]
        var id: ServiceID = 0
        for _ in 0..<10 {
            _ = try world.reform([(1, .service("b"))], going: [id])
            world.depart([id])
            #expect(world.fleet.isGone(id))
            _ = try world.reform([(1, .service("b"))])
            #expect(!world.fleet.contains(id) && world.fleet.listedCount == 1)
            id = try world.reform([(nil, .service("a")), (1, .service("b"))])[0]
            let instance = world.fleet.instances(of: id)[0]
            world.start([instance])
            #expect(services.insert(id).inserted && instances.insert(instance).inserted)
            #expect(attempts.insert(world.fleet[instance].attempt).inserted, "a name that comes back counts on")
        }
        #expect(world.fleet[1].attempt == 1)
    }

    @Test func whatDepartsTakesNoOrderAndIsNotScaled() throws {
        var world = try World([.service("a"), .service("b")])
        world.obeys = false
        _ = try world.reform([(1, .service("b"))], going: [0])
        world.depart([0])
        #expect(!world.fleet.isGone(0) && world.fleet[0].desired == .down)
        world.start([0])
        let now = world.now
        _ = world.fleet.reserve(0, instances: 3, now: now)
        world.act { $0.scale(0, to: 3, cause: .configuration, now: $1, random: { 0.5 }, into: &$2) }
        world.act { $0.restart([0], cause: .configuration, now: $1, random: { 0.5 }, into: &$2) }
        #expect(world.fleet[0].desired == .down && world.spawned.count == 2)
        world.act { $0.killAll(now: $1, random: { 0.5 }, into: &$2) }
        #expect(world.fleet.isGone(0))
    }

    /// It is stopped behind what required it, also where that stays and does not require it any more.
    @Test func whatRequiredItGoesBeforeIt() throws {
        var world = try World([.service("db"), .service("web", requires: ["db"])])
        world.obeys = false
        _ = try world.reform([], going: [0, 1])
        world.depart([0, 1])
        guard case .stopping = world.fleet[1].phase else {
            Issue.record("\(world.fleet[1].phase)")
            return
        }
        #expect(world.fleet[0].phase == .running && world.fleet[0].stopRequested)
    }

    @Test func whatWaitsIsLookedAtByItsNewRelations() throws {
        var world = try World([
            .service("slow", .plain(type: .oneshot)), .service("web", after: ["slow"]),
        ])
        #expect(world.fleet[1].phase == .waiting && world.fleet.waitsFor(1)?.services == [0])
        _ = try world.reform([(0, .service("slow", .plain(type: .oneshot))), (1, .service("web"))])
        #expect(world.fleet[1].phase == .running)
    }

    @Test func whatWaitsWaitsForWhatItNowRequires() throws {
        let oneshot = ServiceSettings.plain(type: .oneshot)
        var world = try World([.service("slow", oneshot), .service("web", requires: ["slow"])])
        let ids = try world.reform([
            (0, .service("slow", oneshot)), (1, .service("web", requires: ["db"])), (nil, .service("db")),
        ])
        #expect(world.fleet.isBlocked(1) && world.fleet.waitsFor(1)?.services == [ids[2]])
        world.start(Array(world.fleet.instances(of: ids[2])))
        #expect(world.fleet[1].phase == .running)
    }

    @Test func settingsAreExchangedAtOnceOrAtTheNextStart() throws {
        var world = try World([.service("web", .plain(runtimeMax: .seconds(10)))])
        let begun = world.fleet[0].since
        #expect(world.fleet[0].deadline == begun.advanced(by: .seconds(10)))
        _ = try world.reform([(0, .service("web", .plain(runtimeMax: .seconds(20))))], isAtOnce: false)
        #expect(world.fleet[0].deadline == begun.advanced(by: .seconds(10)))
        // What is for at once now does not reach one that runs by older settings still.
        _ = try world.reform([(0, .service("web", .plain(runtimeMax: .seconds(30))))], isAtOnce: true)
        #expect(world.fleet[0].deadline == begun.advanced(by: .seconds(10)))
        world.act { $0.restart([0], cause: .configuration, now: $1, random: { 0.5 }, into: &$2) }
        #expect(world.fleet[0].deadline == world.fleet[0].since.advanced(by: .seconds(30)))
        _ = try world.reform([(0, .service("web", .plain(runtimeMax: .seconds(40))))], isAtOnce: true)
        #expect(world.fleet[0].deadline == world.fleet[0].since.advanced(by: .seconds(40)))
    }

    @Test func settingsAreExchangedWhereNothingElseIsDifferent() throws {
        var world = try World([.service("a"), .service("web", requires: ["a"], .plain(runtimeMax: .seconds(10)))])
        func redefine(_ seconds: Int, isAtOnce: Bool) {
            world.act {
                let member = Fleet.Member.service("web", requires: ["a"], .plain(runtimeMax: .seconds(seconds)))
                $0.redefine(
                    [Fleet.Definition(id: 1, member: member, isAtOnce: isAtOnce)], startParallelism: 7, now: $1,
                    into: &$2)
            }
        }
        redefine(20, isAtOnce: false)
        #expect(world.fleet[1].deadline == world.fleet[1].since.advanced(by: .seconds(10)))
        redefine(30, isAtOnce: true)
        #expect(world.fleet[1].deadline == world.fleet[1].since.advanced(by: .seconds(10)), "it runs by older ones")
        world.act { $0.restart([1], cause: .configuration, now: $1, random: { 0.5 }, into: &$2) }
        #expect(world.fleet[1].deadline == world.fleet[1].since.advanced(by: .seconds(30)))
        redefine(40, isAtOnce: true)
        #expect(world.fleet[1].deadline == world.fleet[1].since.advanced(by: .seconds(40)))
        #expect(world.fleet.startParallelism == 7 && world.fleet[0].phase == .running)
    }

    @Test(arguments: [true, false]) func aStopUnderWayGoesOnByItsNewSteps(isAtOnce: Bool) throws {
        var world = try World([.service("web")])
        world.obeys = false
        world.act { $0.stop([0], cause: .configuration, now: $1, random: { 0.5 }, into: &$2) }
        let deadline = world.fleet[0].deadline
        let quick = ServiceSettings.plain(stopSteps: [StopStep(signal: .int, wait: .seconds(1))])
        _ = try world.reform([(0, .service("web", quick))], isAtOnce: isAtOnce)
        #expect(world.fleet[0].deadline == deadline, "the step that is under way keeps its time")
        world.now = try #require(deadline)
        world.act { $0.handle(.timer, of: 0, now: $1, random: { 0.5 }, into: &$2) }
        #expect(world.fleet[0].isLive == !isAtOnce, "by the new steps SIGKILL is next, by the old ones SIGTERM")
    }

    /// They may have left something behind, whatever is said since.
    @Test func theTreeIsLookedAtAfterCommandsThatAreNotConfiguredAnyMore() throws {
        let commands = ServiceSettings.plain(errands: Errands(commands: [.afterStop]))
        var world = try World([.service("web", commands)])
        world.act { $0.stop([0], cause: .configuration, now: $1, random: { 0.5 }, into: &$2) }
        _ = try world.reform([(0, .service("web"))])
        var actions: [FleetAction] = []
        world.fleet.handle(
            .errandEnded(attempt: 1, .afterStop, failure: nil), of: 0, now: world.now, random: { 0.5 }, into: &actions)
        #expect(actions.contains(.perform(instance: 0, .examineTree(attempt: 1))) && world.fleet[0].isLive)
    }

    @Test func aBackoffUnderWayKeepsItsTimeAndTheNextIsOfTheNewSettings() throws {
        var world = try World([.service("web")])
        func fail(_ world: inout World) {
            world.act {
                $0.handle(
                    .exited(attempt: $0[0].attempt, .failure), of: 0, now: $1, random: { 0.5 }, into: &$2)
            }
        }
        fail(&world)
        let due = world.fleet[0].deadline
        #expect(due == world.now.advanced(by: .seconds(5)))
        let slower = ServiceSettings.plain(backoff: FixedBackoff(delay: .seconds(50)))
        _ = try world.reform([(0, .service("web", slower))])
        #expect(world.fleet[0].deadline == due)
        world.now = try #require(due)
        world.act { $0.handle(.timer, of: 0, now: $1, random: { 0.5 }, into: &$2) }
        fail(&world)
        #expect(world.fleet[0].deadline == world.now.advanced(by: .seconds(50)))
    }

    @Test func countsStayTrueWhereWhatIsRemovedNeverRan() throws {
        var world = try World([.service("web", instances: 3), .service("off", instances: 2, .plain(enabled: false))])
        _ = world.fleet.reserve(1, instances: 4, now: world.now)
        world.depart([1])
        _ = try world.reform([(0, .service("web", instances: 3))])
        #expect(world.fleet.listedCount == 3 && world.fleet.counts == [.running: 3] && world.fleet.goalReached)
        #expect(world.fleet.takeTouched().allSatisfy(world.fleet.contains))
    }
}
