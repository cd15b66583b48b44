import Glibc
import SupdHost
import SupdPlugin
import Testing

@Suite struct SpawnFailureTests {
    private static func failure(_ bench: HostBench, _ request: SpawnRequest) throws -> SpawnFailure {
        switch bench.spawn(request) {
        case .failure(let failure): return failure
        case .success(let process):
            _ = try bench.end(of: process)
            throw TimedOut(what: "a failure to start \(request.candidates)", events: [])
        }
    }

    @Test(arguments: [SpawnWay.clone, .fork])
    func anExecThatFailsTellsItsErrorAndWhatItWasAppliedTo(way: SpawnWay) async {
        await #expect(processExitsWith: .success) { [way] in
            try withTemporaryFolder { folder in
                try withHost(way.options) { bench in
                    func failure(_ candidates: String..., arguments: [String] = ["x"]) throws -> SpawnFailure {
                        try SpawnFailureTests.failure(bench, SpawnRequest(candidates: candidates, arguments: arguments))
                    }
                    func exec(_ error: Int32, _ subject: String, _ hint: String = "") -> SpawnFailure {
                        SpawnFailure(stage: .exec, error: ErrorNumber(error), subject: subject, hint: hint)
                    }
                    let noProgram = "it is no program, and its first line does not begin with #! and an interpreter"
                    let missing = folder + "/missing"
                    let notExecutable = folder + "/plain"
                    let notAProgram = folder + "/text"
                    let busy = folder + "/busy"
                    try writeFile(notExecutable, "#!/bin/sh\n", mode: 0o644)
                    try writeFile(notAProgram, "no interpreter named here\n", mode: 0o755)
                    try writeFile(busy, "#!/bin/sh\n", mode: 0o755)
                    try expectEqual(failure(missing), exec(ENOENT, missing))
                    try expectEqual(failure(missing + "/below"), exec(ENOENT, missing + "/below"))
                    try expectEqual(failure(notExecutable + "/below"), exec(ENOENT, notExecutable + "/below"))
                    try expectEqual(failure(notExecutable), exec(EACCES, notExecutable))
                    try expectEqual(failure(folder), exec(EACCES, folder))
                    // No shell is tried in its place.
                    try expectEqual(failure(notAProgram), exec(ENOEXEC, notAProgram, noProgram))
                    let writer = open(busy, O_WRONLY | O_CLOEXEC)
                    try expectEqual(failure(busy), exec(ETXTBSY, busy))
                    close(writer)
                    let huge = String(repeating: "x", count: 3 << 20)
                    try expectEqual(failure("/bin/true", arguments: ["true", huge]), exec(E2BIG, "/bin/true"))
                    // As execvp(3): on to the next after ENOENT, ENOTDIR and EACCES; of these EACCES says most.
                    try expectEqual(failure(missing, notExecutable, missing + "2"), exec(EACCES, notExecutable))
                    try expectEqual(failure(missing, notAProgram, "/bin/true"), exec(ENOEXEC, notAProgram, noProgram))
                    try expectEqual(failure(), exec(ENOENT, "x"))
                    // What was looked for everywhere is named, unless it is a script whose interpreter is absent.
                    var searched = SpawnRequest(candidates: [missing, missing + "2"], arguments: ["x"])
                    searched.nameWhereAbsent = "x, which is nowhere"
                    try expectEqual(SpawnFailureTests.failure(bench, searched), exec(ENOENT, "x, which is nowhere"))
                    try writeFile(missing + "2", "#!/no/such/interpreter\n", mode: 0o755)
                    try expectEqual(
                        SpawnFailureTests.failure(bench, searched),
                        exec(ENOENT, missing + "2", "its interpreter '/no/such/interpreter' (line 1) is not there"))
                    searched.candidates = [missing, notExecutable]
                    try expectEqual(SpawnFailureTests.failure(bench, searched), exec(EACCES, notExecutable))
                    unlink(missing + "2")
                    let found = try bench.start(
                        SpawnRequest(
                            candidates: [missing, notExecutable + "/x", notExecutable, "/bin/true"], arguments: ["true"]
                        ))
                    try expectEqual(bench.end(of: found), .exited(code: 0))
                }
            }
        }
    }

    @Test(arguments: SpawnWay.allCases)
    func aStepThatFailsIsNamed(way: SpawnWay) async {
        await #expect(processExitsWith: .success) { [way] in
            try withHost(way.options) { bench in
                var request = SpawnRequest(candidates: ["/bin/true"], arguments: ["true"])
                request.workingDirectory = "/none/such"
                var failure: SpawnFailure
                failure = try SpawnFailureTests.failure(bench, request)
                expectEqual(
                    failure, SpawnFailure(stage: .workingDirectory, error: ErrorNumber(ENOENT), subject: "/none/such"))
                request.workingDirectory = "/"
                request.limits = [
                    .init(name: "core", resource: Int32(RLIMIT_CORE.rawValue), soft: 0, hard: 0),
                    .init(name: "nought", resource: 99, soft: 5, hard: 5),
                ]
                failure = try SpawnFailureTests.failure(bench, request)
                expectEqual(
                    failure, SpawnFailure(stage: .limits, error: ErrorNumber(EINVAL), subject: "nought"))
                request.limits = []
                request.oomScoreAdjust = 5000
                failure = try SpawnFailureTests.failure(bench, request)
                expectEqual(
                    failure, SpawnFailure(stage: .oomScoreAdjust, error: ErrorNumber(EINVAL), subject: "5000"))
            }
        }
    }

    @Test func aZeroByteInAStringIsRefusedInsteadOfCutShort() async {
        await #expect(processExitsWith: .success) {
            try withHost { bench in
                let changes: [(SpawnFailure.Stage, (inout SpawnRequest) -> Void)] = [
                    (.exec, { $0.candidates = ["/bin/true\0x"] }),
                    (.exec, { $0.arguments.append("a\0b") }),
                    (.environment, { $0.environment = ["A=b\0c"] }),
                    (.workingDirectory, { $0.workingDirectory = "/\0" }),
                ]
                for (stage, change) in changes {
                    var request = SpawnRequest(candidates: ["/bin/true"], arguments: ["true"])
                    change(&request)
                    let failure = try SpawnFailureTests.failure(bench, request)
                    expectEqual(failure.stage, stage)
                    expectEqual(failure.error, ErrorNumber(EINVAL))
                }
            }
        }
    }

    @Test(arguments: [SpawnWay.clone, .fork])
    func aSpawnThatFailsLeavesNoDescriptorAndNoZombie(way: SpawnWay) async {
        await #expect(processExitsWith: .success) { [way] in
            try withHost(way.options) { bench in
                var request = SpawnRequest(candidates: ["/none"], arguments: ["none"])
                request.output = .pipe
                request.errorOutput = .pipe
                let before = openDescriptorCount()
                for _ in 0..<200 { _ = try SpawnFailureTests.failure(bench, request) }
                // The pool of the test runner may open one of its own meanwhile.
                #expect(openDescriptorCount() < before + 100)
                #expect(readWholeFile("/proc/self/task/\(getpid())/children")?.isEmpty != false)
                #expect(waitpid(-1, nil, WNOHANG) == -1 && errno == ECHILD)
            }
        }
    }

    /// The process limit of a user; root has none, so the test gives root up.
    @Test(.enabled(if: geteuid() == 0, "needs root"), arguments: [SpawnWay.clone, .fork])
    func aForkThatIsRefusedIsAFailureOfTheCloneAndTheHostGoesOn(way: SpawnWay) async {
        await #expect(processExitsWith: .success) { [way] in
            let bench = try HostBench(way.options)
            let request = SpawnRequest(candidates: ["/bin/true"], arguments: ["true"])
            var limit = rlimit()
            let resource = __rlimit_resource_t(__RLIMIT_NPROC.rawValue)
            getrlimit(resource, &limit)
            let soft = limit.rlim_cur
            setuid(64321)
            limit.rlim_cur = 0
            setrlimit(resource, &limit)
            let refused = bench.spawn(request)
            limit.rlim_cur = soft
            setrlimit(resource, &limit)
            expectEqual(refused, .failure(SpawnFailure(stage: .clone, error: ErrorNumber(EAGAIN), subject: "")))
            let process = try bench.start(request)
            try expectEqual(bench.end(of: process), .exited(code: 0))
        }
    }

    @Test(arguments: [SpawnWay.clone, .fork])
    func outOfDescriptorsIsAFailureOfThePipeOrTheCloneAndTheHostGoesOn(way: SpawnWay) async {
        await #expect(processExitsWith: .success) { [way] in
            try withHost(way.options) { bench in
                var request = SpawnRequest(candidates: ["/bin/true"], arguments: ["true"])
                let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
                var limit = rlimit()
                getrlimit(resource, &limit)
                let soft = limit.rlim_cur
                for output in [SpawnRequest.Output.pipe, .null] {
                    request.output = output
                    var filling: [Int32] = []
                    limit.rlim_cur = 64
                    setrlimit(resource, &limit)
                    while case let next = dup(0), next >= 0 { filling.append(next) }
                    let before = openDescriptorCount()
                    let failure = try SpawnFailureTests.failure(bench, request)
                    expectEqual(failure.error, ErrorNumber(EMFILE))
                    #expect(failure.stage == .pipe || output == .null && failure.stage == .clone, "\(failure)")
                    expectEqual(openDescriptorCount(), before)
                    for descriptor in filling { close(descriptor) }
                    limit.rlim_cur = soft
                    setrlimit(resource, &limit)
                    try expectEqual(bench.end(of: try bench.start(request)), .exited(code: 0))
                }
            }
        }
    }
}
