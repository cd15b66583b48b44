/// The files that instances were changed away from, or that those had which are gone, until all that was meant for them is written and they
/// are closed.
///
/// Who comes to the path of one of them meanwhile goes on with it: two sinks of one file would write its lines out of order.
final class LeavingFiles {
    private var files: [FileSink] = []

    /// Closes `file` once all is written.
    func add(_ file: FileSink) {
        file.close()
        forgetClosed()
        if !file.isClosed { files.append(file) }
    }

    /// The one at `path`, which leaves no more.
    func take(_ path: String) -> FileSink? {
        forgetClosed()
        return files.firstIndex { $0.path == path }.map { files.remove(at: $0) }
    }

    /// Bytes that have not reached them yet.
    var pendingBytes: Int {
        forgetClosed()
        return files.reduce(0) { $0 + $1.pendingBytes }
    }

    /// What they have not taken yet is lost, and said to be.
    func giveUp() {
        for file in files {
            file.giveUp()
            file.close()
        }
        forgetClosed()
    }

    /// Opens them anew for what is left.
    func reopen() {
        for file in files { file.reopen() }
    }

    private func forgetClosed() { files.removeAll(where: \.isClosed) }
}
