internal import CSupd
internal import Glibc
package import SupdPlugin

extension LinuxHost {
    /// Writes a small file whole (mode 0640), by a temporary one beside it and rename. The old one stays where it fails. ETIMEDOUT where
    /// it is not done after `bound`: it goes on, and is lost where the daemon ends before it is.
    package func replaceFile(path: String, contents: [UInt8], within bound: Duration) -> ErrorNumber? {
        let result: ErrorNumber?? = files.run(wholeFiles, within: bound) {
            Self.replace(path, contents)
        } then: { _ in
        }
        return result ?? ErrorNumber(ETIMEDOUT)
    }

    /// Not by way of fsync(2): what a power cut spoils, its reader finds to be so.
    static func replace(_ path: String, _ contents: [UInt8]) -> ErrorNumber? {
        let temporary = "\(path).new"
        // One that was left behind by a daemon that was killed meanwhile; O_EXCL lets no link lead elsewhere.
        unlink(temporary)
        let descriptor = supd_open(temporary, O_WRONLY | O_CREAT | O_EXCL, 0o640)
        guard descriptor >= 0 else { return ErrorNumber(-descriptor) }
        var failure = WholeWrite(contents, to: descriptor).failure
        // close(2) may be the first to say that there is no room (NFS, quotas).
        if Glibc.close(descriptor) != 0, failure == nil, errno != EINTR { failure = ErrorNumber(errno) }
        if failure == nil, rename(temporary, path) != 0 { failure = ErrorNumber(errno) }
        if failure != nil { unlink(temporary) }
        return failure
    }

    /// Which file is at `path`, where the kernel has that in memory; nil where it has not, and of what is on no disk of this machine.
    package func versionAtHand(of path: String) -> Result<FileVersion?, ErrorNumber>? {
        var state = supd_file_state()
        let error = supd_look_at_hand(path, &state)
        if error == -EAGAIN { return nil }
        guard error == 0 else { return .failure(ErrorNumber(-error)) }
        guard state.mode & S_IFMT == S_IFREG else { return .success(nil) }
        return .success(
            FileVersion(device: state.device, inode: state.inode, size: state.size, modified: state.modified))
    }

    /// The file mode creation mask of this process.
    package static var fileModeMask: UInt16 { UInt16(truncatingIfNeeded: supd_umask()) }

    /// The daemon's own environment: `NAME=value` each, as bytes.
    package var environment: [[UInt8]] {
        var variables: [[UInt8]] = []
        var entry = environ
        while let variable = entry.pointee {
            variables.append(
                variable.withMemoryRebound(to: UInt8.self, capacity: 1) { text in
                    Array(UnsafeBufferPointer(start: text, count: strlen(variable)))
                })
            entry += 1
        }
        return variables
    }

    /// Has what the allocator holds and nobody uses returned to the kernel, and the pages of program text let go that the work so far has
    /// touched, once nothing has happened for a moment: what follows the work in this turn and the next ones would touch the same again. May
    /// be called any number of times.
    package func giveBackMemory() { givesBackMemory = true }

    /// Does so.
    func giveBackWhatIsLeft() {
        givesBackMemory = false
        supd_give_back_free_memory()
        supd_let_go_of_program_text()
    }

    /// The daemon's own memory in bytes. Zero where /proc cannot be read.
    package func ownMemory() -> (resident: Int, proportional: Int) {
        let pages = procfs.numbers("/proc/self/statm", count: 2)?[1] ?? 0
        // smaps_rollup may be refused to a daemon that changed its user: what is resident is the upper bound.
        let resident = pages * sysconf(Int32(_SC_PAGESIZE))
        let proportional = procfs.kibibytes("/proc/self/smaps_rollup", key: "Pss:").map { $0 * 1024 }
        return (resident, proportional ?? resident)
    }
}
