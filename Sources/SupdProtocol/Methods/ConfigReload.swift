import SupdJSON
import SupdPlugin

extension MethodDescriptor {
    /// `config.reload`.
    static let configReload = MethodDescriptor(.admin, [.expect, .defer, .wait, .timeout], Request.Call.configReload)
}

/// `config.reload`.
public struct ReloadParams: Hashable, Sendable {
    /// The token of the plan that is meant: refused with `plan-changed` where the files would do something else by now. Nil takes
    /// them as they are.
    public var expect: String?
    /// Whether a service that would have to be restarted is left running by its older definition until its next start.
    public var deferred: Bool
    /// Whether the reply waits until every service that is touched is where the configuration wants it, or has failed.
    public var wait: Bool
    /// How long it waits at most; nil for as long as it takes.
    public var timeout: Duration?

    /// The files as they are now, or as the plan of the token `expect` has seen them.
    public init(expect: String? = nil, deferred: Bool = false, wait: Bool = true, timeout: Duration? = nil) {
        self.expect = expect
        self.deferred = deferred
        self.wait = wait
        self.timeout = timeout
    }
}

extension ReloadParams: RequestParams {
    init(_ params: ParamsReader) throws(ProtocolError) {
        self.init(
            expect: try Self.expect(params), deferred: try params.flag(.defer),
            wait: try params.flag(.wait, standard: true), timeout: try params.timeout())
    }

    private static func expect(_ params: ParamsReader) throws(ProtocolError) -> String? {
        guard let value = params.value(.expect) else { return nil }
        guard let token = value.stringValue, !token.isEmpty, token.utf8.count <= ProtocolLimits.planTokenBytes else {
            throw params.wrong(.expect, "the 'token' of a plan", value)
        }
        return token
    }

    func encode(into writer: inout JSONWriter) {
        if let expect { writer.member("expect", expect) }
        if deferred { writer.member("defer", true) }
        if !wait { writer.member("wait", false) }
        if let timeout { writer.member("timeout", timeout) }
    }
}
