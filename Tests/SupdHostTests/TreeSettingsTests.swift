import Glibc
import SupdPlugin
import Testing

@testable import SupdHost

@Suite struct TreeSettingsTests {
    /// What processes have, as /proc and the kernel say.
    struct Seen: Equatable, CustomStringConvertible {
        var descriptors: String
        var stack: String
        var nice: Set<Int32>
        var score: String

        init(_ pid: Int32, _ threads: [Int32]) {
            let limits = (readWholeFile("/proc/\(pid)/limits") ?? "").split(separator: "\n")
            func limit(_ name: String) -> String {
                let line = limits.first { $0.hasPrefix(name) } ?? ""
                return line.dropFirst(name.utf8.count).split(separator: " ").prefix(2).joined(separator: ":")
            }
            descriptors = limit("Max open files")
            stack = limit("Max stack size")
            nice = Set(threads.map { getpriority(PRIO_PROCESS.rawValue.signed, id_t($0)) })
            score = (readWholeFile("/proc/\(pid)/oom_score_adj") ?? "").split(separator: "\n").joined()
        }

        var description: String { "\(descriptors) \(stack) \(nice.sorted()) \(score)" }
    }

    /// A tree of two processes with four threads each, three of them started.
    struct Family {
        var main: SpawnedProcess
        var tree: ProcessTree
        var pids: [Int32]

        init(_ bench: HostBench, _ request: SpawnRequest, group: String? = nil) throws {
            let main = try bench.start(request)
            let output = try #require(main.output)
            var text = ""
            while text.split(separator: "\n").count < 7 {
                switch bench.readSome(output) {
                case .success(let piece): text += String(decoding: piece, as: UTF8.self)
                case .failure(.end): throw TimedOut(what: "threads: \(text)", events: [])
                case .failure(.nothing): try bench.event("threads") { $0 == .readable(output) }
                }
            }
            let child = text.split(separator: "\n").first { $0.hasPrefix("child ") }.flatMap { Int32($0.dropFirst(6)) }
            self.main = main
            pids = [main.pid, try #require(child)]
            tree = ProcessTree(leader: main.pid, invocation: "settings", group: group)
        }

        func seen(_ bench: HostBench) -> [Seen] { pids.map { Seen($0, bench.host.procfs.threads(of: $0)) } }
    }

    static let request = HostBench.request("threads", "3", invocation: "settings")

    /// A limit that is lowered, and can be raised again without privilege.
    private static func limit(_ name: String, _ resource: __rlimit_resource, _ soft: UInt64) -> ResourceLimit {
        var own = rlimit()
        getrlimit(Int32(resource.rawValue), &own)
        return ResourceLimit(name: name, resource: Int32(resource.rawValue), soft: soft, hard: UInt64(own.rlim_max))
    }

    static let changed = TreeSettings(
        limits: [limit("nofile", RLIMIT_NOFILE, 256), limit("stack", RLIMIT_STACK, 1 << 20)], nice: 7,
        oomScoreAdjust: 321)

    /// What a process shows that has it.
    private static func text(_ settings: TreeSettings) -> String {
        let limits = settings.limits.map { "\($0.soft):\($0.hard == .max ? "unlimited" : "\($0.hard)")" }
        return "\(limits.joined(separator: " ")) [\(settings.nice ?? 0)] \(settings.oomScoreAdjust ?? 0)"
    }

    @Test(arguments: [false, true])
    func whatIsChangedIsChangedForEveryProcessAndThread(scansAllOfProc: Bool) async {
        await #expect(processExitsWith: .success) { [scansAllOfProc] in
            var options = LinuxHost.Options()
            options.scansAllOfProc = scansAllOfProc
            try withHost(options) { bench in
                let family = try Family(bench, TreeSettingsTests.request)
                let other = try Family(bench, HostBench.request("threads", "3", invocation: "other"))
                let before = other.seen(bench)
                expectEqual(family.pids.map { bench.host.procfs.threads(of: $0).count }, [4, 4])
                let changed = TreeSettingsTests.changed
                for _ in 0..<2 {
                    let report = bench.host.apply(changed, insteadOf: .init(), to: family.tree)
                    expectEqual(report, TreeSettingsReport())
                    let text = TreeSettingsTests.text(changed)
                    expectEqual(family.seen(bench).map(\.description), [text, text])
                }
                var lower = changed
                lower.limits[0].soft = 100
                lower.limits[0].hard = 200
                expectEqual(bench.host.apply(lower, insteadOf: changed, to: family.tree), TreeSettingsReport())
                expectEqual(family.seen(bench).map(\.descriptors), ["100:200", "100:200"])
                expectEqual(other.seen(bench), before)
            }
        }
    }

    @Test(.enabled(if: geteuid() == 0, "needs root, to lower a niceness again"))
    func whatIsSaidNoMoreGoesBackToWhatAChildHasWithoutIt() async {
        await #expect(processExitsWith: .success) {
            try withHost { bench in
                let family = try Family(bench, TreeSettingsTests.request)
                let before = family.seen(bench)
                _ = bench.host.apply(TreeSettingsTests.changed, insteadOf: .init(), to: family.tree)
                expectEqual(family.seen(bench) == before, false)
                let report = bench.host.apply(.init(), insteadOf: TreeSettingsTests.changed, to: family.tree)
                expectEqual(report, TreeSettingsReport())
                expectEqual(family.seen(bench), before)
            }
        }
    }

    /// CAP_SYS_RESOURCE, by which alone a hard limit is raised.
    private static var raisesHardLimits: Bool {
        let line = (readWholeFile("/proc/self/status") ?? "").split(separator: "\n").first { $0.hasPrefix("CapEff:") }
        let digits = line?.split(separator: "\t").last ?? ""
        return (UInt64(digits, radix: 16) ?? 0) & (1 << 24) != 0
    }

    /// Who may not raise a hard limit gives what is below it, and says so.
    @Test func aLimitThatIsSaidNoMoreIsTakenBackAsFarAsTheKernelLets() async {
        await #expect(processExitsWith: .success) {
            try withHost { bench in
                let family = try Family(bench, TreeSettingsTests.request)
                let before = family.seen(bench).map(\.descriptors)
                var low = TreeSettingsTests.limit("nofile", RLIMIT_NOFILE, 99)
                low.hard = 199
                let set = TreeSettings(limits: [low])
                expectEqual(bench.host.apply(set, insteadOf: .init(), to: family.tree), TreeSettingsReport())
                expectEqual(family.seen(bench).map(\.descriptors), ["99:199", "99:199"])
                let report = bench.host.apply(.init(), insteadOf: set, to: family.tree)
                if TreeSettingsTests.raisesHardLimits {
                    expectEqual(report, TreeSettingsReport())
                    expectEqual(family.seen(bench).map(\.descriptors), before)
                } else {
                    expectEqual(family.seen(bench).map(\.descriptors), ["199:199", "199:199"])
                    expectEqual(report.problems.map(\.count), [2])
                    expectEqual(report.problems.map { $0.hint.hasPrefix("it has 199:199, ") }, [true])
                }
            }
        }
    }

    @Test func whatIsTheSameIsLeftAlone() async {
        await #expect(processExitsWith: .success) {
            try withHost { bench in
                let family = try Family(bench, TreeSettingsTests.request)
                let before = family.seen(bench)
                let same = TreeSettingsTests.changed
                expectEqual(bench.host.apply(same, insteadOf: same, to: family.tree), TreeSettingsReport())
                expectEqual(family.seen(bench), before)
            }
        }
    }

    @Test func whatTheKernelRefusesIsToldOnceForAllAndTheRestIsSet() async {
        await #expect(processExitsWith: .success) {
            try withHost { bench in
                let family = try Family(bench, TreeSettingsTests.request)
                var settings = TreeSettingsTests.changed
                settings.limits[0].soft = 10
                settings.limits[0].hard = 5
                let report = bench.host.apply(settings, insteadOf: .init(), to: family.tree)
                expectEqual(report.problems.map(\.subject), ["nofile"])
                expectEqual(report.problems.map(\.error), [ErrorNumber(EINVAL)])
                expectEqual(report.problems.map(\.count), [2])
                expectEqual(
                    report.problems.first?.description.hasSuffix(" and 1 more"), true,
                    "\(report.problems)")
                expectEqual(family.seen(bench).map(\.nice), [[7], [7]])
                expectEqual(family.seen(bench).map { $0.stack.hasPrefix("1048576:") }, [true, true])
            }
        }
    }

    @Test func whoHasEndedMeanwhileIsNoProblem() async {
        await #expect(processExitsWith: .success) {
            try withHost { bench in
                let family = try Family(bench, TreeSettingsTests.request)
                let host = bench.host
                let stats = family.pids.compactMap { host.procfs.stat($0) }
                expectEqual(stats.count, 2)
                let standard = TreeSettingsChange.Standard(limit: { _ in nil }, nice: 0, oomScoreAdjust: 0)
                let change = TreeSettingsChange(from: .init(), to: TreeSettingsTests.changed, standard: standard)
                host.signalTree(family.tree, .kill)
                _ = try bench.end(of: family.main)
                try bench.turns(until: "the tree is gone") { host.look(at: family.tree).isProvedGone }
                var setting = ProcessSettings(change, procfs: host.procfs)
                _ = setting.apply(to: stats)
                expectEqual(setting.problems.list, [])
                expectEqual(setting.leftOut, 0)
                let report = host.apply(TreeSettingsTests.changed, insteadOf: .init(), to: family.tree)
                expectEqual(report, TreeSettingsReport())
            }
        }
    }

    @Test func tooManyAreLeftOutAndCounted() async {
        await #expect(processExitsWith: .success) {
            try withHost { bench in
                let family = try Family(bench, TreeSettingsTests.request)
                let stats = family.pids.compactMap { bench.host.procfs.stat($0) }
                let standard = TreeSettingsChange.Standard(limit: { _ in nil }, nice: 0, oomScoreAdjust: 0)
                let change = TreeSettingsChange(from: .init(), to: TreeSettingsTests.changed, standard: standard)
                var few = ProcessSettings(change, procfs: bench.host.procfs, processLimit: 1)
                expectEqual(few.apply(to: stats), false)
                expectEqual(few.leftOut, 1)
                expectEqual(family.seen(bench).map { $0.nice.contains(7) }, [true, false])
                var thin = ProcessSettings(change, procfs: bench.host.procfs, threadLimit: 4)
                expectEqual(thin.apply(to: stats), true)
                expectEqual(thin.leftOut, 1)
                expectEqual(family.seen(bench).map { $0.nice.contains(7) }, [true, false])
                expectEqual(family.seen(bench).map(\.score), ["321", "321"])
            }
        }
    }

    // MARK: Control groups

    @Test func resourcesWithoutAControlGroupAreAProblemThatSaysWhy() async {
        await #expect(processExitsWith: .success) {
            var options = LinuxHost.Options()
            options.controlGroups = .off
            try withHost(options) { bench in
                let family = try Family(bench, TreeSettingsTests.request)
                var settings = TreeSettingsTests.changed
                settings.controls = [ResourceControl(key: "memory_max", value: "1048576")]
                let report = bench.host.apply(settings, insteadOf: .init(), to: family.tree)
                expectEqual(report.problems.map(\.subject), ["memory_max"])
                expectEqual(report.problems.map(\.error), [ErrorNumber(ENOTSUP)])
                expectEqual(report.problems.first?.hint.contains("control_groups is \"off\""), true)
                expectEqual(family.seen(bench).map(\.nice), [[7], [7]])
            }
        }
    }

    @Test func theFilesOfAGroupAreWrittenAndThoseSaidNoMoreGoBack() throws {
        try withTemporaryFolder { folder in
            let base = GroupFolder(path: folder)
            try writeFile(folder + "/cgroup.controllers", "cpu memory\n")
            try writeFile(folder + "/cgroup.subtree_control", "cpu memory\n")
            mkdir(folder + "/web", 0o755)
            for file in ["memory.max", "memory.high", "cpu.max", "cpu.weight"] {
                try writeFile(folder + "/web/" + file, "")
            }
            func control(_ key: String, _ value: String) -> ResourceControl { ResourceControl(key: key, value: value) }
            let former = TreeSettings(controls: [
                control("memory_max", "4096"), control("cpu_weight", "7"), control("cpu_max", "5 6"),
                control("io_weight", "9"),
            ])
            let settings = TreeSettings(controls: [
                control("memory_max", "8192"), control("memory_high", "4096"), control("pids_max", "9"),
            ])
            let standard = TreeSettingsChange.Standard(limit: { _ in nil }, nice: 0, oomScoreAdjust: 0)
            let change = TreeSettingsChange(from: former, to: settings, standard: standard)
            #expect(change.isOfGroup && !change.isOfProcesses)
            let problems = ControlGroups(isOff: false).apply(change, to: base.child("web"), in: base)
            #expect(problems.map(\.subject) == ["pids_max"])
            #expect(problems.first?.hint.contains("Delegate=pids") == true)
            func text(_ file: String) -> String? { readWholeFile(folder + "/web/" + file) }
            #expect(text("memory.max") == "8192")
            #expect(text("memory.high") == "4096")
            #expect(text("cpu.weight") == "100")
            #expect(text("cpu.max") == "max")
        }
    }

    @Test(.enabled(if: groupsAreWritable, "needs a hierarchy of control groups of version 2 that may be written to"))
    func whatIsInAGroupIsFoundThere() async {
        await #expect(processExitsWith: .success) {
            try ControlGroupTests.withGroups { bench in
                var request = TreeSettingsTests.request
                request.group = ControlGroupRequest(name: "web")
                let family = try Family(bench, request, group: "web")
                let report = bench.host.apply(TreeSettingsTests.changed, insteadOf: .init(), to: family.tree)
                expectEqual(report, TreeSettingsReport())
                expectEqual(family.seen(bench).map(\.nice), [[7], [7]])
                expectEqual(family.seen(bench).map(\.score), ["321", "321"])
            }
        }
    }

    @Test(.enabled(if: controllersAreThere, "needs the controller 'pids' in version 2 of control groups"))
    func resourcesAreWrittenIntoTheGroupOfWhatRuns() async {
        await #expect(processExitsWith: .success) {
            try ControlGroupTests.withGroups { bench in
                var request = TreeSettingsTests.request
                request.group = ControlGroupRequest(name: "web")
                let family = try Family(bench, request, group: "web")
                let settings = TreeSettings(controls: [ResourceControl(key: "pids_max", value: "77")])
                let report = bench.host.apply(settings, insteadOf: .init(), to: family.tree)
                expectEqual(report, TreeSettingsReport())
                let leaf = bench.host.group(of: family.tree)
                expectEqual(leaf?.read("pids.max"), "77\n")
                expectEqual(bench.host.apply(.init(), insteadOf: settings, to: family.tree), TreeSettingsReport())
                expectEqual(leaf?.read("pids.max"), "max\n")
            }
        }
    }
}

/// Whether the machine's hierarchy of version 2 has the controllers that these tests need.
private let controllersAreThere: Bool = {
    if case .ownGroup(let parent) = GroupPlan.decided(by: GroupPlan.Surroundings()) {
        return parent.controllers.contains("pids")
    }
    return false
}()

extension UInt32 {
    fileprivate var signed: Int32 { Int32(bitPattern: self) }
}
