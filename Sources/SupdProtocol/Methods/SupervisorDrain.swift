import SupdJSON
import SupdPlugin

extension MethodDescriptor {
    /// `supervisor.drain`.
    static let supervisorDrain = MethodDescriptor(.admin, [.wait, .timeout], Request.Call.supervisorDrain)
    /// `supervisor.shutdown`.
    static let supervisorShutdown = MethodDescriptor(.admin, [.wait, .timeout, .now], Request.Call.supervisorShutdown)
}

/// `supervisor.drain`, `supervisor.shutdown`.
public struct DrainParams: Hashable, Sendable {
    /// Whether the reply is the report of the finished drain.
    public var wait: Bool
    /// How long it waits at most; nil for as long as the drain takes, whose own deadline is in the configuration.
    public var timeout: Duration?
    /// Whether everything is killed at once, as at a third signal. Only `supervisor.shutdown` takes it.
    public var now: Bool

    /// A drain that is waited for or not.
    public init(wait: Bool = false, timeout: Duration? = nil, now: Bool = false) {
        self.wait = wait
        self.timeout = timeout
        self.now = now
    }
}

extension DrainParams: RequestParams {
    init(_ params: ParamsReader) throws(ProtocolError) {
        self.init(wait: try params.flag(.wait), timeout: try params.timeout(), now: try params.flag(.now))
    }

    func encode(into writer: inout JSONWriter) {
        if wait { writer.member("wait", true) }
        if let timeout { writer.member("timeout", timeout) }
        if now { writer.member("now", true) }
    }
}
