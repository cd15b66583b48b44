import Glibc
import SupdPlugin
import Testing

@testable import SupdHost

@Suite struct TreeTests {
    private static func expectGone(_ bench: HostBench, _ tree: ProcessTree, _ pids: [Int32]) throws {
        try bench.turns(until: "the tree is gone") { bench.host.look(at: tree).isProvedGone }
        for pid in pids { #expect(!isRunning(pid), "\(pid) still runs") }
    }

    /// Fault 9, and the walk by parents where the kernel keeps no lists of children.
    @Test(arguments: ["tree", "group"], [false, true])
    func aTreeThatIgnoresTermIsKilledWhole(verb: String, scansAllOfProc: Bool) async {
        await #expect(processExitsWith: .success) { [verb, scansAllOfProc] in
            var options = LinuxHost.Options()
            options.scansAllOfProc = scansAllOfProc
            try withHost(options) { bench in
                let process = try bench.start(verb, "5", invocation: "nine")
                let other = try bench.start(verb, "2", invocation: "other")
                let children = try bench.numbers(process.output, after: "child", count: 5)
                let others = try bench.numbers(other.output, after: "child", count: 2)
                let tree = ProcessTree(leader: process.pid, invocation: "nine")
                let otherTree = ProcessTree(leader: other.pid, invocation: "other")
                try expectEqual(bench.members(of: tree), (children + [process.pid]).sorted())
                bench.host.signalGroup(process.handle, of: ProcessTree(leader: process.pid, invocation: ""), .term)
                try expectEqual(bench.end(of: process), .signaled(.term, coreDumped: false))
                try expectEqual(bench.members(of: tree), children.sorted())
                bench.host.signalTree(tree, .term)
                try expectEqual(bench.members(of: tree), children.sorted())
                bench.host.signalTree(tree, .kill)
                try TreeTests.expectGone(bench, tree, children)
                // The other service was not touched.
                try expectEqual(bench.members(of: otherTree), (others + [other.pid]).sorted())
                bench.host.signalTree(otherTree, .kill)
                try expectEqual(bench.end(of: other), .signaled(.kill, coreDumped: false))
                try TreeTests.expectGone(bench, otherTree, others)
            }
        }
    }

    @Test func daemonsThatLeftSessionAndParentAreKnownByTheirMark() async {
        await #expect(processExitsWith: .success) {
            try withHost { bench in
                let process = try bench.start("daemonize", "3", invocation: "mark-1")
                let children = try bench.numbers(process.output, after: "child", count: 3)
                try expectEqual(bench.end(of: process), .exited(code: 0))
                let tree = ProcessTree(leader: process.pid, invocation: "mark-1")
                try expectEqual(bench.members(of: tree), children.sorted())
                // A mark that is only longer is another.
                try expectEqual(bench.members(of: .init(leader: 1, invocation: "mark-")), [])
                try expectEqual(bench.members(of: .init(leader: 1, invocation: "mark-11")), [])
                bench.host.signalTree(tree, .kill)
                try TreeTests.expectGone(bench, tree, children)
            }
        }
    }

    @Test func aTreeThatMultipliesAtTheStopIsKilledWhole() async {
        await #expect(processExitsWith: .success) {
            try withHost { bench in
                let process = try bench.start("multiply-on-term", "7", invocation: "bomb")
                _ = try bench.words(process.output, after: "ready")
                let tree = ProcessTree(leader: process.pid, invocation: "bomb")
                bench.host.signalGroup(process.handle, of: ProcessTree(leader: process.pid, invocation: ""), .term)
                // In the middle of it.
                while bench.host.members(of: tree).count < 20 { bench.host.orphans = nil }
                bench.host.signalTree(tree, .kill)
                try expectEqual(bench.end(of: process), .signaled(.kill, coreDumped: false))
                while !bench.host.look(at: tree).isProvedGone {
                    bench.host.signalTree(tree, .kill)
                }
                expectEqual(bench.killAll(), [])
            }
        }
    }

    @Test func theEndOfADrainKillsWhatBelongsToNobodyToo() async {
        await #expect(processExitsWith: .success) {
            try withHost { bench in
                let unmarked = try bench.start("daemonize-unmarked", invocation: "gone")
                let stray = try bench.numbers(unmarked.output, after: "ready", count: 1)[0]
                bench.host.signal(unmarked.handle, .kill)
                _ = try bench.end(of: unmarked)
                try expectEqual(bench.members(of: .init(leader: unmarked.pid, invocation: "gone")), [])
                let tree = try bench.start("tree", "3", invocation: "here")
                let children = try bench.numbers(tree.output, after: "child", count: 3)
                expectEqual(bench.killAll(), (children + [stray, tree.pid]).sorted())
                try expectEqual(bench.end(of: tree), .signaled(.kill, coreDumped: false))
                try bench.turns(until: "all are gone") { (children + [stray]).allSatisfy { !isRunning($0) } }
                expectEqual(bench.killAll(), [])
            }
        }
    }

    /// Fault 1: the number of a process that was reaped belongs to another, here another service's main process.
    @Test func aNumberThatIsUsedAgainIsNobodysVictim() async {
        await #expect(processExitsWith: .success) {
            try withHost { bench in
                for _ in 0..<200 {
                    let first = try bench.start("exit", "0", invocation: "first")
                    _ = try bench.end(of: first)
                    try? writeFile("/proc/sys/kernel/ns_last_pid", "\(first.pid - 1)")
                    let second = try bench.start("wait", invocation: "second")
                    guard second.pid == first.pid else {
                        // Another process of the machine was faster, or root may not set the number.
                        bench.host.signal(second.handle, .kill)
                        _ = try bench.end(of: second)
                        continue
                    }
                    let old = ProcessTree(leader: first.pid, invocation: "first")
                    expectEqual(bench.host.signal(first.handle, .kill), false)
                    expectEqual(
                        bench.host.signalGroup(first.handle, of: ProcessTree(leader: first.pid, invocation: ""), .kill),
                        false)
                    try expectEqual(bench.members(of: old), [])
                    bench.host.signalTree(old, .kill)
                    #expect(isRunning(second.pid))
                    try expectEqual(bench.members(of: .init(leader: second.pid, invocation: "second")), [second.pid])
                    bench.host.signal(second.handle, .term)
                    try expectEqual(bench.end(of: second), .signaled(.term, coreDumped: false))
                    return
                }
                print("skipped: no number could be had twice")
            }
        }
    }

    @Test func anIdentityIsTheNumberAndTheStart() throws {
        let own = try #require(ProcFiles(ownPID: getpid(), scansAllOfProc: false).stat(getpid()))
        #expect(own.parent == getppid())
        #expect(own.group == getpgrp())
        #expect(own.session == getsid(0))
        #expect(own.isLiving)
        #expect(own.startTime > 0)
    }

    @Test func aNameMayHoldWhatItLikes() throws {
        let line = "42 (a) R 1 2) Z) S 7 8 9 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 3 0 123456 9 9"
        let stat = try #require(Array(line.utf8).withUnsafeBytes { ProcStat(parsing: $0) })
        #expect(stat.pid == 42)
        #expect(stat.state == UInt8(ascii: "S"))
        #expect([stat.parent, stat.group, stat.session] == [7, 8, 9])
        #expect(stat.threads == 3)
        #expect(stat.startTime == 123_456)
        #expect(Array("42 (x) S 1 2".utf8).withUnsafeBytes { ProcStat(parsing: $0) } == nil)
        #expect(Array("42 (x)".utf8).withUnsafeBytes { ProcStat(parsing: $0) } == nil)
    }

    @Test func anOrphanThatHidesItsMarkMayBeAnybodysAndIsSignalledByNobody() throws {
        let line = "42 (a) S 1 7 8 0 -1 4194564 1 2 3 4 5 6 7 8 20 0 1 0 5 9 9"
        let stat = try #require(Array(line.utf8).withUnsafeBytes { ProcStat(parsing: $0) })
        #expect(stat.isLeaving)
        let mark = TreeMark.of("a".utf8)
        var hidden = OrphanSnapshot.Orphan(stat: stat, mark: .hidden, isInDoubt: true)
        func isCertain(_ mark: TreeMark, _ leaders: [Int32], isWhole: Bool = true) -> Bool {
            OrphanSnapshot(orphans: [hidden], isWhole: isWhole).isCertain(for: mark, leaders: leaders)
        }
        #expect(!isCertain(mark, []) && !hidden.belongs(to: mark, leaders: []))
        #expect(hidden.belongs(to: mark, leaders: [1, 7]) && hidden.belongs(to: mark, leaders: [8]))
        // Who is known to belong is no doubt; and doubt passes, but not that the list was not read to its end.
        #expect(isCertain(mark, [7]))
        hidden.isInDoubt = false
        #expect(isCertain(mark, []) && !isCertain(mark, [], isWhole: false))
        let unmarked = OrphanSnapshot.Orphan(stat: stat, mark: .unmarked)
        #expect(!unmarked.belongs(to: mark, leaders: [9]))
        let marked = OrphanSnapshot.Orphan(stat: stat, mark: .mark(mark))
        #expect(marked.belongs(to: mark, leaders: []))
        #expect(!marked.belongs(to: TreeMark.of("b".utf8), leaders: [7]))
    }

    @Test func aMarkIsFoundHoweverTheEnvironmentIsCutIntoPieces() {
        let environment = Array(
            "A=1\0XSUPD_INVOCATION=no\0SUPD_INVOCATIO=n\0SUPD_INVOCATION=yes\0SUPD_INVOCATION=2\0".utf8)
        for size in 1...environment.count {
            var search = MarkSearch()
            for start in stride(from: 0, to: environment.count, by: size) {
                search.add(environment[start..<min(start + size, environment.count)])
            }
            #expect(search.found == TreeMark.of("yes".utf8))
        }
        var none = MarkSearch()
        none.add(Array("A=SUPD_INVOCATION=1\0SUPD_INVOCATION=cut".utf8))
        #expect(none.found == nil)
    }
}
