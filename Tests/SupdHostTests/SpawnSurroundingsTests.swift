import CHostTests
import Glibc
import SupdPlugin
import Testing

@testable import SupdHost

/// What a child keeps of the daemon's surroundings, and what is handed to it beyond the standard three.
@Suite struct SpawnSurroundingsTests {
    @Test(arguments: SpawnWay.allCases)
    func aChildMayHaveTheDaemonsOwnStandardDescriptors(way: SpawnWay) async {
        await #expect(processExitsWith: .success) { [way] in
            try withTemporaryFolder { folder in
                let names = ["input", "output", "error"]
                for (target, name) in names.enumerated() {
                    let file = open("\(folder)/\(name)", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
                    dup2(file, Int32(target))
                    close(file)
                }
                try withHost(way.options) { bench in
                    var request = HostBench.request("report")
                    request.inheritsInput = true
                    request.errorOutput = .inherited
                    let (_, child) = try SpawnTests.report(bench, request)
                    expectEqual(child["fd.0"], "\(folder)/input")
                    expectEqual(child["fd.1"]?.hasPrefix("pipe:"), true)
                    expectEqual(child["fd.2"], "\(folder)/error")
                    expectEqual(child.keys.filter { $0.hasPrefix("fd.") }.count, 3)

                    request = HostBench.request("print-both")
                    request.output = .inherited
                    request.errorOutput = .inherited
                    try expectEqual(bench.end(of: bench.start(request)), .exited(code: 0))
                    expectEqual(readWholeFile(folder + "/output"), "to output\n")
                    expectEqual(readWholeFile(folder + "/error"), "to error\n")
                    request.errorOutput = .sameAsOutput
                    try expectEqual(bench.end(of: bench.start(request)), .exited(code: 0))
                    expectEqual(readWholeFile(folder + "/output"), "to output\nto output\nto error\n")
                    expectEqual(readWholeFile(folder + "/error"), "to error\n")
                }
            }
        }
    }

    /// The daemon's own group is in the background once the first has the terminal: the second is to get it all the same.
    @Test(arguments: [SpawnWay.clone, .fork])
    func aChildThatStaysInTheSessionHasTheTerminal(way: SpawnWay) async {
        await #expect(processExitsWith: .success) { [way] in
            setsid()
            var terminal: Int32 = -1
            let master = host_tests_open_terminal(&terminal)
            guard master >= 0 else {
                Issue.record("no terminal: \(-master)")
                return
            }
            dup2(terminal, 0)
            close(terminal)
            expectEqual(tcgetpgrp(0), getpgrp())
            try withHost(way.options) { bench in
                var request = HostBench.request("report")
                request.staysInSession = true
                request.inheritsInput = true
                for _ in 0..<2 {
                    let (pid, child) = try SpawnTests.report(bench, request)
                    expectEqual(child["session"], "\(getsid(0))")
                    expectEqual(child["group"], "\(pid)")
                    expectEqual(child["foreground"], "\(pid)")
                    expectEqual(child["SigBlk"], "0000000000000000")
                }
                // Without a terminal for its input it is no more than a group.
                request.inheritsInput = false
                let (pid, child) = try SpawnTests.report(bench, request)
                expectEqual(child["session"], "\(getsid(0))")
                expectEqual(child["group"], "\(pid)")
                expectEqual(child["foreground"], "-1")
            }
        }
    }

    @Test(arguments: SpawnWay.allCases)
    func socketsComeAsTheThirdDescriptorAndAfter(way: SpawnWay) async {
        await #expect(processExitsWith: .success) { [way] in
            // Low ones, in the way of one another, taken before the host takes its own; high ones; and one twice.
            let low = (0..<5).map { _ in socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0) }
            let high = fcntl(low[0], F_DUPFD_CLOEXEC, 700)
            let passed: [Int32] = [high, low[4], low[2], low[3], low[1], low[0], high]
            try withHost(way.options) { bench in
                var request = HostBench.request("report")
                request.environment = ["A=1", "LISTEN_FDS=77", "LISTEN_PID=1", "LISTEN_FDNAMES=x", "LISTEN_PIDS=no"]
                request.sockets = passed.enumerated().map {
                    PassedSocket(name: "s\($0.offset)", socket: BoundSocket(descriptor: $0.element))
                }
                // Room for the places, and for what the report itself opens.
                let room = UInt64(3 + passed.count + 1)
                request.limits = [
                    .init(name: "nofile", resource: Int32(RLIMIT_NOFILE.rawValue), soft: room, hard: room)
                ]
                func target(_ descriptor: Int32) -> String? {
                    var buffer = [CChar](repeating: 0, count: 64)
                    let length = readlink("/proc/self/fd/\(descriptor)", &buffer, buffer.count)
                    return length < 0
                        ? nil : String(decoding: buffer.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
                }
                for _ in 0..<2 {
                    let (pid, child) = try SpawnTests.report(bench, request)
                    for (index, descriptor) in passed.enumerated() {
                        expectEqual(child["fd.\(3 + index)"], target(descriptor), "descriptor \(3 + index)")
                    }
                    expectEqual(child.keys.filter { $0.hasPrefix("fd.") }.count, 3 + passed.count)
                    expectEqual(
                        child.filter { $0.key.hasPrefix("env.") },
                        [
                            "env.A": "1", "env.LISTEN_PIDS": "no", "env.LISTEN_FDS": "7", "env.LISTEN_PID": "\(pid)",
                            "env.LISTEN_FDNAMES": "s0:s1:s2:s3:s4:s5:s6",
                        ])
                }
                // The daemon's own are where they were.
                #expect(passed.allSatisfy { fcntl($0, F_GETFD) >= 0 })
                request.sockets[2].socket.descriptor = 999
                expectEqual(
                    bench.spawn(request),
                    .failure(SpawnFailure(stage: .descriptors, error: ErrorNumber(EBADF), subject: "")))
                // The next one gets none.
                let (_, child) = try SpawnTests.report(bench, HostBench.request("report"))
                expectEqual(child.keys.filter { $0.hasPrefix("fd.") }.count, 3)
                expectEqual(child["env.LISTEN_PID"], nil)
            }
        }
    }

    @Test(arguments: [SpawnWay.clone, .fork])
    func aVariableOfAnyBytesReachesTheChildUnchanged(way: SpawnWay) async {
        await #expect(processExitsWith: .success) { [way] in
            try withHost(way.options) { bench in
                var request = HostBench.request("report")
                request.environment = ["A=1"]
                request.opaqueEnvironment = [Array("RAW=".utf8) + [0xFF, 0x41, 0xC0]]
                let process = try bench.start(request)
                let output = try #require(process.output)
                var bytes: [UInt8] = []
                var isOpen = true
                while isOpen {
                    switch bench.readSome(output) {
                    case .success(let piece): bytes += piece
                    case .failure(.end): isOpen = false
                    case .failure(.nothing): try bench.event("output") { $0 == .readable(output) }
                    }
                }
                let lines = bytes.split(separator: UInt8(ascii: "\n")).map(Array.init)
                #expect(lines.contains(Array("env.RAW=".utf8) + [0xFF, 0x41, 0xC0]))
                #expect(lines.contains(Array("env.A=1".utf8)))
                _ = try bench.end(of: process)
            }
        }
    }

    /// /dev/stdout is opened as any other file is, by whoever may write to it.
    @Test(.enabled(if: geteuid() == 0, "needs root"), arguments: [SpawnWay.clone, .fork])
    func aChildOfAnotherUserMayOpenItsOutputs(way: SpawnWay) async {
        await #expect(processExitsWith: .success) { [way] in
            try withHost(way.options) { bench in
                var request = HostBench.request("reopen-outputs")
                request.uid = 1234
                request.gid = 2345
                request.groups = []
                request.errorOutput = .pipe
                let process = try bench.start(request)
                try expectEqual(bench.text(process.output), "out\n")
                try expectEqual(bench.text(process.errorOutput), "err\n")
                try expectEqual(bench.end(of: process), .exited(code: 0))
            }
        }
    }

    /// A daemon whose capabilities outlive a change of user: its services could make themselves root.
    @Test(.enabled(if: geteuid() == 0, "needs root"), arguments: [SpawnWay.clone, .fork])
    func aChildThatCouldBecomeRootAgainIsNotStarted(way: SpawnWay) async {
        await #expect(processExitsWith: .success) { [way] in
            try withHost(way.options) { bench in
                var request = HostBench.request("report")
                request.uid = 1234
                request.gid = 2345
                let (_, child) = try SpawnTests.report(bench, request)
                expectEqual(child["uid"], "1234,1234,1234")
                expectEqual(host_tests_keep_capabilities(), 0)
                guard case .failure(let failure) = bench.spawn(request) else {
                    Issue.record("it was started")
                    return
                }
                expectEqual(failure.stage, .user)
                expectEqual(failure.subject, "1234")
                #expect(failure.description.contains("could have become root again"))
                // For root itself there is nothing to prove.
                request.uid = 0
                try expectEqual(bench.end(of: bench.start(request)), .exited(code: 0))
            }
        }
    }

    /// The folder is entered as the user: what that one may not enter is no place for it, though root may.
    @Test(.enabled(if: geteuid() == 0, "needs root"), arguments: [SpawnWay.clone, .fork])
    func theWorkingDirectoryIsEnteredAsTheUser(way: SpawnWay) async {
        await #expect(processExitsWith: .success) { [way] in
            try withTemporaryFolder { folder in
                try withHost(way.options) { bench in
                    var request = SpawnRequest(candidates: ["/bin/true"], arguments: ["true"])
                    request.uid = 1234
                    request.workingDirectory = folder
                    expectEqual(
                        bench.spawn(request),
                        .failure(
                            SpawnFailure(stage: .workingDirectory, error: ErrorNumber(EACCES), subject: folder)))
                }
            }
        }
    }
}
