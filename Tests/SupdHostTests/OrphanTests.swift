import Glibc
import SupdPlugin
import Testing

@testable import SupdHost

@Suite struct OrphanTests {
    private static func waitForOrphans(_ bench: HostBench, _ count: Int) throws {
        var reaped = 0
        while reaped < count {
            let event = try bench.event("\(count - reaped) more orphans") {
                if case .adoptedReaped = $0 { return true }
                return false
            }
            if case .adoptedReaped(let number) = event { reaped += number }
        }
        expectEqual(reaped, count)
    }

    private static func expectNoChildren() {
        #expect(waitpid(-1, nil, WNOHANG) == -1 && errno == ECHILD, "children or zombies are left")
    }

    @Test(arguments: [false, true])
    func orphansThatEndAreReapedAndTold(scansAllOfProc: Bool) async {
        await #expect(processExitsWith: .success) { [scansAllOfProc] in
            var options = LinuxHost.Options()
            options.scansAllOfProc = scansAllOfProc
            try withHost(options) { bench in
                let process = try bench.start("orphans", "20")
                _ = try bench.words(process.output, after: "ready")
                bench.host.signal(process.handle, .kill)
                try expectEqual(bench.end(of: process), .signaled(.kill, coreDumped: false))
                try OrphanTests.waitForOrphans(bench, 20)
                OrphanTests.expectNoChildren()
            }
        }
    }

    /// Fault 13: every child's status is its own, though orphans end at the same time by the hundred.
    @Test(arguments: [false, true])
    func twoHundredChildrenAndTwoHundredOrphansEndTogether(scansAllOfProc: Bool) async {
        await #expect(processExitsWith: .success) { [scansAllOfProc] in
            var options = LinuxHost.Options()
            options.scansAllOfProc = scansAllOfProc
            try withHost(options) { bench in
                let parent = try bench.start("orphans", "200")
                _ = try bench.words(parent.output, after: "ready")
                var request = HostBench.request()
                request.output = .null
                var codes: [ProcessHandle: Int32] = [:]
                for index in 0..<200 {
                    request.arguments = ["testchild", "exit", "\(index)"]
                    codes[try bench.start(request).handle] = Int32(index)
                    if index == 100 { bench.host.signal(parent.handle, .kill) }
                }
                try expectEqual(bench.end(of: parent), .signaled(.kill, coreDumped: false))
                for (handle, code) in codes {
                    try bench.event("exit \(code)") { $0 == .exited(handle) }
                    expectEqual(bench.host.reap(handle), .exited(code: code))
                }
                try OrphanTests.waitForOrphans(bench, 200)
                OrphanTests.expectNoChildren()
            }
        }
    }

    /// A main process that nobody reaps stands first among the zombies, and hides none.
    @Test func anUnreapedMainProcessHidesNoOrphan() async {
        await #expect(processExitsWith: .success) {
            try withHost { bench in
                let unreaped = try bench.start("exit", "9")
                try bench.event("its end") { $0 == .exited(unreaped.handle) }
                let parent = try bench.start("orphans", "300")
                _ = try bench.words(parent.output, after: "ready")
                bench.host.signal(parent.handle, .kill)
                _ = try bench.end(of: parent)
                try OrphanTests.waitForOrphans(bench, 300)
                expectEqual(bench.host.reap(unreaped.handle), .exited(code: 9))
                OrphanTests.expectNoChildren()
            }
        }
    }

    /// Whose an orphan is that hides its mark cannot be seen, for a moment; nor whose is what is below it. What shows its mark is known.
    @Test func whoseAHiddenOrphanIsCannotBeSeenForAMoment() async {
        await #expect(processExitsWith: .success) {
            try withHost { bench in
                let parent = try bench.start("show-nothing", invocation: "a")
                let own = ProcessTree(leader: parent.pid, invocation: "a")
                let hidden = try #require(try Int32(bench.words(parent.output, after: "hidden")[0]))
                expectEqual(bench.host.membership(of: hidden, in: own), .unclear)
                guard case .unclear = bench.host.adopt(hidden, of: own, invocation: "a") else {
                    throw TimedOut(what: "an adoption that is unclear", events: [])
                }
                // Another look is told of by itself.
                try expectEqual(bench.membership(of: hidden, in: own), .stranger)
                expectEqual(bench.host.membership(of: parent.pid, in: own), .member)
                bench.host.killAllDescendants(sparing: [], describing: false)
                _ = try bench.end(of: parent)
            }
        }
    }

    /// A signal that one may be owed who hides is owed to him, and to nobody who comes later.
    @Test func aLateSignalIsForWhoHidWhenItWasSent() async {
        await #expect(processExitsWith: .success) {
            try withHost { bench in
                let parent = try bench.start("show-nothing", invocation: "a")
                let hidden = try #require(try Int32(bench.words(parent.output, after: "hidden")[0]))
                let tree = ProcessTree(leader: 1, invocation: "b")
                for _ in 1...3 { bench.host.signalTree(tree, .term) }
                bench.host.signalTree(tree, .kill)
                let late = bench.host.lateSignals[tree.mark] ?? []
                expectEqual(late.map(\.signal), [.term, .kill])
                expectEqual(late.map { $0.owed.map(\.pid) }, [[hidden], [hidden]])
                // It is nobody's in the end.
                try expectEqual(bench.membership(of: hidden, in: tree), .stranger)
                #expect(bench.host.lateSignals.isEmpty && isRunning(hidden))
                bench.host.killAllDescendants(sparing: [], describing: false)
                _ = try bench.end(of: parent)
            }
        }
    }

    /// What a main process leaves that has ended, and is not reaped, is of its tree, also where the orphans were looked at before.
    @Test func whatAnUnreapedMainProcessLeavesIsSeenInTheSameTurn() async {
        await #expect(processExitsWith: .success) {
            try withHost { bench in
                let parent = try bench.start("tree", "1", invocation: "a")
                let tree = ProcessTree(leader: parent.pid, invocation: "a")
                let child = try #require(try bench.words(parent.output, after: "child").first.flatMap { Int32($0) })
                expectEqual(bench.host.membership(of: child, in: tree), .member)
                kill(parent.pid, SIGKILL)
                var entry = pollfd(
                    fd: bench.host.processes[parent.handle]?.pidfd ?? -1, events: Int16(POLLIN), revents: 0)
                poll(&entry, 1, 20_000)
                try expectEqual(bench.membership(of: child, in: tree), .member)
                bench.host.killAllDescendants(sparing: [], describing: false)
                _ = try bench.end(of: parent)
            }
        }
    }

    /// Five hundred that crash at once are told in a few turns, and their trees are proved empty with as few lists.
    @Test func fiveHundredThatEndTogetherCostAFewTurns() async {
        await #expect(processExitsWith: .success) {
            try withHost { bench in
                var request = HostBench.request("wait")
                request.output = .null
                var processes: [ProcessHandle: Int32] = [:]
                for _ in 0..<500 {
                    let process = try bench.start(request)
                    processes[process.handle] = process.pid
                }
                for handle in processes.keys { bench.host.signal(handle, .kill) }
                for handle in processes.keys {
                    var entry = pollfd(fd: bench.host.processes[handle]?.pidfd ?? -1, events: Int16(POLLIN), revents: 0)
                    poll(&entry, 1, 20_000)
                }
                var turns = 0
                var events: [HostEvent] = []
                while !processes.isEmpty, turns < 20 {
                    turns += 1
                    events.removeAll()
                    bench.host.wait(into: &events)
                    var ended: [ProcessTree] = []
                    for case .exited(let handle) in events {
                        expectEqual(bench.host.reap(handle), .signaled(.kill, coreDumped: false))
                        if let pid = processes.removeValue(forKey: handle) {
                            ended.append(ProcessTree(leader: pid, invocation: "x"))
                        }
                    }
                    for tree in ended { try expectEqual(bench.members(of: tree), []) }
                }
                #expect(processes.isEmpty)
                #expect(turns <= 10, "\(turns) turns")
                OrphanTests.expectNoChildren()
            }
        }
    }
}
