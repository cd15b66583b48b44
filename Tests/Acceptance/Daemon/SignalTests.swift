import Glibc
import Testing

@Suite(.daemons)
struct SignalTests {
    /// Real-time signals and those of the C library too. What faults, stops or drains it is left out, and SIGKILL.
    private static let meaningless =
        (Int32(1)...64).filter {
            ![
                SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS, SIGKILL, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU,
                SIGTERM, SIGINT, SIGQUIT, ExitStatusTests.containerStop,
            ].contains($0)
        }

    @Test func aSignalThatMeansNothingChangesNothing() async throws {
        try await withDaemon(TOML.child("web", ["wait"]), arguments: ["--log-level", "debug"]) { daemon in
            let pid = try await daemon.service("web").requirePID()
            for number in Self.meaningless { daemon.process.signal(number) }
            for name in ["SIGALRM", "SIGPWR", "SIGRTMIN+0", "SIGRTMIN+30"] {
                let line = try await daemon.log.first(by: .usual) { $0.contains("\(name) is not used by supd") }
                #expect(line != nil, "\(name)")
            }
            #expect(try await daemon.service("web").requirePID() == pid)
            #expect(try await daemon.terminate() == .exited(0))
        }
    }
}
