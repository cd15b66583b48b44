/// The kinds of error a request can be answered with: a number as JSON-RPC 2.0 has it, and a word for people and
/// programs.
public enum ProtocolErrorKind: String, Hashable, Sendable, CaseIterable {
    /// The line is no JSON, or breaks a limit.
    case parseError = "parse-error"
    /// It is JSON, but no request.
    case invalidRequest = "invalid-request"
    /// No method has that name.
    case noSuchMethod = "no-such-method"
    /// A param is unknown, missing, or of a wrong type or value.
    case invalidParams = "invalid-params"
    /// A fault of the daemon's own.
    case internalError = "internal"
    /// The client's user may not.
    case notPermitted = "not-permitted"
    /// A limit is reached; the same request may succeed later.
    case busy
    /// The daemon is on its way down and starts nothing any more.
    case shuttingDown = "shutting-down"
    /// No service has that name or fits that glob or tag.
    case noSuchService = "no-such-service"
    /// What was waited for did not come about within `timeout`.
    case timedOut = "timed-out"
    /// The order was carried out and failed.
    case failed
    /// The configuration's files have faults, and nothing was changed.
    case invalidConfiguration = "invalid-configuration"
    /// The configuration's files are no longer those that the expected plan was made of, and nothing was changed.
    case planChanged = "plan-changed"
    /// The services that were named have more instances than the request takes.
    case tooMany = "too-many"

    /// The `code` of the error object.
    public var code: Int {
        switch self {
        case .parseError: -32700
        case .invalidRequest: -32600
        case .noSuchMethod: -32601
        case .invalidParams: -32602
        case .internalError: -32603
        case .notPermitted: -32001
        case .busy: -32002
        case .shuttingDown: -32003
        case .noSuchService: -32004
        case .timedOut: -32005
        case .failed: -32006
        case .invalidConfiguration: -32007
        case .planChanged: -32008
        case .tooMany: -32009
        }
    }

    /// The kind of a `code`, or nil where none has it.
    public init?(code: Int) {
        guard let kind = Self.allCases.first(where: { $0.code == code }) else { return nil }
        self = kind
    }
}
