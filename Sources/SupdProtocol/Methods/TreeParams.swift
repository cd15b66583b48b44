import SupdJSON
import SupdPlugin

extension MethodDescriptor {
    /// `service.tree`.
    static let serviceTree = MethodDescriptor(.observe, [.services, .atMost], Request.Call.serviceTree)
}

/// `service.tree`.
public struct TreeParams: ServiceParams {
    /// Names, globs, tags and states; none is all services.
    public var services: [String]
    /// Of more instances than this it is refused with `tooMany`; nil takes any number.
    public var atMost: Int?

    /// The processes of `services`.
    public init(services: [String] = [], atMost: Int? = nil) {
        self.services = services
        self.atMost = atMost
    }
}

extension TreeParams: RequestParams {
    init(_ params: ParamsReader) throws(ProtocolError) {
        self.init(services: try params.services(required: false), atMost: try params.instancesAtMost())
    }

    func encode(into writer: inout JSONWriter) {
        if !services.isEmpty { writer.member("services", services) }
        if let atMost { writer.member("at_most", atMost) }
    }
}
