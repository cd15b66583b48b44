import SupdJSON
import SupdPlugin

extension MethodDescriptor {
    /// `service.start`.
    static let serviceStart = MethodDescriptor(.operate, OrderParams.parameters, Request.Call.serviceStart)
    /// `service.stop`.
    static let serviceStop = MethodDescriptor(.operate, OrderParams.parameters, Request.Call.serviceStop)
    /// `service.restart`.
    static let serviceRestart = MethodDescriptor(.operate, OrderParams.parameters, Request.Call.serviceRestart)
    /// `service.reload`.
    static let serviceReload = MethodDescriptor(.operate, OrderParams.parameters, Request.Call.serviceReload)
}

/// `service.start`, `service.stop`, `service.restart`, `service.reload`.
public struct OrderParams: ServiceParams {
    /// Names, globs and tags; at least one.
    public var services: [String]
    /// Whether the reply waits until every service is where the order wants it, or has failed.
    public var wait: Bool
    /// How long it waits at most; nil for as long as it takes.
    public var timeout: Duration?

    /// An order to `services`.
    public init(services: [String], wait: Bool = false, timeout: Duration? = nil) {
        self.services = services
        self.wait = wait
        self.timeout = timeout
    }
}

extension OrderParams: RequestParams {
    fileprivate static let parameters: [Method.Parameter] = [.services, .wait, .timeout]

    init(_ params: ParamsReader) throws(ProtocolError) {
        self.init(services: try params.services(), wait: try params.flag(.wait), timeout: try params.timeout())
    }

    func encode(into writer: inout JSONWriter) {
        writer.member("services", services)
        if wait { writer.member("wait", true) }
        if let timeout { writer.member("timeout", timeout) }
    }
}
