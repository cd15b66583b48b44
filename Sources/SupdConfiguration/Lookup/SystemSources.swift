import Glibc
package import SupdPlugin

/// The machine: open(2), glob(3), and the user and group databases through the name service switch.
package struct SystemSources: ConfigurationSources {
    /// How long a file that is a pipe may keep a read waiting.
    private let patience: Duration
    private let looksAround: Bool
    /// As whoever knows has given it.
    package let standardSocket: String?

    /// The sources. A regular file never waits; of a pipe, as `--config /dev/stdin` is one, a read gives up with ETIMEDOUT
    /// after `patience`, since a daemon that reloads has other things to do. So it does of a named pipe that nobody writes
    /// to: no writer is not an empty file. With `looksAround` folders and programs are looked for, which
    /// waits for whatever disk they are on, and what this process may do is looked at.
    package init(patience: Duration = .seconds(5), looksAround: Bool = false, standardSocket: String? = nil) {
        self.patience = patience
        self.looksAround = looksAround
        self.standardSocket = standardSocket
    }

    /// Whether a folder is there, as stat(2) has it.
    package func isFolder(_ path: String) -> Bool? {
        guard looksAround else { return nil }
        var status = stat()
        guard stat(path, &status) == 0 else { return errno == ENOENT || errno == ENOTDIR ? false : nil }
        return status.st_mode & S_IFMT == S_IFDIR
    }

    /// Whether something else than a socket is there, as lstat(2) has it.
    package func isInTheWay(_ path: String) -> Bool? {
        guard looksAround else { return nil }
        var status = stat()
        guard lstat(path, &status) == 0 else { return ErrorNumber(errno).isAbsence ? false : nil }
        return status.st_mode & S_IFMT != S_IFSOCK
    }

    /// Whether there is a regular file that has an x in its mode, as stat(2) has it. Who may execute it depends on whom it is run as.
    package func isProgram(_ path: String) -> Bool? {
        guard looksAround else { return nil }
        var status = stat()
        guard stat(path, &status) == 0 else { return ErrorNumber(errno).isAbsence ? false : nil }
        return status.st_mode & S_IFMT == S_IFREG && status.st_mode & 0o111 != 0
    }

    /// The bytes of a regular file. One that only the daemon may read is not looked at.
    package func environmentFile(_ path: String) -> Result<[UInt8], FileProblem>? {
        guard looksAround else { return nil }
        var status = stat()
        guard stat(path, &status) == 0 else { return Self.told(ErrorNumber(errno)) }
        if let problem = WholeFile.problem(ofMode: status.st_mode) { return .failure(problem) }
        switch read(path, limit: WholeFile.limit) {
        case .success(let contents): return .success(contents.bytes)
        case .failure(let error) where error.rawValue == EFBIG: return .failure(WholeFile.tooLong())
        case .failure(let error): return Self.told(error)
        }
    }

    private static func told(_ error: ErrorNumber) -> Result<[UInt8], FileProblem>? {
        [EACCES, EPERM].contains(error.rawValue) ? nil : .failure(FileProblem(error))
    }

    /// What faccessat(2) says, of the effective user.
    package func refusal(of use: FileUse, at path: String) -> ErrorNumber? {
        guard looksAround else { return nil }
        switch use {
        case .read: return Self.refusal(of: R_OK, at: path)
        case .execute, .enter: return Self.refusal(of: X_OK, at: path)
        case .write where access(path, F_OK) == 0: return Self.refusal(of: W_OK, at: path)
        case .write, .make: return Self.refusal(of: W_OK | X_OK, at: FilePath.folder(of: path))
        }
    }

    private static func refusal(of mode: Int32, at path: String) -> ErrorNumber? {
        guard faccessat(AT_FDCWD, path, mode, AT_EACCESS) != 0 else { return nil }
        let error = ErrorNumber(errno)
        return error.isAbsence ? nil : error
    }

    /// What stat(2) says of it.
    package func version(of path: String) -> Result<FileVersion?, ErrorNumber> {
        var status = stat()
        guard stat(path, &status) == 0 else { return .failure(ErrorNumber(errno)) }
        return .success(FileVersion(status))
    }

    /// The bytes of the file at `path`.
    package func read(_ path: String, limit: Int) -> Result<FileContents, ErrorNumber> {
        // Without O_NONBLOCK the open itself would wait for a named pipe's other end.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return .failure(ErrorNumber(errno)) }
        defer { close(descriptor) }
        // Before the first byte: what is written while it is read makes another version.
        var status = stat()
        let version = fstat(descriptor, &status) == 0 ? FileVersion(status) : nil
        // Not filled with anything: of a short file most of it is never touched.
        return withUnsafeTemporaryAllocation(byteCount: 64 * 1024, alignment: 1) { chunk in
            Self.read(descriptor, limit: limit, into: chunk, by: ContinuousClock.now + patience)
                .map { FileContents($0, version: version) }
        }
    }

    private static func read(
        _ descriptor: Int32, limit: Int, into chunk: UnsafeMutableRawBufferPointer, by deadline: ContinuousClock.Instant
    ) -> Result<[UInt8], ErrorNumber> {
        var bytes: [UInt8] = []
        while true {
            // A named pipe that was opened before its writer reads as if it were at its end; poll(2) waits for a writer.
            let rest = (deadline - ContinuousClock.now).clampedNanoseconds / 1_000_000
            var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            if poll(&wanted, 1, Int32(clamping: max(rest, 0))) == 0 { return .failure(ErrorNumber(ETIMEDOUT)) }
            let count = Glibc.read(descriptor, chunk.baseAddress, chunk.count)
            if count == 0 { return .success(bytes) }
            if count < 0 {
                if errno == EINTR || errno == EAGAIN { continue }
                return .failure(ErrorNumber(errno))
            }
            bytes += chunk.prefix(count)
            if bytes.count > limit { return .failure(ErrorNumber(EFBIG)) }
        }
    }

    /// What glob(3) finds. A folder that does not exist has no files; one that may not be read is an error.
    package func glob(_ pattern: String, in folder: String) -> Result<[String], ErrorNumber> {
        let full = pattern.hasPrefix("/") || folder == "." ? pattern : Self.escaped(folder) + "/" + pattern
        var found = glob_t()
        defer { globfree(&found) }
        let stopsAtAllButAbsence: @convention(c) (UnsafePointer<CChar>?, Int32) -> Int32 = { _, error in
            ErrorNumber(error).isAbsence ? 0 : 1
        }
        switch Glibc.glob(full, GLOB_NOSORT, stopsAtAllButAbsence, &found) {
        case 0: break
        case GLOB_NOMATCH: return .success([])
        case GLOB_NOSPACE: return .failure(ErrorNumber(ENOMEM))
        default: return .failure(ErrorNumber(errno == 0 ? EIO : errno))
        }
        var paths: [String] = []
        for index in 0..<Int(found.gl_pathc) {
            if let path = found.gl_pathv[index] { paths.append(String(cString: path)) }
        }
        // glob's own order follows the locale; a configuration means the same everywhere.
        return .success(paths.sorted())
    }

    /// Those of this process.
    package var privileges: Privileges? { looksAround ? .ofProcess() : nil }

    /// Who the daemon is.
    package var ownCredentials: Credentials {
        var groups = [gid_t](repeating: 0, count: Int(max(getgroups(0, nil), 0)))
        let count = getgroups(Int32(groups.count), &groups)
        return Credentials(uid: geteuid(), gid: getegid(), groups: groups.prefix(Int(max(count, 0))).sorted())
    }

    /// `path` with everything that a pattern would take for its own protected.
    private static func escaped(_ path: String) -> String {
        var result = ""
        for scalar in path.unicodeScalars {
            if "*?[]\\".unicodeScalars.contains(scalar) { result += "\\" }
            result.unicodeScalars.append(scalar)
        }
        return result
    }
}
