import Glibc
import SupdPlugin
import Testing

@testable import SupdHost

@Suite struct LeftoverTests {
    private static let token = "0123456789abcdef"

    // MARK: What is told from what

    @Test func theRecordOfADaemonIsReadBackAndNothingElseIs() throws {
        let record = DaemonRecord(pid: 7, token: Self.token, groups: "/sys/fs/cgroup/supd-x")
        #expect(DaemonRecord(parsing: "7\n\(Self.token)\n/sys/fs/cgroup/supd-x\n") == record)
        #expect(DaemonRecord(parsing: "7\n\(Self.token)\n") == DaemonRecord(pid: 7, token: Self.token))
        for text in [
            "", "7\n", "7\n\n", "x\n\(Self.token)\n", "7\n0123\n", "7\n0123456789abcdeF\n", "7\n0123456789abcd.f\n",
        ] {
            #expect(DaemonRecord(parsing: text) == nil)
        }
        let tokens = Set((0..<100).map { _ in DaemonRecord.newToken() })
        #expect(tokens.count == 100)
        #expect(tokens.allSatisfy { DaemonRecord(parsing: "1\n\($0)\n")?.token == $0 })
    }

    @Test func anInvocationNamesItsDaemonAndItsInstance() {
        #expect(Invocation("abc.1.22.333.web.example@2")?.instance == "web.example@2")
        #expect(Invocation("abc.1.22.333.web")?.token == "abc")
        #expect(Invocation("abc.1")?.instance == "")
        #expect(Invocation("abc") == nil)
    }

    private static func sighting(
        _ pid: Int32, parent: Int32 = 1, session: Int32, _ invocation: String? = nil, state: Character = "S"
    ) -> (Int32, LeftoverScan.Sighting) {
        let stat = ProcStat(
            pid: pid, state: state.asciiValue ?? 0, isLeaving: false, parent: parent, group: session, session: session,
            threads: 1, startTime: UInt64(pid))
        return (pid, .init(stat: stat, invocation: invocation.flatMap { Invocation($0) }))
    }

    @Test func onlyWhatIsTheTokensAndWhatItBroughtForthIsLeft() {
        let scan = LeftoverScan(
            sightings: Dictionary(uniqueKeysWithValues: [
                // Whoever started the daemon, the daemon, and what the shell runs beside it.
                Self.sighting(10, session: 10), Self.sighting(11, parent: 10, session: 10, "t.1.2.3.self"),
                Self.sighting(12, parent: 10, session: 10),
                // A service, its child without a mark, its descendant in a session of its own, its dead one.
                Self.sighting(20, session: 20, "t.1.2.3.web"), Self.sighting(21, session: 20),
                Self.sighting(22, parent: 21, session: 22),
                Self.sighting(23, parent: 20, session: 20, "t.1.2.3.web", state: "Z"),
                // One that stayed in the shell's session: that is nobody's reason.
                Self.sighting(30, session: 10, "t.1.2.3.run"),
                // One whose session's leader has ended, and another of that session.
                Self.sighting(41, session: 40, "t.1.2.3.db.a"), Self.sighting(42, session: 40),
                // Another daemon's, below a leftover and beside one.
                Self.sighting(50, parent: 20, session: 50, "u.1.2.3.other"), Self.sighting(51, parent: 50, session: 50),
                Self.sighting(60, session: 60, "tt.1.2.3.web"),
            ]), spared: [11, 10, 1])
        let left = scan.leftovers(of: "t")
        #expect(left.map(\.process.pid) == [20, 21, 22, 30, 41, 42])
        #expect(left.map(\.instance) == ["web", "web", "web", "run", "db.a", "db.a"])
        #expect(scan.leftovers(of: "u").map(\.process.pid) == [50, 51])
        #expect(scan.leftovers(of: "v").isEmpty)
    }

    /// One that shows no mark is whose it was noted to be; a later one of its number is nobody's, and who shows another's mark is that one's.
    @Test func whoWasNotedAsALeaderIsLeftWithAllThatItLeads() {
        let scan = LeftoverScan(
            sightings: Dictionary(uniqueKeysWithValues: [
                Self.sighting(20, session: 20), Self.sighting(21, parent: 20, session: 20),
                Self.sighting(22, parent: 21, session: 22),
                Self.sighting(30, session: 30), Self.sighting(40, session: 40, "u.1.2.3.other"),
            ]), spared: [11, 10, 1])
        let leaders = [
            ProcessIdentity(pid: 20, startTime: 20): "web", ProcessIdentity(pid: 30, startTime: 29): "db",
            ProcessIdentity(pid: 40, startTime: 40): "db",
        ]
        let left = scan.leftovers(of: "t", led: leaders)
        #expect(left.map(\.process.pid) == [20, 21, 22])
        #expect(Set(left.map(\.instance)) == ["web"])
    }

    private static func leader(_ pid: Int32, _ instance: String, startTime: UInt64? = nil) -> LeadersNote.Leader {
        .init(pid: pid, startTime: startTime, invocation: "t.1.2.3.\(instance)")
    }

    /// One that says who is its main process is noted as that: it is its predecessor's child, and shows no mark perhaps.
    @Test func whomTheDaemonHasNotStartedIsNotedByItsStart() throws {
        try withTemporaryFolder { folder in
            let path = folder + "/leaders"
            let own = try #require(ProcFiles(ownPID: getpid(), scansAllOfProc: false).stat(getpid()))
            let note = LeadersNote(path: path, daemon: 1)
            #expect(note.add([Self.leader(getpid(), "web", startTime: own.startTime)]) == nil)
            #expect(LeadersNote.read(path) == [own.identity: "web"])
        }
    }

    /// Where it cannot be written for long, those that have ended are not kept for it.
    @Test func aNoteThatCannotBeWrittenKeepsWhoLives() throws {
        let parent = try #require(ProcFiles(ownPID: getpid(), scansAllOfProc: false).stat(getppid()))
        try withTemporaryFolder { folder in
            let path = folder + "/later/leaders"
            let note = LeadersNote(path: path, daemon: getppid())
            #expect(note.add([Self.leader(getppid(), "web", startTime: parent.startTime)]) != nil)
            for round in 1...2_000 { _ = note.add([Self.leader(4_194_305, "\(round)", startTime: UInt64(round))]) }
            #expect(note.waitingCount < 300)
            mkdir(folder + "/later", 0o700)
            #expect(note.add([Self.leader(getppid(), "db", startTime: 1)]) == nil)
            #expect(LeadersNote.read(path)[parent.identity] == "web")
        }
    }

    @Test func aNoteOfLeadersIsReadBackAndNothingElseIs() throws {
        try withTemporaryFolder { folder in
            let path = folder + "/leaders"
            let note = LeadersNote(path: path, daemon: getppid())
            // What is not below the daemon is not its own, and what has ended is left out.
            let named = [(1, "init"), (getpid(), "a b@2"), (4_194_305, "gone")]
            #expect(note.add(named.map { Self.leader($0.0, $0.1) }) == nil)
            #expect(LeadersNote.read(path).map(\.value) == ["a b@2"])
            #expect(LeadersNote.read(path).keys.map(\.pid) == [getpid()])
            #expect(note.add([Self.leader(getpid(), "c")]) == nil)
            #expect(LeadersNote.read(path).map(\.value) == ["c"])
            let whole = try #require(readWholeFile(path))
            try writeFile(path, String(whole.dropLast()))
            #expect(LeadersNote.read(path).map(\.value) == ["a b@2"], "a line that was cut short")
            try writeFile(path, "another boot\n" + whole.split(separator: "\n").dropFirst().joined(separator: "\n"))
            #expect(LeadersNote.read(path).isEmpty)
            #expect(LeadersNote.read(folder).isEmpty)
            #expect(LeadersNote.read(path + "x").isEmpty)
        }
    }

    /// As restarts add up, those that have ended are left out again.
    @Test func aNoteOfLeadersStaysSmall() throws {
        try withTemporaryFolder { folder in
            let path = folder + "/leaders"
            let note = LeadersNote(path: path, daemon: getppid())
            let name = String(repeating: "n", count: 1000)
            for round in 0..<500 { #expect(note.add([Self.leader(getpid(), "\(round)\(name)")]) == nil) }
            var status = stat()
            #expect(stat(path, &status) == 0 && status.st_size < 200_000)
            #expect(LeadersNote.read(path).map(\.value) == ["499\(name)"])
        }
    }

    // MARK: For real

    /// A host without control groups, and the token and the control socket's path of a daemon that did not end cleanly.
    private static func afterUncleanEnd(_ body: (HostBench, _ token: String, _ path: String) throws -> Void) throws {
        try withTemporaryFolder { folder in
            var options = LinuxHost.Options()
            options.controlGroups = .off
            try withHost(options) { bench in
                let token = DaemonRecord.newToken()
                let path = folder + "/control.sock"
                try writeFile(path + ".lock", "1\n\(token)\n")
                try body(bench, token, path)
            }
        }
    }

    /// Fault 11: the daemon before was killed, and its token is what its processes carry.
    @Test func whatAnUncleanDaemonHasLeftIsEnded() async {
        await #expect(processExitsWith: .success) {
            try LeftoverTests.afterUncleanEnd { bench, token, path in
                let web = try bench.start("tree", "3", invocation: "\(token).1.2.3.web.a@1")
                let group = try bench.start("group", "2", invocation: "\(token).1.2.4.db")
                let other = try bench.start("wait", invocation: "\(DaemonRecord.newToken()).1.2.3.web.a@1")
                let children = try bench.numbers(web.output, after: "child", count: 3)
                let others = try bench.numbers(group.output, after: "child", count: 2)
                _ = try bench.words(other.output, after: "ready")
                // Without a claim there is nothing to look for.
                expectEqual(bench.host.endLeftovers(within: .seconds(5)), LeftoverReport())
                _ = try bench.host.claimControlSocket(path: path).get()
                expectEqual(bench.host.invocationPrefix, token)
                let left = bench.host.endLeftovers(within: .seconds(10)).leftovers
                expectEqual(left.map(\.instance), ["db", "web.a@1"])
                expectEqual(left.flatMap(\.remaining), [])
                expectEqual(left.first?.killed.map(\.pid).sorted(), (others + [group.pid]).sorted())
                expectEqual(left.last?.killed.map(\.pid).sorted(), (children + [web.pid]).sorted())
                expectEqual(left.last?.killed.first?.command.hasPrefix("testchild tree 3"), true)
                for pid in children + others + [web.pid, group.pid] { #expect(!isRunning(pid)) }
                #expect(isRunning(other.pid))
                expectEqual(bench.host.endLeftovers(within: .seconds(10)).leftovers, [])
                // The token is kept for as long as something may be left, and no longer.
                bench.host.releaseControlSocket(leavesNothing: false, by: MonotonicInstant(nanoseconds: .max))
                expectEqual(readWholeFile(path + ".lock"), "\(getpid())\n\(token)\n")
                bench.host.releaseControlSocket(leavesNothing: true, by: MonotonicInstant(nanoseconds: .max))
                expectEqual(readWholeFile(path + ".lock"), "")
            }
        }
    }

    /// Whoever is in the middle of execve(2) shows nothing: that says nothing of whose it is.
    @Test func whoShowsNothingForAMomentIsLookedAtAgain() async {
        await #expect(processExitsWith: .success) {
            try LeftoverTests.afterUncleanEnd { bench, token, path in
                let parent = try bench.start("show-nothing", "300", invocation: "\(token).1.2.3.web")
                let hidden = try #require(try Int32(bench.words(parent.output, after: "hidden")[0]))
                bench.host.signal(parent.handle, .kill)
                _ = try bench.end(of: parent)
                _ = try bench.host.claimControlSocket(path: path).get()
                let left = bench.host.endLeftovers(within: .seconds(10)).leftovers
                expectEqual(left.map(\.instance), ["web"])
                expectEqual(left.first?.killed.map(\.pid), [hidden])
                #expect(!isRunning(hidden))
            }
        }
    }

    /// A child has the daemon's memory until its execve(2): it goes by a name of its own.
    @Test func aChildIsKnownByItsName() {
        let name = ChildName(token: Self.token)
        func isName(_ stat: String) -> Bool { Array(stat.utf8).withUnsafeBytes { name.isName(in: $0) } }
        #expect(isName("7 (supd:0123456789) S 1 7 7"))
        for other in ["7 (supd) S 1", "7 (supd:012345678) S 1", "7 ((supd:0123456789) S 1", "supd:0123456789", ""] {
            #expect(!isName(other), "\(other)")
        }
    }

    @Test func aCleanDaemonBeforeLeavesATokenToNobody() async {
        await #expect(processExitsWith: .success) {
            try withTemporaryFolder { folder in
                let path = folder + "/control.sock"
                var tokens: Set<String> = []
                for leavesNothing in [true, false, true] {
                    let host = try LinuxHost()
                    _ = try host.claimControlSocket(path: path).get()
                    expectEqual(
                        host.controlSockets.first?.unclean?.token, tokens.count < 2 ? nil : host.invocationPrefix)
                    tokens.insert(host.invocationPrefix)
                    host.releaseControlSocket(leavesNothing: leavesNothing, by: MonotonicInstant(nanoseconds: .max))
                }
                // The third took up the second's.
                expectEqual(tokens.count, 2)
            }
        }
    }

    /// One that does not end stands in the way of its own instance, and of no other, as long as it is there.
    @Test func anInstanceIsNotStartedBesideWhatDoesNotEnd() async {
        await #expect(processExitsWith: .success) {
            try withHost { bench in
                let stuck = try bench.start("wait")
                _ = try bench.words(stuck.output, after: "ready")
                let identity = try #require(bench.host.procfs.stat(stuck.pid)?.identity)
                try bench.learnsCommand(of: stuck, "testchild wait")
                bench.host.lastingLeftovers = ["web@1": [identity]]
                var request = HostBench.request("exit", "0")
                request.environment = ["A=1", "SUPD_SERVICE=web", "SUPD_INSTANCE=web@1"]
                guard case .failure(let failure) = bench.spawn(request) else {
                    Issue.record("it was started beside it")
                    return
                }
                expectEqual(failure.stage, .leftovers)
                expectEqual(failure.error, ErrorNumber(EBUSY))
                expectEqual(failure.subject, "\(stuck.pid) (testchild wait)")
                request.environment = ["SUPD_SERVICE=web", "SUPD_INSTANCE=web"]
                try expectEqual(bench.end(of: bench.start(request)), .exited(code: 0))
                bench.host.signal(stuck.handle, .kill)
                _ = try bench.end(of: stuck)
                request.environment = ["SUPD_SERVICE=web", "SUPD_INSTANCE=web@1"]
                try expectEqual(bench.end(of: bench.start(request)), .exited(code: 0))
                expectEqual(bench.host.lastingLeftovers, [:])
            }
        }
    }

    /// Marks may be hidden; the group that an unclean daemon has noted is not.
    @Test(.enabled(if: groupsAreWritable, "needs a hierarchy of control groups of version 2 that may be written to"))
    func whatIsLeftInTheGroupsOfAnUncleanDaemonIsEnded() async {
        await #expect(processExitsWith: .success) {
            try withTemporaryFolder { folder in
                let token = DaemonRecord.newToken()
                let path = folder + "/control.sock"
                let own = try #require(OwnControlGroup.current)
                // Elsewhere than where the next one would make its own.
                let elsewhere = own.folder.child("elsewhere-\(token)")
                let base = elsewhere.child("supd-\(token)")
                for group in [elsewhere, base, base.child("supd"), base.child("_db.a")] { try group.make() }
                defer { elsewhere.remove() }
                try writeFile(path + ".lock", "1\n\(token)\n\(base.path)\n")
                try withHost { bench in
                    let left = try bench.start("ignore-term")
                    _ = try bench.words(left.output, after: "ready")
                    try base.child("_db.a").write("\(left.pid)", into: "cgroup.procs")
                    _ = try bench.host.claimControlSocket(path: path).get()
                    let found = bench.host.endLeftovers(within: .seconds(10)).leftovers
                    expectEqual(found.map(\.instance), ["db.a"])
                    expectEqual(found.first?.killed.map(\.pid), [left.pid])
                    try expectEqual(bench.end(of: left), .signaled(.kill, coreDumped: false))
                    expectEqual(access(base.path, F_OK), -1)
                    // It did not need one of its own for that.
                    expectEqual(bench.host.groups.base, nil)
                    // The first that asks for a group has the folder noted for the daemon after this.
                    try expectEqual(
                        bench.end(of: bench.start(ControlGroupTests.request("exit", group: "web"))), .exited(code: 0))
                    let noted = own.folder.child("supd-\(token)").path
                    expectEqual(readWholeFile(path + ".lock"), "\(getpid())\n\(token)\n\(noted)\n")
                    bench.host.releaseControlSocket(leavesNothing: true, by: MonotonicInstant(nanoseconds: .max))
                    expectEqual(access(noted, F_OK), -1)
                }
            }
        }
    }
}
