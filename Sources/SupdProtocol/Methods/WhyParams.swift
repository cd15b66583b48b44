import SupdJSON
import SupdPlugin

extension MethodDescriptor {
    /// `service.why`.
    static let serviceWhy = MethodDescriptor(.observe, [.services, .changes], Request.Call.serviceWhy)
}

/// `service.why`.
public struct WhyParams: ServiceParams {
    /// Names, globs and tags; at least one.
    public var services: [String]
    /// How many of the last changes of each, at most `ProtocolLimits.rememberedChanges`.
    public var changes: Int

    /// What has led to what `services` are, in their last `changes`.
    public init(services: [String], changes: Int = ProtocolLimits.rememberedChanges) {
        self.services = services
        self.changes = changes
    }
}

extension WhyParams: RequestParams {
    init(_ params: ParamsReader) throws(ProtocolError) {
        let most = ProtocolLimits.rememberedChanges
        self.init(services: try params.services(), changes: try params.count(.changes, 0...most, standard: most))
    }

    func encode(into writer: inout JSONWriter) {
        writer.member("services", services)
        if changes != ProtocolLimits.rememberedChanges { writer.member("changes", changes) }
    }
}
