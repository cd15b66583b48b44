import SupdJSON
import SupdPlugin

extension MethodDescriptor {
    /// `service.status`.
    static let serviceStatus = MethodDescriptor(.observe, [.services], Request.Call.serviceStatus)
    /// `service.timing`.
    static let serviceTiming = MethodDescriptor(.observe, [.services], Request.Call.serviceTiming)
    /// `service.definition`, which is of no service where none is named.
    static let serviceDefinition = MethodDescriptor(.observe, [.services]) { params throws(ProtocolError) in
        .serviceDefinition(ServiceSelection(services: try params.services()))
    }
    /// `logs.reopen`.
    static let logsReopen = MethodDescriptor(.operate, [.services], Request.Call.logsReopen)
    /// `service.reset_failed`, which is for no service where none is named.
    static let serviceResetFailed = MethodDescriptor(.operate, [.services]) { params throws(ProtocolError) in
        .serviceResetFailed(ServiceSelection(services: try params.services()))
    }
}

/// Which services a request is about.
public struct ServiceSelection: ServiceParams {
    /// Names, globs, tags and states as they were given. `service.definition` and `service.reset_failed` need one; for the
    /// others none is all services.
    public var services: [String]

    /// These services.
    public init(services: [String] = []) {
        self.services = services
    }
}

extension ServiceSelection: RequestParams {
    init(_ params: ParamsReader) throws(ProtocolError) {
        self.init(services: try params.services(required: false))
    }

    func encode(into writer: inout JSONWriter) {
        if !services.isEmpty { writer.member("services", services) }
    }
}
