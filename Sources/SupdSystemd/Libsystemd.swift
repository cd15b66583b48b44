import CSystemd
import Glibc

/// The functions of libsystemd that the daemon calls, looked up in the library when systemd is there to be spoken to.
///
/// Linked in the ordinary way, the library and the six it needs would be mapped and relocated in every daemon, in a
/// container or a shell too, where there is nobody to tell anything: 0.35 MB more resident, 0.14 MB of it private. The
/// types are those of its header. Where the program was linked with it after all, this finds the copy that is loaded.
struct Libsystemd {
    /// sd_notify(3)
    let notify: supd_sd_notify
    /// sd_pid_notify_with_fds(3)
    let notifyWithDescriptors: supd_sd_pid_notify_with_fds

    /// Why the library could not be used.
    struct LoadFailure: Error {
        /// What dlopen(3) or dlsym(3) said.
        var reason: String
    }

    /// The library's name with the version of its interface, as it is installed without its headers.
    static let fileName = "libsystemd.so.0"

    /// Loads the library, for the life of the process.
    init(fileName: String = Libsystemd.fileName) throws(LoadFailure) {
        guard let library = dlopen(fileName, RTLD_NOW | RTLD_LOCAL) else { throw Self.lastFailure() }
        notify = try Self.function("sd_notify", in: library, as: supd_sd_notify.self)
        notifyWithDescriptors = try Self.function(
            "sd_pid_notify_with_fds", in: library, as: supd_sd_pid_notify_with_fds.self)
    }

    static func function<Function>(
        _ name: String, in library: UnsafeMutableRawPointer, as type: Function.Type
    ) throws(LoadFailure) -> Function {
        guard let address = dlsym(library, name) else { throw lastFailure() }
        return unsafeBitCast(address, to: type)
    }

    static func lastFailure() -> LoadFailure {
        LoadFailure(reason: dlerror().map { String(cString: $0) } ?? "it could not be loaded")
    }
}
