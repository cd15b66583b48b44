import Glibc
import SupdHost
import SupdPlugin
import Testing

@Suite struct SpawnTests {
    /// `key=value` lines, as `testchild report` prints them.
    private static func report(_ text: String) -> [String: String] {
        var values: [String: String] = [:]
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { values[String(parts[0])] = String(parts[1]) }
        }
        return values
    }

    static func report(_ bench: HostBench, _ request: SpawnRequest) throws -> (Int32, [String: String]) {
        let process = try bench.start(request)
        let text = try bench.text(process.output)
        try expectEqual(bench.end(of: process), .exited(code: 0))
        return (process.pid, report(text))
    }

    @Test(arguments: SpawnWay.allCases)
    func aChildInheritsNothingOfTheDaemons(way: SpawnWay) async {
        await #expect(processExitsWith: .success) { [way] in
            var before = rlimit()
            getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &before)
            before.rlim_cur = before.rlim_max / 2
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &before)
            // All that a careless parent may leave behind.
            dup2(0, 77)
            umask(0o077)
            chdir("/tmp")
            setenv("LEAK", "1", 1)
            for number in [SIGPIPE, SIGUSR1, SIGTTOU, SIGCHLD, SIGALRM, SIGXCPU, SIGXFSZ, SIGIO, 34, 40, 64] {
                signal(number, SIG_IGN)
            }
            var mask = sigset_t()
            sigfillset(&mask)
            pthread_sigmask(SIG_BLOCK, &mask, nil)
            try withHost(way.options) { bench in
                dup2(0, 78)
                var request = HostBench.request("report", "a b", "")
                request.environment = ["A=1", "SUPD_INVOCATION=x", "B="]
                let (pid, child) = try SpawnTests.report(bench, request)
                expectEqual(child["session"], "\(pid)")
                expectEqual(child["group"], "\(pid)")
                expectEqual(child["ppid"], "\(getpid())")
                expectEqual(child["umask"], "0022")
                expectEqual(child["cwd"], "/")
                expectEqual(child["SigBlk"], "0000000000000000")
                expectEqual(child["SigIgn"], "0000000000000000")
                expectEqual(child["SigCgt"], "0000000000000000")
                expectEqual(child["limit.nofile"], "\(before.rlim_cur):\(before.rlim_max)")
                expectEqual(child["no_new_privs"], "0")
                let descriptors = child.keys.filter { $0.hasPrefix("fd.") }.sorted()
                expectEqual(descriptors, ["fd.0", "fd.1", "fd.2"])
                expectEqual(child["fd.0"], "/dev/null")
                expectEqual(child["fd.1"]?.hasPrefix("pipe:"), true)
                expectEqual(child["fd.1"], child["fd.2"])
                let variables = child.filter { $0.key.hasPrefix("env.") }
                expectEqual(variables, ["env.A": "1", "env.SUPD_INVOCATION": "x", "env.B": ""])
                expectEqual(child["argument.0"], "a b")
                expectEqual(child["argument.1"], "")
            }
        }
    }

    @Test(.enabled(if: geteuid() == 0, "needs root"), arguments: [SpawnWay.clone, .fork])
    func aChildGetsTheIdentityAndLimitsAskedFor(way: SpawnWay) async {
        await #expect(processExitsWith: .success) { [way] in
            try withHost(way.options) { bench in
                var request = HostBench.request("report")
                // Where that user may read the program.
                request.candidates = ["/proc/self/fd/0/none", HostBench.testchild]
                request.uid = 1234
                request.gid = 2345
                request.groups = [3456, 2345, 7]
                request.umask = 0o027
                request.nice = 5
                request.oomScoreAdjust = 321
                request.noNewPrivileges = true
                request.workingDirectory = "/usr"
                request.limits = [
                    .init(name: "core", resource: Int32(RLIMIT_CORE.rawValue), soft: 0, hard: 0),
                    .init(name: "nofile", resource: Int32(RLIMIT_NOFILE.rawValue), soft: 55, hard: 66),
                ]
                let (_, child) = try SpawnTests.report(bench, request)
                expectEqual(child["uid"], "1234,1234,1234")
                expectEqual(child["gid"], "2345,2345,2345")
                expectEqual(child["groups"]?.split(separator: ",").sorted(), ["2345", "3456", "7"])
                expectEqual(child["umask"], "0027")
                expectEqual(child["nice"], "5")
                expectEqual(child["oom_score_adj"], "321")
                expectEqual(child["no_new_privs"], "1")
                expectEqual(child["cwd"], "/usr")
                expectEqual(child["limit.core"], "0:0")
                expectEqual(child["limit.nofile"], "55:66")
            }
        }
    }

    @Test(.enabled(if: geteuid() == 0, "needs root"))
    func anUnprivilegedDaemonStartsServicesAsItself() async {
        await #expect(processExitsWith: .success) {
            setgroups(2, [4, 24])
            setgid(65534)
            setuid(65534)
            try withHost { bench in
                var request = SpawnRequest(candidates: ["/bin/true"], arguments: ["true"])
                request.uid = 65534
                request.gid = 65534
                // All it has, what user and group alone ask for, and a part: none needs more than there is.
                for groups: [UInt32] in [[], [65534], [4, 65534], [4, 24]] {
                    request.groups = groups
                    try expectEqual(bench.end(of: try bench.start(request)), .exited(code: 0))
                }
                request.uid = 1
                expectEqual(
                    bench.spawn(request),
                    .failure(SpawnFailure(stage: .user, error: ErrorNumber(EPERM), subject: "1")))
                request.uid = 65534
                request.gid = 1
                expectEqual(
                    bench.spawn(request),
                    .failure(SpawnFailure(stage: .group, error: ErrorNumber(EPERM), subject: "1")))
                request.gid = 65534
                request.groups = [4, 5]
                expectEqual(
                    bench.spawn(request),
                    .failure(SpawnFailure(stage: .groups, error: ErrorNumber(EPERM), subject: "[4, 5]")))
                request.groups = nil
                request.nice = -5
                expectEqual(
                    bench.spawn(request),
                    .failure(SpawnFailure(stage: .nice, error: ErrorNumber(EACCES), subject: "-5")))
                request.nice = nil
                request.oomScoreAdjust = -900
                expectEqual(
                    bench.spawn(request),
                    .failure(SpawnFailure(stage: .oomScoreAdjust, error: ErrorNumber(EACCES), subject: "-900")))
            }
        }
    }

    @Test(.enabled(if: geteuid() == 0, "needs root"))
    func theOOMScoreOfTheDaemonsStartIsGivenBackToChildren() async {
        await #expect(processExitsWith: .success) {
            try writeFile("/proc/self/oom_score_adj", "11")
            try withHost { bench in
                try writeFile("/proc/self/oom_score_adj", "30")
                let (_, child) = try SpawnTests.report(bench, HostBench.request("report"))
                expectEqual(child["oom_score_adj"], "11")
            }
        }
    }

    @Test(arguments: SpawnWay.allCases)
    func standardOutputAndErrorGoWhereTheyAreSent(way: SpawnWay) async {
        await #expect(processExitsWith: .success) { [way] in
            try withHost(way.options) { bench in
                var request = HostBench.request("print-both")
                let one = try bench.start(request)
                expectEqual(one.errorOutput, nil)
                try expectEqual(bench.text(one.output), "to output\nto error\n")
                request.errorOutput = .pipe
                let two = try bench.start(request)
                try expectEqual(bench.text(two.output), "to output\n")
                try expectEqual(bench.text(two.errorOutput), "to error\n")
                request.errorOutput = .null
                let three = try bench.start(request)
                try expectEqual(bench.text(three.output), "to output\n")
                request.output = .null
                request.errorOutput = .pipe
                let four = try bench.start(request)
                expectEqual(four.output, nil)
                try expectEqual(bench.text(four.errorOutput), "to error\n")
                request.errorOutput = .sameAsOutput
                let five = try bench.start(request)
                #expect(five.output == nil && five.errorOutput == nil)
                for process in [one, two, three, four, five] {
                    try expectEqual(bench.end(of: process), .exited(code: 0))
                }
            }
        }
    }

    @Test(arguments: [SpawnWay.clone, .fork])
    func aDaemonStartedWithoutStandardDescriptorsGivesChildrenTheirs(way: SpawnWay) async {
        await #expect(processExitsWith: .success) { [way] in
            for descriptor in Int32(0)...2 { close(descriptor) }
            try withHost(way.options) { bench in
                let (_, child) = try SpawnTests.report(bench, HostBench.request("report"))
                expectEqual(child["fd.0"], "/dev/null")
                expectEqual(child["fd.1"]?.hasPrefix("pipe:"), true)
                expectEqual(child.keys.filter { $0.hasPrefix("fd.") }.count, 3)
                #expect((0...2).allSatisfy { fcntl($0, F_GETFD) >= 0 })
            }
        }
    }

    @Test(arguments: [SpawnWay.clone, .fork])
    func aChildOfADaemonWithThousandsOfDescriptorsHasThree(way: SpawnWay) async {
        await #expect(processExitsWith: .success) { [way] in
            try withHost(way.options) { bench in
                let many = (0..<3000).map { _ in dup(0) }
                #expect(many.allSatisfy { $0 >= 0 })
                let (_, child) = try SpawnTests.report(bench, HostBench.request("report"))
                expectEqual(child.keys.filter { $0.hasPrefix("fd.") }.sorted(), ["fd.0", "fd.1", "fd.2"])
                // The daemon's own table is as it was.
                #expect(many.allSatisfy { fcntl($0, F_GETFD) >= 0 })
            }
        }
    }
}
