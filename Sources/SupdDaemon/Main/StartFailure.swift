import SupdHost
import SupdPlugin

/// Why the daemon does not start.
struct StartFailure: Error {
    /// For standard error.
    var text: String
    var exitCode: Int32
    /// What the kernel said, where it is that.
    var error: ErrorNumber?

    init(_ text: String, _ exitCode: Int32, _ error: ErrorNumber? = nil) {
        self.text = text + (error.flatMap(Self.remedy).map { "\n" + $0 } ?? "")
        self.exitCode = exitCode
        self.error = error
    }

    /// The control socket at `path` cannot be had.
    init(_ failure: SocketClaimFailure, _ path: String) {
        let sentence = "supd: " + failure.sentence(path)
        switch failure {
        case .inUse: self.init(sentence, ExitCode.alreadyServed)
        case .refused: self.init(sentence + " ('--socket none' does without one)", ExitCode.configurationRefused)
        case .failed(_, let error): self.init(sentence, ExitCode.internalError, error)
        }
    }

    /// What to do where descriptors are lacking.
    private static func remedy(_ error: ErrorNumber) -> String? {
        switch error.name {
        case "EMFILE":
            "It may have no more files open: raise LimitNOFILE= of its unit, or 'ulimit -n' where there is none."
        case "ENFILE": "The machine may have no more files open: raise fs.file-max (sysctl)."
        default: nil
        }
    }

    /// For the service manager (sd_notify(3)): its first line, as STATUS is one.
    var notification: String {
        let line = text.split(separator: "\n").first.map(String.init) ?? ""
        let errno = error.map { "\nERRNO=\($0.rawValue)" } ?? ""
        return "STATUS=\(line)\(errno)\nEXIT_STATUS=\(exitCode)"
    }
}
