import CSupd
import Glibc
import SupdPlugin
import Testing

@testable import SupdHost

/// Daemons that begin beside another of the same control socket, or after one.
@Suite struct SecondDaemonTests {
    /// Fault 21: the lock decides, and what is left of a daemon that was killed is in nobody's way.
    @Test func aSecondDaemonIsToldWhoHasIt() async {
        await #expect(processExitsWith: .success) {
            try withTemporaryFolder { folder in
                let path = folder + "/control.sock"
                // Stale: bound by somebody who is gone.
                close(supd_listen_unix(path, 1))
                try writeFile(path + ".lock", "99999\n")
                try withHost { bench in
                    let listener = try bench.host.claimControlSocket(path: path).get()
                    let second = try LinuxHost()
                    expectEqual(second.claimControlSocket(path: path), .failure(.inUse(pid: getpid())))
                    // It touched nothing: the first still serves.
                    let client = supd_connect_unix(path)
                    #expect(client >= 0)
                    if case .connection = bench.host.accept(listener) {} else { Issue.record("no connection") }
                    close(client)
                }
                // The first host has ended, without removing its socket.
                try withHost { bench in
                    _ = try bench.host.claimControlSocket(path: path).get()
                    let client = supd_connect_unix(path)
                    #expect(client >= 0)
                }
            }
        }
    }

    /// One that is on its way out holds the lock, and listens no more: whoever starts the next one does not have to ask again.
    @Test func aSecondDaemonWaitsForOneThatIsLeaving() async {
        await #expect(processExitsWith: .success) {
            try withTemporaryFolder { folder in
                let path = folder + "/control.sock"
                try writeFile(path + ".lock", "\(getppid())\n")
                let lock = supd_open(path + ".lock", O_RDWR, 0)
                expectEqual(supd_lock_exclusively(lock), 0)
                // More than twice as long as one that listens is waited for.
                onThread {
                    poll(nil, 0, 500)
                    close(lock)
                }
                try withHost { bench in _ = try bench.host.claimControlSocket(path: path).get() }
            }
        }
    }
}
