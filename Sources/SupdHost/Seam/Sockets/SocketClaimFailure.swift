package import SupdPlugin

/// Why the control socket could not be had.
package enum SocketClaimFailure: Error, Hashable, Sendable {
    /// Another daemon holds the lock: its process id where it wrote one.
    case inUse(pid: Int32?)
    /// The path breaks a rule (length, folder's owner or mode, a symbolic link), as a sentence.
    case refused(String)
    /// A system call failed.
    case failed(call: String, ErrorNumber)

    /// What it means for the control socket at `path`.
    package func sentence(_ path: String) -> String {
        switch self {
        case .inUse(let pid):
            let who = pid.map { " (pid \($0))" } ?? ""
            return "another supd\(who) already serves \(path); it was left alone"
        case .refused(let why): return "the control socket \(path) was refused: \(why)"
        case .failed(let call, let error): return "the control socket \(path) could not be made: \(call): \(error)"
        }
    }
}
