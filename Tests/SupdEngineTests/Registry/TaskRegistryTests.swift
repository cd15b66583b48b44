import SupdEngine
import SupdPlugin
import TestChance
import Testing

@Suite struct TaskRegistryTests {
    let now = MonotonicInstant(nanoseconds: 1_000_000_000)

    private func register(
        _ registry: inout TaskRegistry, _ name: String, _ phase: DrainPhase = .jobs, parent: TaskID? = nil
    ) throws(RegistrationRefusal) -> TaskID {
        try registry.register(TaskTitle(name), kind: .job, phase: phase, parent: parent, now: now)
    }

    private func refusal(of body: () throws(RegistrationRefusal) -> TaskID) -> RegistrationRefusal? {
        do throws(RegistrationRefusal) {
            _ = try body()
            return nil
        } catch {
            return error
        }
    }

    @Test func whileOpenAnybodyMayRegister() throws {
        var registry = TaskRegistry()
        for _ in 0..<1_000 { _ = try register(&registry, "a") }
        #expect(registry.count == 1_000)
        #expect(registry.count(in: .jobs) == 1_000)
        #expect(registry.gate == .open)
    }

    @Test func aTaskHasItsNameKindPhaseAgeAndPlace() throws {
        var registry = TaskRegistry()
        let line = #line + 1
        let id = try registry.register("service web@1", kind: .service, phase: .services, now: now)
        let task = try #require(registry.tasks.first)
        #expect(task.id == id)
        #expect(task.name == "service web@1")
        #expect(task.kind == .service)
        #expect(task.phase == .services)
        #expect(task.state == .running)
        #expect(task.registeredAt == now)
        #expect(task.deadline == nil)
        #expect(task.parent == nil)
        #expect(task.place == "\(#fileID):\(line)")
    }

    @Test func tasksAreListedOldestFirst() throws {
        var registry = TaskRegistry()
        for name in ["c", "a", "b"] { _ = try register(&registry, name) }
        #expect(registry.tasks.map(\.name) == ["c", "a", "b"])
    }

    @Test func whichHaveEndedMakesNoDifferenceToTheOthers() throws {
        var registry = TaskRegistry()
        var random = SeededRandom(seed: 18)
        var living: [TaskID] = []
        var ended: [TaskID] = []
        for step in 0..<2_000 {
            if living.isEmpty || random.chance(step < 1_000 ? 60 : 40) {
                living.append(try register(&registry, "\(step)", step.isMultiple(of: 2) ? .jobs : .flush))
            } else {
                ended.append(living.remove(at: random.below(living.count)))
                registry.complete(ended[ended.count - 1])
            }
            #expect(registry.taskIDs == living && registry.count == living.count)
            #expect(registry.count(in: .jobs) + registry.count(in: .flush) == living.count)
            if let other = living.randomElement(using: &random) { #expect(registry.record(other)?.id == other) }
            if let other = ended.randomElement(using: &random) { #expect(registry.record(other) == nil) }
        }
        #expect(ended.count > 500)
    }

    @Test func idsAreNeverUsedAgain() throws {
        var registry = TaskRegistry()
        let first = try register(&registry, "a")
        registry.complete(first)
        let second = try register(&registry, "b")
        #expect(second != first)
        registry.complete(first)
        #expect(registry.count == 1, "a second end of a task ends no other")
        #expect(registry.count(in: .jobs) == 1)
    }

    @Test func whileDrainingOnlyChildrenOfALiveTaskMayRegister() throws {
        var registry = TaskRegistry()
        let parent = try register(&registry, "parent")
        let gone = try register(&registry, "gone")
        registry.complete(gone)
        registry.beginDrain()
        #expect(registry.gate == .draining)
        #expect(refusal { () throws(RegistrationRefusal) in try register(&registry, "stranger") } == .shuttingDown)
        #expect(
            refusal { () throws(RegistrationRefusal) in try register(&registry, "orphan", parent: gone) }
                == .shuttingDown)
        _ = try register(&registry, "child", parent: parent)
        #expect(registry.tasks.map(\.name) == ["parent", "child"])
    }

    @Test func aChildInADrainHasItsParentsPhaseDeadlineAndState() throws {
        var registry = TaskRegistry()
        let parent = try register(&registry, "parent", .jobs)
        registry.beginDrain()
        let deadline = now.advanced(by: .seconds(5))
        registry.setDeadline(deadline, of: .jobs)
        let child = try register(&registry, "child", .flush, parent: parent)
        let task = try #require(registry.tasks.last)
        #expect(task.id == child)
        #expect(task.parent == parent)
        #expect(task.phase == .jobs, "not the one it asked for")
        #expect(task.deadline == deadline)
        #expect(registry.count(in: .flush) == 0)
        _ = registry.cancel(phase: .jobs, deadline: deadline)
        _ = try register(&registry, "late", parent: parent)
        #expect(registry.tasks.last?.state == .cancelled)
    }

    @Test func atMostThreeGenerationsMayBeBornInADrain() throws {
        var registry = TaskRegistry()
        var parent = try register(&registry, "0")
        registry.beginDrain()
        for generation in 1...3 { parent = try register(&registry, "\(generation)", parent: parent) }
        #expect(registry.tasks.last?.generation == 3)
        #expect(
            refusal { () throws(RegistrationRefusal) in try register(&registry, "4", parent: parent) }
                == .tooDeep(limit: 3))
    }

    @Test func generationsBeforeTheDrainDoNotCount() throws {
        var registry = TaskRegistry()
        var parent = try register(&registry, "0")
        for generation in 1...10 { parent = try register(&registry, "\(generation)", parent: parent) }
        registry.beginDrain()
        for generation in 1...3 { parent = try register(&registry, "\(generation)", parent: parent) }
        #expect(registry.count == 14)
    }

    @Test func atMostAHundredTasksMayBeBornInADrain() throws {
        var registry = TaskRegistry()
        let parents = [try register(&registry, "a"), try register(&registry, "b", .flush)]
        registry.beginDrain()
        for place in 0..<100 {
            let child = try register(&registry, "\(place)", parent: parents[place % 2])
            registry.complete(child)
        }
        #expect(
            refusal { () throws(RegistrationRefusal) in try register(&registry, "one more", parent: parents[0]) }
                == .tooMany(limit: 100))
    }

    @Test func onceClosedNobodyMayRegister() throws {
        var registry = TaskRegistry()
        let parent = try register(&registry, "parent")
        registry.beginDrain()
        registry.close()
        registry.beginDrain()
        #expect(registry.gate == .closed, "a drain that is over does not begin again")
        #expect(
            refusal { () throws(RegistrationRefusal) in try register(&registry, "child", parent: parent) }
                == .shuttingDown)
    }

    @Test func aRefusalIsASentence() {
        #expect(RegistrationRefusal.shuttingDown.description == "supd is shutting down and takes no new tasks")
        #expect(RegistrationRefusal.tooDeep(limit: 3).description.contains("3 generations"))
        #expect(RegistrationRefusal.tooMany(limit: 100).description.contains("100 new tasks"))
    }

    @Test func cancelMarksAPhaseOnceAndTellsWhom() throws {
        var registry = TaskRegistry()
        let job = try register(&registry, "job", .jobs)
        _ = try register(&registry, "other", .flush)
        registry.beginDrain()
        let deadline = now.advanced(by: .seconds(3))
        #expect(registry.cancel(phase: .jobs, deadline: deadline).map(\.id) == [job])
        #expect(registry.tasks.map(\.state) == [.cancelled, .running])
        #expect(registry.tasks.first?.deadline == deadline)
        #expect(registry.cancel(phase: .jobs, deadline: now) == [], "what was told is not told again")
        #expect(registry.cancelledInDrain == 1)
        #expect(registry.count(in: .jobs) == 1, "it lives until it ends or is abandoned")
    }

    @Test func abandonGivesUpAPhaseByName() throws {
        var registry = TaskRegistry()
        let job = try register(&registry, "job", .jobs)
        let other = try register(&registry, "other", .flush)
        registry.beginDrain()
        #expect(registry.abandon(phase: .jobs).map(\.name) == ["job"])
        #expect(registry.abandon(phase: .jobs) == [])
        #expect(registry.abandoned.map(\.id) == [job])
        #expect(registry.tasks.map(\.id) == [other])
        registry.complete(job)
        #expect(registry.completedInDrain == 0, "what was abandoned does not complete any more")
        #expect(registry.count(in: .jobs) == 0)
    }

    @Test func onlyWhatEndsInTheDrainIsCountedThere() throws {
        var registry = TaskRegistry()
        let before = try register(&registry, "before")
        let during = try register(&registry, "during")
        registry.complete(before)
        #expect(registry.completedInDrain == 0)
        registry.beginDrain()
        registry.complete(during)
        #expect(registry.completedInDrain == 1)
        #expect(registry.count == 0)
    }

    @Test func phasesComeInTheOrderOfTheContract() {
        #expect(DrainPhase.allCases.sorted().map(\.name) == ["announce", "quiesce", "jobs", "services", "flush"])
    }
}
