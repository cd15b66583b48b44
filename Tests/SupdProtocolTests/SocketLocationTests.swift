import SupdProtocol
import Testing

@Suite struct SocketLocationTests {
    private func client(
        option: String? = nil, environment: String? = nil, uid: UInt32 = 1000, runtime: String? = "/run/user/1000"
    ) -> SocketLocation {
        SocketLocation.forClient(option: option, environment: environment, uid: uid, runtimeDirectory: runtime)
    }

    @Test func theOptionWinsOverTheEnvironment() {
        #expect(client(option: "/a", environment: "/b") == SocketLocation(path: "/a", source: .option))
        #expect(client(environment: "/b") == SocketLocation(path: "/b", source: .environment))
    }

    @Test func anEmptyEnvironmentVariableIsNone() {
        #expect(client(environment: "").source == .standard)
    }

    @Test func everybodyHasAStandardPlace() {
        #expect(client(uid: 0).path == "/run/supd/control.sock")
        #expect(client().path == "/run/user/1000/supd/control.sock")
        #expect(client(runtime: nil).path == "/run/supd/control.sock")
        #expect(client(runtime: "relative").path == "/run/supd/control.sock")
    }

    @Test func aDaemonPrefersOptionThenConfiguration() {
        func daemon(_ option: String?, _ configured: String?, uid: UInt32, runtime: String?) -> SocketLocation? {
            SocketLocation.forDaemon(option: option, configured: configured, uid: uid, runtimeDirectory: runtime)
        }
        #expect(daemon("/a", "/b", uid: 0, runtime: nil)?.path == "/a")
        #expect(daemon(nil, "/b", uid: 0, runtime: nil)?.path == "/b")
        #expect(daemon(nil, nil, uid: 0, runtime: "/run/user/0")?.path == "/run/supd/control.sock")
        #expect(daemon(nil, nil, uid: 7, runtime: "/run/user/7")?.path == "/run/user/7/supd/control.sock")
        #expect(daemon(nil, nil, uid: 7, runtime: nil) == nil)
    }
}
