public import SupdPlugin
public import SupdProtocol

/// Why a call gave no result.
public enum ClientError: Error, Hashable, Sendable {
    /// Nobody serves the socket: it is not there (ENOENT), or nobody listens (ECONNREFUSED).
    case noDaemon(path: String, ErrorNumber)
    /// The socket's file or folder does not let this user in (EACCES, EPERM).
    case noAccess(path: String, ErrorNumber)
    /// No socket can have this path, and why.
    case badPath(path: String, problem: String)
    /// Nobody has taken the connection in this time, as the queue of those before it is full: nothing was asked.
    case notTaken(path: String, after: Duration)
    /// No reply came in this time. The order may still be carried out.
    case timedOut(after: Duration)
    /// The daemon closed the connection: before it answered, or while it was followed, as at its end.
    case closed
    /// A system call failed, by its name.
    case failed(call: String, ErrorNumber)
    /// The reply is not what the protocol says.
    case unreadable(WireError)
    /// The daemon answered with an error.
    case refused(ProtocolError)
    /// The task that called, or that followed, was cancelled. The order may still be carried out.
    case cancelled
}

extension ClientError: CustomStringConvertible {
    /// A sentence for a person.
    public var description: String {
        switch self {
        case .noDaemon(let path, let error):
            "no daemon at \(QuotedText.quote(path)): \(error)"
        case .noAccess(let path, let error):
            "the socket \(QuotedText.quote(path)) does not let you in: \(error)"
        case .badPath(let path, let problem):
            "no socket can be at \(QuotedText.quote(path)): \(problem)"
        case .notTaken(let path, let duration):
            "the daemon at \(QuotedText.quote(path)) takes no connection within \(duration.text)"
        case .timedOut(let duration):
            "no reply within \(duration.text)"
        case .closed:
            "the daemon has closed the connection"
        case .failed(let call, let error):
            "\(call) failed: \(error)"
        case .unreadable(let error):
            "the daemon's reply is not understood: \(error)"
        case .refused(let error):
            error.description
        case .cancelled:
            "the call was cancelled"
        }
    }
}
