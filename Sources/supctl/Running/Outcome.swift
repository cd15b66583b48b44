import Glibc
import SupdPlugin
import SupdProtocol

/// What supctl exits with.
enum ExitCode: Int32, CaseIterable {
    case done = 0
    case failed = 1
    case wrongUse = 2
    /// `status`: not all services that were named run, or of all not those that are wanted up.
    case notRunning = 3
    case noSuchService = 4
    case notPermitted = 5
    /// EX_UNAVAILABLE of sysexits(3).
    case noDaemon = 69
    /// EX_TEMPFAIL of sysexits(3).
    case timedOut = 75
    /// EX_CONFIG of sysexits(3), which supd itself ends with then.
    case configurationRefused = 78

    /// What the help says of it.
    var meaning: String {
        switch self {
        case .done: "done"
        case .failed: "failed"
        case .wrongUse: "wrong use"
        case .notRunning:
            "(status) a service that was named does not run or, where none was, one that is wanted up neither runs nor starts"
        case .noSuchService: "no such service"
        case .notPermitted: "not permitted"
        case .noDaemon: "no daemon at the socket"
        case .timedOut: "timed out"
        case .configurationRefused: "(plan, apply) the configuration has faults"
        }
    }

    init(_ kind: ProtocolErrorKind) {
        switch kind {
        case .noSuchService: self = .noSuchService
        case .notPermitted: self = .notPermitted
        case .timedOut: self = .timedOut
        case .invalidConfiguration: self = .configurationRefused
        case .parseError, .invalidRequest, .noSuchMethod, .invalidParams, .internalError, .busy, .shuttingDown, .failed,
            .planChanged, .tooMany:
            self = .failed
        }
    }

    /// Of several errors the one that says most: a plain failure above all, then what a person can mend.
    static func worst(of statuses: [ExitCode]) -> ExitCode {
        for status in [ExitCode.failed, .notPermitted, .noSuchService, .timedOut, .noDaemon]
        where statuses.contains(status) {
            return status
        }
        return statuses.first ?? .done
    }
}

/// What a run prints and exits with.
struct Outcome: Hashable {
    var status = ExitCode.done
    var output = ""
    var errors = ""

    /// Whatever was asked for or followed: nobody can say what became of it.
    static let connectionLost = Self(
        status: .noDaemon, errors: "supctl: the connection is lost: supd has ended, or has closed it\n")

    /// Prints it, and answers what to exit with: `failed` where the output is lost, whatever was done. What cannot be
    /// written of the errors is lost: there is nowhere to say so.
    func write() -> ExitCode {
        var status = status
        var errors = errors
        // A reader that has left (`| head`) has what it wanted. As the tools of coreutils supctl dies of SIGPIPE then; where
        // somebody ignores that signal the write fails, which says nothing of what was asked for.
        if let error = Self.write(output, to: STDOUT_FILENO), error.rawValue != EPIPE {
            errors += "supctl: standard output cannot be written: \(error)\n"
            status = .failed
        }
        _ = Self.write(errors, to: STDERR_FILENO)
        return status
    }

    /// Whoever read standard output has left, which no write has told: supctl ends as if one had (`write()`).
    static func nobodyReads() -> Self {
        raise(SIGPIPE)
        return Self()
    }

    static func write(_ text: String, to descriptor: Int32) -> ErrorNumber? {
        var text = text
        return text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while !rest.isEmpty {
                let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return ErrorNumber(errno) }
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
            return nil
        }
    }
}
