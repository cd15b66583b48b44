import Glibc
import Testing

@Suite(.daemons, .enabled(if: Programs.isRoot, "only root can be somebody else"))
struct AccessTests {
    private static let nobody: UInt32 = 65_534

    @Test(arguments: [("supervisor.status", "observe"), ("service.stop", "operate"), ("supervisor.shutdown", "admin")])
    func anotherUserIsDeniedAndToldTheClass(method: String, accessClass: String) async throws {
        let folder = try TemporaryFolder()
        try #require(chmod(folder.path, 0o755) == 0)
        try await withDaemon(TOML.child("web", ["wait"]), folder: folder) { daemon in
            let stranger: Connection
            do {
                stranger = try Connection(to: daemon.socket, uid: Self.nobody, gid: Self.nobody)
            } catch let failure as Failure {
                // Kept out by the socket's own mode: nothing was asked, so nothing could be denied.
                Issue.record("the daemon cannot say which class is needed: \(failure)")
                return
            }
            let parameters: JSONValue = method == "service.stop" ? ["services": ["web"]] : [:]
            let reply = try await stranger.exchange(method, parameters)
            #expect(reply.error.code == -32001, "\(reply.text)")
            #expect(reply.error.data.kind == "not-permitted")
            #expect(reply.error.message.string?.contains(accessClass) == true, "\(reply.text)")
            #expect(try await daemon.service("web").state == "RUNNING")
            #expect(daemon.log.all.contains { $0.contains("65534") }, "the denial is logged with the uid")
        }
    }

    @Test func supctlOfAnotherUserExitsWith5() async throws {
        let folder = try TemporaryFolder()
        try #require(chmod(folder.path, 0o755) == 0)
        let asNobody = ["--reuid=65534", "--regid=65534", "--clear-groups"]
        let setpriv = try #require(Programs.find("setpriv"))
        guard try await run(setpriv, asNobody + [Programs.supctl, "--version"]).code == 0 else {
            try Test.cancel("supctl is built where user 65534 cannot run it")
        }
        try await withDaemon(TOML.child("web", ["wait"]), folder: folder) { daemon in
            let output = try await run(
                setpriv, asNobody + [Programs.supctl, "stop", "web"], environment: ["SUPD_SOCKET": daemon.socket])
            #expect(output.code == 5, "\(output)")
            #expect(output.error.contains("operate"), "\(output.error)")
        }
    }
}
