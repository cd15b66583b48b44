import CHostTests
import CSupd
import Glibc
import Testing

@testable import SupdHost

/// The note beside the control socket, which the next daemon goes by where this one is killed.
@Suite struct ControlSocketNoteTests {
    /// Whoever took over from an empty one would start a second copy of everything.
    @Test func aNoteThatIsChangedInItsPlaceIsWrittenAnew() async {
        await #expect(processExitsWith: .success) {
            try withTemporaryFolder { folder in
                let path = folder + "/control.sock"
                try withHost { bench in
                    _ = try bench.host.claimControlSocket(path: path).get()
                    let note = "\(getpid())\n\(bench.host.invocationPrefix)\n"
                    expectEqual(readWholeFile(path + ".lock"), note)
                    for text in ["", "junk\n", "1\n0123456789abcdef\n/sys\n"] {
                        let file = supd_open(path + ".lock", O_WRONLY | O_TRUNC, 0)
                        expectEqual(write(file, text, text.utf8.count), text.utf8.count)
                        close(file)
                        try bench.event("a change") { $0 == .controlSocketDisturbed }
                        let state = bench.host.mendControlSocket()
                        expectEqual(state.rewritten, [path + ".lock"])
                        #expect(state.restored.isEmpty && state.troubles.isEmpty)
                        expectEqual(readWholeFile(path + ".lock"), note)
                        // What it wrote itself is told as well, and is as it should be.
                        try bench.event("its own writing") { $0 == .controlSocketDisturbed }
                        expectEqual(bench.host.mendControlSocket(), ControlSocketState())
                    }
                }
            }
        }
    }

    /// Whose lock is let go once somebody else has asked for it.
    enum Former: String, CaseIterable, Codable {
        case reaped, zombie, alive
    }

    /// Of a daemon that was killed the children on their way to their programs hold the lock for a moment more, as does one that has only
    /// just been killed.
    @Test(arguments: Former.allCases)
    func aLockThatIsLetGoAtOnceIsWaitedFor(former: Former) async {
        await #expect(processExitsWith: .success) { [former] in
            try withTemporaryFolder { folder in
                let ended =
                    former == .alive ? getppid() : try ControlSocketNoteTests.endedChild(isReaped: former == .reaped)
                let held = try ControlSocketNoteTests.lock(beside: folder + "/control.sock", noting: ended)
                let watch = host_tests_watch_reading(folder + "/control.sock.lock")
                onThread {
                    // The note is read once the lock was refused.
                    var told = pollfd(fd: watch, events: Int16(POLLIN), revents: 0)
                    poll(&told, 1, -1)
                    close(held)
                }
                let claim = try ControlSocketClaim(path: folder + "/control.sock")
                expectEqual(claim.unclean?.pid, ended)
            }
        }
    }

    @Test func whoHoldsTheLockOfOneThatHasEndedForGoodIsLeftAlone() async {
        await #expect(processExitsWith: .success) {
            try withTemporaryFolder { folder in
                let ended = try ControlSocketNoteTests.endedChild(isReaped: true)
                let held = try ControlSocketNoteTests.lock(beside: folder + "/control.sock", noting: ended)
                defer { close(held) }
                #expect(throws: SocketClaimFailure.inUse(pid: nil)) {
                    _ = try ControlSocketClaim(path: folder + "/control.sock")
                }
            }
        }
    }

    private static func endedChild(isReaped: Bool) throws -> Int32 {
        var pid: pid_t = 0
        var words = [strdup("true"), nil]
        defer { free(words[0]) }
        let error = posix_spawn(&pid, "/bin/true", nil, nil, &words, nil)
        guard error == 0 else { throw POSIXFailure(error) }
        var information = siginfo_t()
        guard waitid(P_PID, id_t(pid), &information, WEXITED | (isReaped ? 0 : WNOWAIT)) == 0 else {
            throw POSIXFailure(errno)
        }
        return pid
    }

    /// Takes the lock as a daemon of that number.
    private static func lock(beside socket: String, noting pid: Int32) throws -> Int32 {
        try writeFile(socket + ".lock", "\(pid)\n0123456789abcdef\n")
        let descriptor = supd_open(socket + ".lock", O_RDWR, 0)
        let failure = supd_lock_exclusively(descriptor)
        guard failure == 0 else { throw POSIXFailure(-failure) }
        return descriptor
    }
}
