import Glibc
import Testing

/// The check that every test of a daemon ends with can fail.
@Suite(.daemons)
struct RemainsTests {
    @Test func aStrayProcessOfADaemonIsFound() async throws {
        let remains = Remains(token: "00000000deadbeef", folder: "/nowhere/supd-test")
        #expect(try await remains.left(by: .seconds(0)) == [])
        let stray = try ChildProcess(
            Programs.testchild, ["wait"], environment: ["SUPD_INVOCATION": "00000000deadbeef.1.1.1.web"])
        let deadline = Deadline.usual
        // It has its environment once its program has begun.
        while remains.find().isEmpty, !deadline.hasPassed { await Task.yield() }
        let found = try await remains.left(by: .seconds(0.1))
        #expect(found.count == 1 && found[0].hasPrefix("\(stray.pid) ") && found[0].hasSuffix("wait"), "\(found)")
        remains.end()
        #expect(try await stray.ended(by: .usual) == .signaled(SIGKILL))
    }

    @Test func aProcessInTheTestsFolderIsFound() async throws {
        let folder = try TemporaryFolder()
        let remains = Remains(token: nil, folder: folder.path)
        let stray = try ChildProcess(Programs.testchild, ["wait"], folder: folder.path)
        #expect(try await remains.left(by: .seconds(0.1)).count == 1)
        await stray.destroy()
        #expect(try await remains.left(by: .seconds(5)) == [])
    }
}
