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
}
