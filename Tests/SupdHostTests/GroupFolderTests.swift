import Glibc
import SupdPlugin
import Testing

@testable import SupdHost

/// What is read from and written to a folder of control groups, on a plain one.
@Suite struct GroupFolderTests {
    private static func mountinfo(_ root: String, _ mount: String) -> String {
        "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n"
            + "32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu\n"
            + "41 31 0:38 \(root) \(mount) rw,relatime shared:9 master:2 - cgroup2 cgroup2 rw\n"
    }

    private static func folder(_ own: String, root: String, mount: String = "/sys/fs/cgroup") -> String? {
        OwnControlGroup(cgroup: "2:cpu:/x\n0::\(own)\n", mountinfo: mountinfo(root, mount))?.folder.path
    }

    @Test func theOwnGroupIsFoundBelowItsMount() {
        #expect(Self.folder("/", root: "/") == "/sys/fs/cgroup")
        #expect(Self.folder("/a/b", root: "/") == "/sys/fs/cgroup/a/b")
        #expect(Self.folder("/a", root: "/", mount: "/sys/fs/cgroup/unified") == "/sys/fs/cgroup/unified/a")
        #expect(Self.folder("/docker/1/x", root: "/docker/1") == "/sys/fs/cgroup/x")
        #expect(Self.folder("/docker/1", root: "/docker/1") == "/sys/fs/cgroup")
        #expect(Self.folder("/docker/12", root: "/docker/1") == nil)
        #expect(Self.folder("/../../x", root: "/") == nil)
        #expect(Self.folder("/a", root: "/", mount: "/with\\040blank\\134") == "/with blank\\/a")
        #expect(OwnControlGroup(cgroup: "2:cpu:/\n", mountinfo: Self.mountinfo("/", "/c")) == nil)
        #expect(OwnControlGroup(cgroup: "0::/\n", mountinfo: "32 31 0:29 / /c rw - cgroup cgroup rw,cpu\n") == nil)
    }

    /// As /proc/PID/cgroup has it, whatever part of the hierarchy is mounted where.
    @Test(arguments: ["/", "/docker/1"]) func aFolderHasThePathThatItsProcessesShow(root: String) throws {
        let start = root == "/" ? "" : root
        let own = try #require(OwnControlGroup(cgroup: "0::\(start)/a\n", mountinfo: Self.mountinfo(root, "/c")))
        #expect(own.path(of: own.folder) == start + "/a")
        #expect(own.path(of: own.mount) == start)
        #expect(own.path(of: own.mount.child("x").child("y")) == start + "/x/y")
    }

    @Test func whoseGroupsTheyAreDecidesWhatIsDone() throws {
        let own = try #require(OwnControlGroup(cgroup: "0::/a/b", mountinfo: Self.mountinfo("/", "/c")))
        func plan(
            delegated: String? = nil, systemd: Bool = false, taken: Bool = false, writable: Bool = true,
            usersOwn: Bool = false, own: OwnControlGroup?
        ) -> GroupPlan {
            GroupPlan.decided(
                by: .init(
                    own: own, isDelegated: { $0.path == delegated }, isUsersOwn: { _ in usersOwn },
                    systemdRuns: systemd, claims: { _ in !taken }, isWritable: { _ in writable }, uid: 5))
        }
        #expect(plan(delegated: "/c/a/b", systemd: true, own: own) == .delegated(base: GroupFolder(path: "/c/a/b")))
        #expect(
            plan(delegated: "/c/a", systemd: true, own: own)
                == .delegatedWithDaemonInside(base: GroupFolder(path: "/c/a"), home: "b"))
        // A base has one daemon: another makes its own below the group that it is in.
        for base in ["/c/a/b", "/c/a"] {
            let beside = plan(delegated: base, systemd: true, taken: true, own: own)
            #expect(beside == .ownGroup(in: GroupFolder(path: "/c/a/b")))
        }
        #expect(plan(own: own) == .ownGroup(in: GroupFolder(path: "/c/a/b")))
        // Made for an ordinary user by somebody else than systemd.
        #expect(plan(systemd: true, usersOwn: true, own: own) == .ownGroup(in: GroupFolder(path: "/c/a/b")))
        // What was delegated to a user's service manager is not its units'.
        let unit = OwnControlGroup(cgroup: "0::/a/supd.service", mountinfo: Self.mountinfo("/", "/c"))
        for (plan, words) in [
            (plan(delegated: "/c/a", systemd: true, own: unit), "Delegate=yes"),
            (plan(systemd: true, own: own), "Delegate=yes"), (plan(writable: false, own: own), "uid 5 may not"),
            (plan(own: nil), "version 2"),
        ] {
            guard case .none(let reason) = plan else {
                Issue.record("\(plan)")
                continue
            }
            #expect(reason.contains(words))
        }
        // Nothing above the mount is asked about.
        let top = try #require(OwnControlGroup(cgroup: "0::/", mountinfo: Self.mountinfo("/", "/c")))
        #expect(plan(delegated: "/", own: top) == .ownGroup(in: GroupFolder(path: "/c")))
    }

    /// systemd removes the group of a unit whose main process has ended with all that is in it. One that somebody else goes on in is
    /// left as it was.
    @Test func atTheEndGroupsAreRemovedWhereTheBaseStays() throws {
        for goesWithUnit in [true, false] {
            try withTemporaryFolder { folder in
                let base = GroupFolder(path: folder)
                let groups = ControlGroups(isOff: false) {
                    .init(
                        own: OwnControlGroup(cgroup: "0::/", mountinfo: Self.mountinfo("/", folder)),
                        isDelegated: { _ in true }, systemdRuns: true, isWritable: { _ in true }, uid: 5,
                        isUnitsMain: goesWithUnit)
                }
                let prepared = try groups.prepare(token: "t")
                #expect(prepared == base)
                for name in ["web", "before"] {
                    _ = try groups.makeLeaf(ControlGroupRequest(name: name), in: base)
                }
                groups.release("before", isEnding: false)
                groups.removeLeaving()
                #expect(base.childNames == ["web"])
                groups.release("web", isEnding: true)
                #expect(base.childNames == ["web"])
                groups.close(by: MonotonicInstant(nanoseconds: .max))
                #expect(base.childNames == (goesWithUnit ? ["web"] : []))
            }
        }
    }

    @Test func onlyWhatADaemonHasNamedIsABase() {
        #expect(ControlGroups.isBase(named: ControlGroups.basePrefix + DaemonRecord.newToken()))
        for name in ["supd-", "supd-web", "supd-sandbox.probe.20934", "supd-0123456789abcdeg", "0123456789abcdef"] {
            #expect(!ControlGroups.isBase(named: name))
        }
    }

    @Test func namesOfGroupsAreNobodyElses() {
        #expect(ControlGroups.folderName(of: "main", home: "main") == "_main")
        let names = ["web", "web@1", "supd", "_supd", "memory.max", "a.b", "_x", "ü", "supd-x"]
        let folders = names.map { ControlGroups.folderName(of: $0) }
        #expect(folders == ["web", "web@1", "_supd", "__supd", "_memory.max", "_a.b", "__x", "ü", "_supd-x"])
        #expect(folders.map { ControlGroups.instanceName(of: $0 ?? "") } == names)
        for name in ["", ".", "..", "a/b", "/", "a\nb", String(repeating: "x", count: 255)] {
            #expect(ControlGroups.folderName(of: name) == nil)
        }
    }

    @Test func aKillForWantOfMemoryIsToldByTheCountSinceTheStart() throws {
        try withTemporaryFolder { folder in
            let group = GroupFolder(path: folder)
            #expect(OutOfMemoryBaseline(group) == nil)
            try writeFile(folder + "/memory.events", "low 0\noom 3\noom_kill 2\noom_group_kill 9\n")
            let baseline = try #require(OutOfMemoryBaseline(group))
            #expect(!baseline.isExceeded)
            try writeFile(folder + "/memory.events", "low 0\noom 4\noom_kill 3\n")
            #expect(baseline.isExceeded)
            // What happened in groups below it is not the main process's end, where the kernel tells them apart.
            try writeFile(folder + "/memory.events.local", "oom_kill 2\n")
            #expect(!baseline.isExceeded)
        }
    }

    @Test func aControllerThatIsNotThereIsAnErrorThatSaysWhatToChange() throws {
        try withTemporaryFolder { folder in
            let base = GroupFolder(path: folder)
            try writeFile(folder + "/cgroup.controllers", "cpu io\n")
            try writeFile(folder + "/cgroup.subtree_control", "\n")
            let groups = ControlGroups(isOff: false)
            let memory = ResourceControl(key: "memory_max", value: "4096")
            func failure(_ controls: [ResourceControl]) -> SpawnFailure? {
                do throws(SpawnFailure) {
                    _ = try groups.makeLeaf(ControlGroupRequest(name: "web", controls: controls), in: base)
                    return nil
                } catch {
                    return error
                }
            }
            let missing = try #require(failure([memory]))
            #expect(missing.stage == .resources && missing.subject == "memory_max")
            #expect(missing.description.contains("only the controllers cpu, io"))
            #expect(missing.description.contains("Delegate=memory"))
            #expect(base.childNames == [])

            try writeFile(folder + "/cgroup.controllers", "cpu io memory\n")
            for name in ["/web", "/supd"] { mkdir(folder + name, 0o755) }
            try writeFile(folder + "/supd/cgroup.procs", "")
            try writeFile(folder + "/web/memory.max", "max\n")
            #expect(failure([memory]) == nil)
            #expect(readWholeFile(folder + "/cgroup.subtree_control") == "+memory")
            #expect(readWholeFile(folder + "/web/memory.max") == "4096")

            try writeFile(folder + "/cgroup.subtree_control", "cpu memory\n")
            let refused = ResourceControl(key: "cpu_max", value: "x")
            let failed = try #require(failure([refused]))
            #expect(
                failed
                    == SpawnFailure(
                        stage: .resources, error: ErrorNumber(ENOENT), subject: "cpu_max",
                        hint: "the kernel did not take 'x' for cpu.max"))
        }
    }

    @Test func whatIsNoGroupOfTheKernelsSaysNothing() throws {
        try withTemporaryFolder { folder in
            let group = GroupFolder(path: folder + "/none")
            #expect(group.isPopulated == nil)
            #expect(group.processes == [] && group.controllers.isEmpty && group.childNames == [])
            #expect(group.remove())
            #expect(throws: ErrorNumber(ENOENT)) { try group.write("1", into: "cgroup.kill") }
            let made = [try group.make(), try group.make()]
            #expect(made == [true, false])
            for folder in [group.child("a"), group.child("a").child("b")] { try folder.make() }
            #expect(group.remove())
            #expect(access(group.path, F_OK) != 0)
        }
    }
}
