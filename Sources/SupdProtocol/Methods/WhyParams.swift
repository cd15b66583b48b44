import SupdJSON
import SupdPlugin

extension MethodDescriptor {
    /// `service.why`.
    static let serviceWhy = MethodDescriptor(.observe, [.services, .changes, .atMost], Request.Call.serviceWhy)
}

/// `service.why`.
public struct WhyParams: ServiceParams {
    /// Names, globs and tags; at least one.
    public var services: [String]
    /// How many of the last changes of each, at most `ProtocolLimits.rememberedChanges`.
    public var changes: Int
    /// Of more instances than this it is refused with `tooMany`; nil takes any number.
    public var atMost: Int?

    /// What has led to what `services` are, in their last `changes`.
    public init(services: [String], changes: Int = ProtocolLimits.rememberedChanges, atMost: Int? = nil) {
        self.services = services
        self.changes = changes
        self.atMost = atMost
    }
}

extension WhyParams: RequestParams {
    init(_ params: ParamsReader) throws(ProtocolError) {
        let most = ProtocolLimits.rememberedChanges
        self.init(
            services: try params.services(), changes: try params.count(.changes, 0...most, standard: most),
            atMost: try params.instancesAtMost())
    }

    func encode(into writer: inout JSONWriter) {
        writer.member("services", services)
        if changes != ProtocolLimits.rememberedChanges { writer.member("changes", changes) }
        if let atMost { writer.member("at_most", atMost) }
    }
}
