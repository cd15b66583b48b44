import Glibc
import SupdPlugin

/// The `path` of a hook that is about a file.
struct HookPath {
    static func option(_ summary: String) -> OptionDeclaration {
        OptionDeclaration("path", .path, standard: nil, summary)
    }

    let text: String

    init(_ options: PluginOptions) {
        text = options.word("path")
    }

    /// The failure of `call`, by errno.
    func failure(_ call: String) -> HookFailure {
        HookFailure("\(call) of \(text): \(ErrorNumber(errno))")
    }
}

/// `touch-file`: makes a file, or sets its times to now.
struct TouchFile: ShutdownHook {
    static let mode: mode_t = 0o644
    static let options = [HookPath.option("The file. Made with mode 0644 where it is not there.")]

    let path: HookPath

    init(_ options: PluginOptions) {
        path = HookPath(options)
    }

    func run(_ context: HookContext) async throws {
        // Opened only if new: of what is there, a FIFO would wait for its reader, and a device may do anything.
        let descriptor = open(path.text, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, Self.mode)
        guard descriptor >= 0 else {
            guard errno == EEXIST else { throw path.failure("open") }
            guard utimensat(AT_FDCWD, path.text, nil, 0) == 0 else { throw path.failure("utimensat") }
            return
        }
        defer { close(descriptor) }
        // The daemon's umask is nobody's wish for this file.
        guard fchmod(descriptor, Self.mode) == 0 else { throw path.failure("fchmod") }
    }
}

/// `remove-file`: removes a file; one that is not there is no failure.
struct RemoveFile: ShutdownHook {
    static let options = [HookPath.option("The file. That it is not there is no failure.")]

    let path: HookPath

    init(_ options: PluginOptions) {
        path = HookPath(options)
    }

    func run(_ context: HookContext) async throws {
        guard unlink(path.text) != 0, errno != ENOENT else { return }
        throw path.failure("unlink")
    }
}
