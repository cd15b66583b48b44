import CSupd
import Glibc
import SupdPlugin
import Testing

@testable import SupdHost

@Suite struct EndingTests {
    @Test(arguments: [SpawnWay.clone, .fork])
    func exitCodesAndSignalsAreExact(way: SpawnWay) async {
        await #expect(processExitsWith: .success) { [way] in
            try withHost(way.options) { bench in
                for code in [Int32(0), 1, 2, 64, 126, 127, 128, 130, 137, 143, 254, 255] {
                    let process = try bench.start("exit", "\(code)")
                    try expectEqual(bench.end(of: process), .exited(code: code))
                }
                for number in [SIGHUP, SIGINT, SIGQUIT, SIGILL, SIGKILL, SIGUSR1, SIGSEGV, SIGPIPE, SIGTERM, 34, 64] {
                    var request = HostBench.request("kill-self", "\(number)")
                    request.limits = [.init(name: "core", resource: Int32(RLIMIT_CORE.rawValue), soft: 0, hard: 0)]
                    let process = try bench.start(request)
                    let signal = try #require(Signal(rawValue: number))
                    try expectEqual(bench.end(of: process), .signaled(signal, coreDumped: false))
                }
            }
        }
    }

    @Test func aCoreDumpIsTold() async throws {
        let pattern = readWholeFile("/proc/sys/kernel/core_pattern") ?? "|"
        guard !pattern.hasPrefix("|"), !pattern.hasPrefix("/") else {
            print("skipped: cores go to \(pattern), not into the working directory")
            return
        }
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
        guard limit.rlim_max > 1 << 20 else {
            print("skipped: the hard limit of core files is \(limit.rlim_max)")
            return
        }
        // Not in an exit test: there no core may be dumped. So without a host, which would reap everybody's children.
        try withTemporaryFolder { folder in
            let words = ["testchild", "dump-core", folder]
            var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
            defer { arguments.forEach { free($0) } }
            var pid: pid_t = 0
            #expect(posix_spawn(&pid, HostBench.testchild, nil, nil, &arguments, nil) == 0)
            let pidfd = supd_pidfd_open(pid)
            defer { close(pidfd) }
            var entry = pollfd(fd: pidfd, events: Int16(POLLIN), revents: 0)
            #expect(poll(&entry, 1, 20_000) == 1)
            var status = supd_wait_status()
            #expect(supd_pidfd_reap(pidfd, &status) == 1)
            #expect(status.pid == pid)
            #expect(status.signaled == 1)
            #expect(status.code == SIGABRT)
            #expect(status.core_dumped == 1)
        }
    }

    @Test func aProcessIsReapedOnceAndOnlyWhenItHasEnded() async {
        await #expect(processExitsWith: .success) {
            try withHost { bench in
                let process = try bench.start("wait")
                _ = try bench.words(process.output, after: "ready")
                expectEqual(bench.host.reap(process.handle), nil)
                expectEqual(bench.host.signal(process.handle, .kill), true)
                try expectEqual(bench.end(of: process), .signaled(.kill, coreDumped: false))
                expectEqual(bench.host.reap(process.handle), nil)
                expectEqual(bench.host.signal(process.handle, .kill), false)
                expectEqual(
                    bench.host.signalGroup(process.handle, of: ProcessTree(leader: process.pid, invocation: ""), .kill),
                    false)
                // The next one has another handle, though it may have the same place.
                let next = try bench.start("exit", "3")
                #expect(next.handle != process.handle)
                try expectEqual(bench.end(of: next), .exited(code: 3))
            }
        }
    }

    @Test func anEndIsToldOnceHoweverLateItIsReaped() async {
        await #expect(processExitsWith: .success) {
            try withHost { bench in
                let late = try bench.start("exit", "4")
                try bench.event("its end") { $0 == .exited(late.handle) }
                for _ in 0..<20 {
                    let other = try bench.start("exit", "0")
                    _ = try bench.end(of: other)
                }
                #expect(!bench.has(.exited(late.handle)))
                expectEqual(bench.host.reap(late.handle), .exited(code: 4))
            }
        }
    }

    /// Fault 5: a grandchild holds the output, so its end never comes, and the exit is told all the same.
    @Test func anExitIsToldWhileAGrandchildHoldsTheOutput() async {
        await #expect(processExitsWith: .success) {
            try withHost { bench in
                let process = try bench.start("leave-output-open", invocation: "five")
                let child = try bench.numbers(process.output, after: "child", count: 1)[0]
                try expectEqual(bench.end(of: process), .exited(code: 0))
                #expect(isRunning(child))
                let tree = ProcessTree(leader: process.pid, invocation: "five")
                try expectEqual(bench.members(of: tree), [child])
                bench.host.signalTree(tree, .kill)
                try bench.turns(until: "the tree is gone") { bench.host.members(of: tree).isEmpty }
                try expectEqual(bench.text(process.output), "")
            }
        }
    }

    /// Fault 6: a flood is read a piece at a time, and everything else is told meanwhile.
    @Test(arguments: ["flood", "flood-zeros"])
    func aFloodDelaysNobodyElse(verb: String) async {
        await #expect(processExitsWith: .success) { [verb] in
            try withHost { bench in
                let flood = try bench.start(verb)
                let output = try #require(flood.output)
                let quiet = try bench.start("wait")
                _ = try bench.words(quiet.output, after: "ready")
                let token = TimerToken(kind: 1)
                var (bytes, rounds) = (0, 0)
                // On a busy machine it may come to write but little at first.
                while rounds < 20 || bytes <= 65_536, rounds < 4_000 {
                    rounds += 1
                    let deadline = bench.host.now.advanced(by: .milliseconds(5))
                    bench.host.arm(token, at: deadline)
                    var events: [HostEvent] = []
                    while !events.contains(.timer(token)) {
                        bench.host.wait(into: &events)
                        if events.contains(.readable(output)), case .success(let piece) = bench.readSome(output) {
                            bytes += piece.count
                            #expect(piece.count <= 65_536)
                        }
                        events.removeAll { $0 == .readable(output) }
                    }
                    #expect(bench.host.now >= deadline)
                    #expect(bench.host.now < deadline.advanced(by: .seconds(2)))
                }
                #expect(bytes > 65_536)
                bench.host.signal(quiet.handle, .term)
                try expectEqual(bench.end(of: quiet), .signaled(.term, coreDumped: false))
            }
        }
    }

    /// Fault 7: the end of the output is told, and no exit.
    @Test func aProcessThatClosesItsOutputHasNotEnded() async {
        await #expect(processExitsWith: .success) {
            try withHost { bench in
                let process = try bench.start("close-output")
                try expectEqual(bench.text(process.output), "")
                expectEqual(bench.host.reap(process.handle), nil)
                #expect(isRunning(process.pid))
                try expectEqual(bench.members(of: .init(leader: process.pid, invocation: "")), [])
                bench.host.signalGroup(process.handle, of: ProcessTree(leader: process.pid, invocation: ""), .term)
                try expectEqual(bench.end(of: process), .signaled(.term, coreDumped: false))
            }
        }
    }

    /// Fault 8: a stopped process gets the signal once it is continued.
    @Test func aStoppedProcessEndsAfterTheSignalAndAContinue() async {
        await #expect(processExitsWith: .success) {
            try withHost { bench in
                let process = try bench.start("stop-self")
                _ = try bench.words(process.output, after: "ready")
                while ProcFiles(ownPID: 0, scansAllOfProc: false).stat(process.pid)?.state != UInt8(ascii: "T") {
                    sched_yield()
                }
                bench.host.signalGroup(process.handle, of: ProcessTree(leader: process.pid, invocation: ""), .term)
                expectEqual(bench.host.reap(process.handle), nil)
                bench.host.signalGroup(process.handle, of: ProcessTree(leader: process.pid, invocation: ""), .cont)
                try expectEqual(bench.end(of: process), .exited(code: 0))
                try expectEqual(bench.text(process.output), "term\n")
            }
        }
    }
}
