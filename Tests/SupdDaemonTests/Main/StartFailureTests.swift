import SupdHost
import SupdPlugin
import Testing

@testable import SupdDaemon

/// What the service manager is told of a daemon that does not start.
@Suite struct StartFailureTests {
    @Test func theFirstLineIsItsStatus() {
        let failure = StartFailure(
            "/etc/supd/supd.toml:2:1: one\n/etc/supd/supd.toml:3:1: two", ExitCode.configurationRefused)
        #expect(failure.notification == "STATUS=/etc/supd/supd.toml:2:1: one\nEXIT_STATUS=78")
    }

    @Test func anErrorOfTheKernelsIsSaidByItsNumber() {
        let failure = StartFailure(.failed(call: "bind of /s", ErrorNumber(98)), "/s")
        #expect(failure.exitCode == ExitCode.internalError)
        #expect(failure.notification.hasSuffix("\nERRNO=98\nEXIT_STATUS=70"), "\(failure.notification)")
        #expect(StartFailure(.inUse(pid: 1), "/s").notification.hasSuffix("\nEXIT_STATUS=69"))
    }
}
