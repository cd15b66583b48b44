import Glibc
import SupdPlugin
import Testing

@testable import SupdHost

/// Whether this process may make groups in the machine's hierarchy of version 2, other than under systemd.
let groupsAreWritable: Bool = {
    if case .ownGroup = GroupPlan.decided(by: GroupPlan.Surroundings()) { true } else { false }
}()

/// Groups of the kernel's: where the machine has a hierarchy of version 2 that may be written to.
@Suite(.enabled(if: groupsAreWritable, "needs a hierarchy of control groups of version 2 that may be written to"))
struct ControlGroupTests {
    /// A host, and at the end the proof that its groups are gone and it is back where it was.
    static func withGroups(_ options: LinuxHost.Options = .init(), _ body: (HostBench) throws -> Void) throws {
        guard let before = OwnControlGroup.current else { throw TimedOut(what: "an own group", events: []) }
        var base = ""
        try withHost(options) { bench in
            guard case .controlGroups(let path) = bench.host.tracking else {
                Issue.record("\(bench.host.tracking)")
                return
            }
            base = path
            // Nothing is made before it is asked for.
            expectEqual(access(path, F_OK), -1)
            do { try body(bench) } catch { Issue.record("\(error)") }
            try bench.cleanUp()
            for name in (GroupFolder(path: base).childNames ?? []) where name != ControlGroups.daemonName {
                let leaf = GroupFolder(path: base).child(name)
                leaf.kill()
                while leaf.isPopulated == true { sched_yield() }
            }
            bench.host.releaseControlSocket(leavesNothing: true, by: MonotonicInstant(nanoseconds: .max))
        }
        expectEqual(access(base, F_OK), -1, "the base is left")
        expectEqual(OwnControlGroup.current, before)
    }

    static func request(_ words: String..., group: String, invocation: String = "g") -> SpawnRequest {
        var request = HostBench.request()
        request.arguments = ["testchild"] + words
        request.environment = ["SUPD_INVOCATION=\(invocation)"]
        request.group = ControlGroupRequest(name: group)
        return request
    }

    static func expectGone(_ bench: HostBench, _ tree: ProcessTree) throws {
        try bench.turns(until: "the group is empty") { bench.host.members(of: tree).isEmpty }
    }

    /// Nobody is waited for after the deadline, and the next daemon is told where to look.
    @Test func aGroupThatIsNotEmptyAtTheDeadlineIsLeftToTheNextDaemon() async {
        await #expect(processExitsWith: .success) {
            try withTemporaryFolder { folder in
                try withHost { bench in
                    let path = folder + "/control.sock"
                    _ = try bench.host.claimControlSocket(path: path).get()
                    let stuck = try bench.start(ControlGroupTests.request("wait", group: "web"))
                    let base = try #require(bench.host.groups.base)
                    let note = readWholeFile(path + ".lock")
                    #expect(note?.hasSuffix("\n\(base.path)\n") == true)
                    // On a busy machine the time says nothing of how often it slept: up to a hundred times where it waits.
                    let before = sleeps()
                    bench.host.releaseControlSocket(leavesNothing: true, by: bench.host.now)
                    #expect(sleeps() - before < 40)
                    expectEqual(readWholeFile(path + ".lock"), note)
                    expectEqual(base.child("web").processes, [stuck.pid])
                    bench.host.signal(stuck.handle, .kill)
                    _ = try bench.end(of: stuck)
                    // The kernel may still be letting go of a process whose end was collected.
                    let limit = ContinuousClock.now + .seconds(60)
                    while !base.remove() {
                        try #require(.now < limit, "the base cannot be removed")
                        sched_yield()
                    }
                }
            }
        }
    }

    @Test(arguments: [SpawnWay.clone, .fork])
    func aChildIsBornInItsGroup(way: SpawnWay) async {
        await #expect(processExitsWith: .success) { [way] in
            try ControlGroupTests.withGroups(way.options) { bench in
                for name in ["web@1", "a.b", "supd"] {
                    let (pid, child) = try SpawnTests.report(bench, ControlGroupTests.request("report", group: name))
                    let folder = ControlGroups.folderName(of: name) ?? ""
                    expectEqual(
                        child["control_group"]?.hasSuffix("/supd-\(bench.host.invocationPrefix)/\(folder)"), true)
                    let tree = ProcessTree(leader: pid, invocation: "g", group: name)
                    try expectEqual(bench.members(of: tree), [])
                    let leaf = bench.host.group(of: tree)?.path ?? ""
                    expectEqual(access(leaf, F_OK), 0)
                    // Nobody waits for it.
                    for _ in 1...2 { bench.host.release(tree, isEnding: false) }
                    expectEqual(access(leaf, F_OK), 0)
                    bench.host.submit {}
                    var events: [HostEvent] = []
                    bench.host.wait(into: &events)
                    expectEqual(access(leaf, F_OK), -1)
                }
                // Another without one stays out of them.
                let (_, child) = try SpawnTests.report(bench, HostBench.request("report"))
                expectEqual(child["control_group"]?.contains("/supd-\(bench.host.invocationPrefix)"), false)
            }
        }
    }

    /// Where an orphan that hides whose it is lives.
    enum HidingPlace: String, Codable, CaseIterable {
        case noGroup
        case anothersGroup
        /// A group in the daemon's folder that the daemon has not made, as whoever moves processes may.
        case nobodysGroup
    }

    /// An orphan that hides whose it is may have left any group that is empty, for a moment; one that is in another's group has not.
    @Test(arguments: HidingPlace.allCases)
    func anEmptyGroupProvesNothingBesideOneThatHides(_ place: HidingPlace) async {
        await #expect(processExitsWith: .success) { [place] in
            try ControlGroupTests.withGroups { bench in
                var request = HostBench.request("show-nothing")
                if place == .anothersGroup { request = ControlGroupTests.request("show-nothing", group: "other") }
                let hider = try bench.start(request)
                let hidden = try bench.words(hider.output, after: "hidden")
                let main = try bench.start(ControlGroupTests.request("exit", group: "web"))
                let elsewhere = try #require(bench.host.groups.base).child("elsewhere")
                if place == .nobodysGroup {
                    try elsewhere.make()
                    try elsewhere.write(try #require(hidden.first), into: "cgroup.procs")
                }
                let tree = ProcessTree(leader: main.pid, invocation: "g", group: "web")
                _ = try bench.end(of: main)
                // The kernel may still be letting go of the main process.
                let limit = ContinuousClock.now + .seconds(60)
                while bench.host.group(of: tree)?.events?.isPopulated != false {
                    try #require(.now < limit, "the group does not become empty")
                    sched_yield()
                }
                let look = bench.host.look(at: tree)
                expectEqual(look.members, [])
                expectEqual(look.isWhole, place == .anothersGroup)
                try expectEqual(bench.members(of: tree), [])
                bench.host.killAllDescendants(sparing: [], describing: false)
                _ = try bench.end(of: hider)
            }
        }
    }

    /// A restart does not wait until the loop has nothing to do, and what is left at the end goes with the base.
    @Test func aGroupThatIsToBeRemovedIsMadeAnewForTheNextStart() async {
        await #expect(processExitsWith: .success) {
            try ControlGroupTests.withGroups { bench in
                let tree = ProcessTree(leader: 1, invocation: "g", group: "web")
                for _ in 1...2 {
                    try expectEqual(
                        bench.end(of: bench.start(ControlGroupTests.request("exit", group: "web"))), .exited(code: 0))
                    let leaf = try #require(bench.host.group(of: tree))
                    try leaf.child("of-its-own").make()
                    bench.host.release(tree, isEnding: false)
                    let next = try bench.start(ControlGroupTests.request("wait", group: "web"))
                    expectEqual(bench.host.groups.leaving, [])
                    expectEqual(leaf.childNames, [])
                    expectEqual(leaf.processes, [next.pid])
                    bench.host.signal(next.handle, .kill)
                    _ = try bench.end(of: next)
                    bench.host.release(tree, isEnding: true)
                    expectEqual(bench.host.groups.leaving, [])
                    expectEqual(access(leaf.path, F_OK), 0)
                }
            }
        }
    }

    /// At the end of the daemon: the kernel removes no group that somebody is in.
    @Test func theLastLookAtAGroupRemovesItOnceItIsEmpty() async {
        await #expect(processExitsWith: .success) {
            try ControlGroupTests.withGroups { bench in
                let process = try bench.start(ControlGroupTests.request("daemonize-unmarked", group: "web"))
                let stray = try bench.numbers(process.output, after: "ready", count: 1)[0]
                let tree = ProcessTree(leader: process.pid, invocation: "g", group: "web")
                let leaf = try #require(bench.host.group(of: tree))
                bench.host.signal(process.handle, .kill)
                _ = try bench.end(of: process)
                expectEqual(bench.host.look(at: tree, isEnding: true), TreeLook(members: [stray]))
                expectEqual(access(leaf.path, F_OK), 0)
                bench.host.signalTree(tree, .kill)
                try bench.turns(until: "the tree is gone") { bench.host.look(at: tree, isEnding: true).isProvedGone }
                expectEqual(access(leaf.path, F_OK), -1)
                // As often as is asked.
                expectEqual(bench.host.look(at: tree, isEnding: true), TreeLook(members: []))
            }
        }
    }

    /// One that is made for the start that follows is its own, and is removed where none does.
    @Test func aGroupIsMadeAheadForTheStartThatFollows() async {
        await #expect(processExitsWith: .success) {
            try ControlGroupTests.withGroups { bench in
                var order = SpawnOrder(ControlGroupTests.request("wait", group: "first"))
                order.nextGroup = "second"
                // The child may be on its way still.
                _ = bench.host.spawn(order)
                let base = try #require(bench.host.groups.base)
                expectEqual(access(base.child("second").path, F_OK), 0)
                expectEqual(bench.host.groups.ahead, ["second"])
                order = SpawnOrder(ControlGroupTests.request("wait", group: "second"))
                order.nextGroup = "third"
                _ = bench.host.spawn(order)
                expectEqual(base.child("second").processes?.count, 1)
                expectEqual(bench.host.groups.ahead, ["third"])
                bench.host.submit {}
                var events: [HostEvent] = []
                bench.host.wait(into: &events)
                expectEqual(bench.host.groups.ahead, [])
                expectEqual(access(base.child("third").path, F_OK), -1)
            }
        }
    }

    /// Whoever is stopped gets the signal to go on after the one to end, by whichever way they are found.
    @Test(arguments: ["wait", "threads"])
    func whoIsStoppedInAGroupIsContinued(verb: String) async {
        await #expect(processExitsWith: .success) { [verb] in
            try ControlGroupTests.withGroups { bench in
                let process = try bench.start(ControlGroupTests.request(verb, "1", group: "web"))
                var pids = [process.pid]
                if verb == "wait" {
                    _ = try bench.words(process.output, after: "ready")
                } else {
                    pids += try bench.numbers(process.output, after: "child", count: 1)
                }
                for pid in pids { kill(pid, SIGSTOP) }
                for pid in pids {
                    while bench.host.procfs.stat(pid)?.state != UInt8(ascii: "T") { sched_yield() }
                }
                let tree = ProcessTree(leader: process.pid, invocation: "g", group: "web")
                expectEqual(bench.host.signalGroup(process.handle, of: tree, .term), true)
                expectEqual(bench.host.signalGroup(process.handle, of: tree, .cont), true)
                try expectEqual(bench.end(of: process), .signaled(.term, coreDumped: false))
                try ControlGroupTests.expectGone(bench, tree)
            }
        }
    }

    /// As it does before the groups of services get controllers.
    @Test func theDaemonMovesIntoItsGroupWithItsOwnChildrenOnly() async {
        await #expect(processExitsWith: .success) {
            // Not by the list of the first thread's children, which this is not.
            var options = LinuxHost.Options()
            options.scansAllOfProc = true
            try ControlGroupTests.withGroups(options) { bench in
                let program = try bench.start(HostBench.request("wait"))
                let service = try bench.start(ControlGroupTests.request("wait", group: "web"))
                let base = try #require(bench.host.groups.base)
                for _ in 1...2 { try bench.host.groups.settle(in: base) }
                let home = Set(base.child("supd").ownProcesses)
                expectEqual(home.isSuperset(of: [getpid(), program.pid]), true)
                expectEqual(base.child("web").ownProcesses, [service.pid])
                for process in [program, service] {
                    bench.host.signal(process.handle, .kill)
                    _ = try bench.end(of: process)
                }
            }
        }
    }

    /// Fault 9, by the kernel's word: no session, no parent, no mark, and it is found.
    @Test(arguments: ["tree", "daemonize-unmarked", "multiply-on-term"], [false, true])
    func aTreeIsKilledWholeHoweverItHides(verb: String, oneByOne: Bool) async {
        await #expect(processExitsWith: .success) { [verb, oneByOne] in
            try ControlGroupTests.withGroups { bench in
                let process = try bench.start(ControlGroupTests.request(verb, "5", group: "web"))
                let other = try bench.start(ControlGroupTests.request("wait", group: "other"))
                _ = try bench.words(process.output, after: "ready")
                _ = try bench.words(other.output, after: "ready")
                let tree = ProcessTree(leader: process.pid, invocation: "g", group: "web")
                let otherTree = ProcessTree(leader: other.pid, invocation: "g", group: "other")
                if verb == "multiply-on-term" {
                    bench.host.signal(process.handle, .term)
                    while bench.host.members(of: tree).count < 8 { sched_yield() }
                } else {
                    bench.host.signal(process.handle, .kill)
                    _ = try bench.end(of: process)
                    try expectEqual(bench.members(of: tree).count, verb == "tree" ? 5 : 1)
                    // Deaf to it, and each gets it.
                    bench.host.signalTree(tree, .term)
                    try expectEqual(bench.members(of: tree).count, verb == "tree" ? 5 : 1)
                }
                if oneByOne {
                    bench.host.group(of: tree)?.killOneByOne()
                } else {
                    bench.host.signalTree(tree, .kill)
                }
                try ControlGroupTests.expectGone(bench, tree)
                bench.host.release(tree, isEnding: false)
                bench.host.groups.removeLeaving()
                expectEqual(bench.host.group(of: tree).map { access($0.path, F_OK) }, -1)
                try expectEqual(bench.members(of: otherTree), [other.pid])
                // To all of the group.
                expectEqual(bench.host.signalGroup(other.handle, of: otherTree, .term), true)
                try expectEqual(bench.end(of: other), .signaled(.term, coreDumped: false))
                expectEqual(bench.host.signalGroup(other.handle, of: otherTree, .term), false)
            }
        }
    }

    @Test func groupsThatAServiceMakesAreItsOwn() async {
        await #expect(processExitsWith: .success) {
            try ControlGroupTests.withGroups { bench in
                let process = try bench.start(ControlGroupTests.request("tree", "2", group: "web"))
                let children = try bench.numbers(process.output, after: "child", count: 2)
                let tree = ProcessTree(leader: process.pid, invocation: "g", group: "web")
                let leaf = try #require(bench.host.group(of: tree))
                let below = leaf.child("of-its-own")
                try below.make()
                try below.child("empty").make()
                try below.write("\(children[0])", into: "cgroup.procs")
                try expectEqual(bench.members(of: tree), (children + [process.pid]).sorted())
                // Processes are in it: nothing is removed.
                bench.host.release(tree, isEnding: false)
                bench.host.groups.removeLeaving()
                expectEqual(access(below.path, F_OK), 0)
                bench.host.signalTree(tree, .kill)
                _ = try bench.end(of: process)
                try ControlGroupTests.expectGone(bench, tree)
                bench.host.release(tree, isEnding: false)
                bench.host.groups.removeLeaving()
                expectEqual(access(leaf.path, F_OK), -1)
            }
        }
    }

    @Test func aGroupWithProcessesInItIsEmptiedBeforeAStart() async {
        await #expect(processExitsWith: .success) {
            try ControlGroupTests.withGroups { bench in
                var request = ControlGroupTests.request("wait", group: "web")
                let first = try bench.start(request)
                _ = try bench.words(first.output, after: "ready")
                request.group?.mayBePopulated = true
                let second = try bench.start(request)
                _ = try bench.words(second.output, after: "ready")
                let tree = ProcessTree(leader: first.pid, invocation: "g", group: "web")
                try expectEqual(bench.members(of: tree), [first.pid, second.pid].sorted())
                try bench.learnsCommand(of: first, "testchild wait")
                request.group?.mayBePopulated = false
                guard case .failure(let failure) = bench.spawn(request) else {
                    Issue.record("it was started beside them")
                    return
                }
                expectEqual(failure.stage, .leftovers)
                expectEqual(failure.error, ErrorNumber(EBUSY))
                expectEqual(failure.subject.contains("\(first.pid) (testchild wait)"), true, failure.subject)
                try expectEqual(bench.end(of: first), .signaled(.kill, coreDumped: false))
                try expectEqual(bench.end(of: second), .signaled(.kill, coreDumped: false))
                try ControlGroupTests.expectGone(bench, tree)
                let third = try bench.start(request)
                _ = try bench.words(third.output, after: "ready")
            }
        }
    }

    @Test(arguments: [SpawnWay.clone, .fork])
    func aStartThatFailsLeavesNoGroup(way: SpawnWay) async {
        await #expect(processExitsWith: .success) { [way] in
            try ControlGroupTests.withGroups(way.options) { bench in
                var request = ControlGroupTests.request("exit", group: "web")
                request.candidates = ["/none"]
                expectEqual(
                    bench.spawn(request),
                    .failure(SpawnFailure(stage: .exec, error: ErrorNumber(ENOENT), subject: "/none")))
                let tree = ProcessTree(leader: 1, invocation: "g", group: "web")
                expectEqual(bench.host.group(of: tree).map { access($0.path, F_OK) }, -1)
                for name in ["..", "a/b", ""] {
                    request.group = ControlGroupRequest(name: name)
                    expectEqual(
                        bench.spawn(request),
                        .failure(
                            SpawnFailure(
                                stage: .controlGroup, error: ErrorNumber(EINVAL), subject: name,
                                problem: "no folder can have that name")))
                }
                // None may be.
                request = ControlGroupTests.request("exit", group: "web")
                let base = try #require(bench.host.groups.base)
                try base.write("0", into: "cgroup.max.descendants")
                guard case .failure(let failure) = bench.spawn(request) else {
                    Issue.record("it was started without its group")
                    return
                }
                expectEqual(failure.stage, .controlGroup)
                expectEqual(failure.error, ErrorNumber(EAGAIN))
                expectEqual(failure.hint.contains("cgroup.max.descendants"), true)
                try base.write("max", into: "cgroup.max.descendants")
                try expectEqual(bench.end(of: bench.start(request)), .exited(code: 0))
                bench.host.release(tree, isEnding: false)
            }
        }
    }

    @Test func limitsWithoutTheirControllerAreAnErrorBeforeTheStart() async {
        await #expect(processExitsWith: .success) {
            try ControlGroupTests.withGroups { bench in
                var request = ControlGroupTests.request("exit", group: "web")
                request.group?.controls = [
                    .init(key: "nought_max", value: "1")
                ]
                guard case .failure(let failure) = bench.spawn(request) else {
                    Issue.record("it was started without its limit")
                    return
                }
                expectEqual(failure.stage, .resources)
                expectEqual(failure.subject, "nought_max")
                expectEqual(failure.hint.contains("Delegate=nought"), true)
            }
        }
    }
}

extension OwnControlGroup {
    static var current: OwnControlGroup? { GroupPlan.Surroundings().own }
}

@Suite struct NoControlGroupTests {
    @Test func withoutGroupsOneIsIgnoredAndItsLimitsAreAnError() async {
        await #expect(processExitsWith: .success) {
            var options = LinuxHost.Options()
            options.controlGroups = .off
            try withHost(options) { bench in
                expectEqual(bench.host.tracking, .descent("control_groups is \"off\" in [supervisor]"))
                var request = ControlGroupTests.request("tree", "2", group: "web")
                let process = try bench.start(request)
                let children = try bench.numbers(process.output, after: "child", count: 2)
                let tree = ProcessTree(leader: process.pid, invocation: "g", group: "web")
                try expectEqual(bench.members(of: tree), (children + [process.pid]).sorted())
                bench.host.signalTree(tree, .kill)
                _ = try bench.end(of: process)
                try ControlGroupTests.expectGone(bench, tree)
                bench.host.release(tree, isEnding: false)
                request.group?.controls = [
                    .init(key: "memory_max", value: "1")
                ]
                guard case .failure(let failure) = bench.spawn(request) else {
                    Issue.record("it was started without its limit")
                    return
                }
                expectEqual(failure.stage, .resources)
                expectEqual(failure.error, ErrorNumber(ENOTSUP))
                expectEqual(failure.hint.contains("control_groups is \"off\""), true)
            }
        }
    }

    /// Commands of a service are part of its tree as its main process is, until they are reaped.
    @Test func companionsAreRootsOfTheirTree() async {
        await #expect(processExitsWith: .success) {
            try withHost { bench in
                let main = try bench.start("wait", invocation: "c")
                let command = try bench.start("group", "2", invocation: "c")
                let stranger = try bench.start("wait", invocation: "d")
                _ = try bench.words(main.output, after: "ready")
                _ = try bench.words(stranger.output, after: "ready")
                let children = try bench.numbers(command.output, after: "child", count: 2)
                var tree = ProcessTree(leader: main.pid, invocation: "c")
                try expectEqual(bench.members(of: tree), [main.pid])
                tree.companions = [command.pid, stranger.pid]
                try expectEqual(bench.members(of: tree), ([main.pid, command.pid] + children).sorted())
                bench.host.signal(command.handle, .kill)
                _ = try bench.end(of: command)
                try expectEqual(bench.members(of: tree), ([main.pid] + children).sorted())
                bench.host.signalTree(tree, .kill)
                _ = try bench.end(of: main)
                try ControlGroupTests.expectGone(bench, tree)
                #expect(isRunning(stranger.pid))
            }
        }
    }
}
