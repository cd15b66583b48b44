import CHostTests
import Glibc
import SupdPlugin
import Testing

@testable import SupdHost

/// Who of a tree gets a signal that its leader's process group was sent.
@Suite struct OwedSignalTests {
    @Test func whoWasBornSinceIsToldByTheNumbersGivenBetween() {
        func concerned(_ first: Int32, _ last: Int32, of pids: [Int32]) -> [Int32] {
            let owed = OwedSignal(
                leader: ProcessHandle(rawValue: 0), tree: ProcessTree(leader: 1, invocation: ""), signal: .term,
                since: MonotonicInstant(nanoseconds: 0), lastNumber: first)
            return pids.filter { owed.concerns($0, last: last) }
        }
        #expect(concerned(100, 100, of: [99, 100, 101]) == [99, 100, 101])
        #expect(concerned(100, 110, of: [99, 100, 101, 110, 111]) == [99, 100, 111])
        // They have begun anew.
        #expect(concerned(32_000, 310, of: [300, 310, 311, 32_000, 32_001]) == [311, 32_000])
    }

    /// A host with control groups, where the machine has them, or without.
    private static func withHost(inGroups: Bool, _ body: (HostBench) throws -> Void) throws {
        if inGroups { return try ControlGroupTests.withGroups(.init(), body) }
        var options = LinuxHost.Options()
        options.controlGroups = .off
        try SupdHostTests.withHost(options, body)
    }

    private static func start(_ bench: HostBench, _ words: [String], inGroups: Bool) throws -> (
        process: SpawnedProcess, tree: ProcessTree
    ) {
        var request = HostBench.request()
        request.arguments = ["testchild"] + words
        request.environment = ["SUPD_INVOCATION=owed"]
        if inGroups { request.group = ControlGroupRequest(name: "web") }
        let process = try bench.start(request)
        return (process, ProcessTree(leader: process.pid, invocation: "owed", group: inGroups ? "web" : nil))
    }

    /// The processes of the verb `company`, by their kinds, once all are there.
    private static func company(_ bench: HostBench, _ process: SpawnedProcess) throws -> [String: Int32] {
        let output = try #require(process.output)
        var text = ""
        while true {
            let lines = text.split(separator: "\n").map { $0.split(separator: " ") }
            if lines.count == 4, text.hasSuffix("\n") {
                return Dictionary(uniqueKeysWithValues: lines.map { (String($0[0]), Int32($0[1]) ?? 0) })
            }
            switch bench.readSome(output) {
            case .success(let piece): text += String(decoding: piece, as: UTF8.self)
            case .failure(.nothing): try bench.event("the next of the company") { $0 == .readable(output) }
            case .failure(.end): throw TimedOut(what: "the output ended after '\(text)'", events: [])
            }
        }
    }

    /// Nothing tells of it: a timer of the host's ends the waits in which it is done.
    private static func awaitSent(_ bench: HostBench) throws {
        let moment = TimerToken(kind: 7)
        while !bench.host.owed.isEmpty {
            bench.host.refreshNow()
            bench.host.arm(moment, at: bench.host.now.advanced(by: .milliseconds(10)))
            try bench.event("a moment later") { $0 == .timer(moment) }
        }
    }

    /// Whether a signal that it blocks waits for a process (`ShdPnd` of proc(5)).
    private static func isPending(_ signal: Int32, of pid: Int32) -> Bool? {
        let line = readWholeFile("/proc/\(pid)/status")?.split(separator: "\n").first { $0.hasPrefix("ShdPnd:") }
        let set = line.flatMap { UInt64($0.dropFirst(7).drop { $0 == "\t" }, radix: 16) }
        return set.map { $0 >> (signal - 1) & 1 == 1 }
    }

    @Test(arguments: groupsAreWritable ? [false, true] : [false])
    func whatAHandlerOfTheSignalHasStartedIsNotSentIt(inGroups: Bool) async {
        await #expect(processExitsWith: .success) { [inGroups] in
            try OwedSignalTests.withHost(inGroups: inGroups) { bench in
                guard bench.host.procfs.lastNumber() != nil else { return print("skipped: the kernel does not tell") }
                let (process, tree) = try OwedSignalTests.start(bench, ["help-on-term"], inGroups: inGroups)
                _ = try bench.words(process.output, after: "ready")
                bench.host.signalGroup(process.handle, of: tree, .term)
                bench.host.signalGroup(process.handle, of: tree, .cont)
                func helper() -> Int32? {
                    bench.host.orphans = nil
                    return bench.host.members(of: tree).first { $0 != process.pid && getsid($0) == $0 }
                }
                while helper() == nil { sched_yield() }
                let pid = try #require(helper())
                expectEqual(bench.host.owed.map(\.continues), [true])
                try OwedSignalTests.awaitSent(bench)
                expectEqual(OwedSignalTests.isPending(SIGTERM, of: pid), false)
                bench.host.signalTree(tree, .kill)
                _ = try bench.end(of: process)
                try bench.turns(until: "the helper is gone") { !isRunning(pid) }
            }
        }
    }

    /// In a loop that never rests they are sent all the same.
    @Test(arguments: [false, true], groupsAreWritable ? [false, true] : [false])
    func whoeverIsElsewhereGetsItWhileTheLeaderGoesOn(isBusy: Bool, inGroups: Bool) async {
        await #expect(processExitsWith: .success) { [isBusy, inGroups] in
            try OwedSignalTests.withHost(inGroups: inGroups) { bench in
                let flood = isBusy ? try bench.start("flood", invocation: "flood") : nil
                let (process, tree) = try OwedSignalTests.start(bench, ["company", "wait"], inGroups: inGroups)
                _ = try OwedSignalTests.company(bench, process)
                bench.host.signalGroup(process.handle, of: tree, .term)
                // Its children have ended by then, and nothing else ends them.
                try expectEqual(bench.end(of: process), .exited(code: 0))
                try bench.turns(until: "all are gone") { bench.host.look(at: tree).isProvedGone }
                if let flood {
                    bench.host.signal(flood.handle, .kill)
                    _ = try bench.end(of: flood)
                }
            }
        }
    }

    /// They are orphans by then, found by the look that follows its end, and get the signal as a stop gives it
    /// (`StopProgress.treeSignaled`). On one processor, and put before the daemon, the leader has ended when kill(2) comes back.
    @Test(arguments: groupsAreWritable ? [false, true] : [false])
    func whatALeaderThatEndsAtOnceLeavesIsFoundForTheSignal(inGroups: Bool) async {
        await #expect(processExitsWith: .success) { [inGroups] in
            try OwedSignalTests.withHost(inGroups: inGroups) { bench in
                expectEqual(host_tests_stay_on_processor(), 0)
                let (process, tree) = try OwedSignalTests.start(bench, ["company", "die"], inGroups: inGroups)
                let company = try OwedSignalTests.company(bench, process)
                // Without the right to, it may well be later.
                _ = host_tests_put_first(process.pid)
                bench.host.signalGroup(process.handle, of: tree, .term)
                bench.host.signalGroup(process.handle, of: tree, .cont)
                try expectEqual(bench.end(of: process), .signaled(.term, coreDumped: false))
                let elsewhere = try ["session", "daemon"].map { try #require(company[$0]) }
                // A look reads what each process is called and where it is from beside the loop: on a busy machine not all of it comes at once.
                try bench.turns(until: "they are found") {
                    Set(elsewhere).isSubset(of: bench.host.look(at: tree).members)
                }
                bench.host.signalTree(tree, .term)
                let told = try Set(bench.numbers(process.output, after: "SIGTERM", count: 3))
                expectEqual(told, Set(company.values).subtracting([process.pid]))
                try bench.turns(until: "the tree is gone") { bench.host.look(at: tree).isProvedGone }
                try OwedSignalTests.awaitSent(bench)
            }
        }
    }

    /// Also where the leader has ended before the daemon looks.
    @Test func aSignalThatLeavesACoreIsForEachAtOnce() async {
        await #expect(processExitsWith: .success) {
            try OwedSignalTests.withHost(inGroups: false) { bench in
                let (process, tree) = try OwedSignalTests.start(bench, ["company"], inGroups: false)
                let session = try #require(try OwedSignalTests.company(bench, process)["session"])
                bench.host.signalGroup(process.handle, of: tree, .abrt)
                expectEqual(bench.host.owed.isEmpty, true)
                _ = try bench.end(of: process)
                try bench.turns(until: "the one elsewhere is gone") { !isRunning(session) }
                bench.host.signalTree(tree, .kill)
                try bench.turns(until: "all are gone") { bench.host.look(at: tree).isProvedGone }
            }
        }
    }
}
