import CSupd
import Glibc
import SupdPlugin
import Testing

@testable import SupdHost

/// Whether the next process of an instance is born into the group of the one before.
@Suite(.enabled(if: groupsAreWritable, "needs a hierarchy of control groups of version 2 that may be written to"))
struct UsedGroupTests {
    /// What has become of the group by the time of the next start.
    enum Past: String, CaseIterable, Codable, Sendable {
        case asItWasMade, frozen, withAGroupInIt, killed, withControllers, ofAnEarlierTurn
    }

    private static func inode(_ folder: GroupFolder) -> ino_t? {
        var status = stat()
        return stat(folder.path, &status) == 0 ? status.st_ino : nil
    }

    @Test(arguments: Past.allCases)
    func aGroupIsUsedAgainWhereItIsAsOneThatIsMade(past: Past) async {
        await #expect(processExitsWith: .success) { [past] in
            try ControlGroupTests.withGroups { bench in
                let first = try bench.start(ControlGroupTests.request("wait", group: "web"))
                let tree = ProcessTree(leader: first.pid, invocation: "g", group: "web")
                let leaf = try #require(bench.host.group(of: tree))
                let before = UsedGroupTests.inode(leaf)
                switch past {
                case .asItWasMade, .ofAnEarlierTurn: break
                case .frozen: try leaf.write("1", into: "cgroup.freeze")
                case .withAGroupInIt: try leaf.child("of-its-own").make()
                // Whoever is born into it then is killed by the kernel.
                case .killed: try leaf.write("1", into: "cgroup.kill")
                case .withControllers: bench.host.groups.hasControllers = true
                }
                bench.host.signal(first.handle, .kill)
                _ = try bench.end(of: first)
                try bench.turns(until: "the group is empty") { leaf.isPopulated == false }
                expectEqual(bench.host.look(at: tree).members, [])
                bench.host.release(tree, isEnding: false)
                if past == .ofAnEarlierTurn { bench.host.groups.endTurn() }
                let open = openDescriptorCount()
                let next = try bench.start(ControlGroupTests.request("wait", group: "web"))
                expectEqual(leaf.processes, [next.pid])
                expectEqual(UsedGroupTests.inode(leaf) == before, past == .asItWasMade)
                expectEqual(leaf.isFrozen, false)
                expectEqual(leaf.childNames, [])
                expectEqual(bench.host.groups.leaving, [])
                // Of one that was killed at its birth nothing is left: what is open are the pidfd and the pipe of the one after it.
                expectEqual(openDescriptorCount(), open + 2)
                expectEqual(supd_peek_ended_child(), 0)
            }
        }
    }
}
