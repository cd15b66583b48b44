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
    private var names: JSONStrings

    /// These services.
    public init(services: [String] = []) {
        names = JSONStrings(services)
    }

    /// Names, globs, tags and states as they were given. `service.definition` and `service.reset_failed` need one; for the
    /// others none is all services.
    public var services: [String] {
        get { names.all }
        set { names = JSONStrings(newValue) }
    }

    /// What it is about where that is said in one word; nil where it is said in several, or in none.
    package var only: String? { names.only }
}

extension ServiceSelection: RequestParams {
    init(_ params: ParamsReader) throws(ProtocolError) {
        names = try params.selection(required: false)
    }

    func encode(into writer: inout JSONWriter) {
        let services = services
        if !services.isEmpty { writer.member("services", services) }
    }
}
