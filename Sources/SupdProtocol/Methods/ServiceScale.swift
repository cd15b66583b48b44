import SupdJSON
import SupdPlugin

extension MethodDescriptor {
    /// `service.scale`.
    static let serviceScale = MethodDescriptor(
        .operate, [.service, .instances, .wait, .timeout], Request.Call.serviceScale)
}

/// `service.scale`.
public struct ScaleParams: Hashable, Sendable {
    /// The service's name.
    public var service: String
    /// How many instances it is to have; within `ProtocolLimits.instances`.
    public var instances: Int
    /// Whether the reply waits until those that are new are up, or have failed, and those that go are down.
    public var wait: Bool
    /// How long it waits at most; nil for as long as it takes.
    public var timeout: Duration?

    /// `instances` of `service`.
    public init(service: String, instances: Int, wait: Bool = false, timeout: Duration? = nil) {
        self.service = service
        self.instances = instances
        self.wait = wait
        self.timeout = timeout
    }
}

extension ScaleParams: RequestParams {
    init(_ params: ParamsReader) throws(ProtocolError) {
        let name = try params.required(.service, "the name of one")
        guard let service = name.stringValue, !service.isEmpty, service.utf8.count <= ProtocolLimits.selectorBytes
        else {
            throw params.wrong(.service, "the name of a service", name)
        }
        let count = try params.required(.instances, "how many there are to be")
        let range = ProtocolLimits.instances
        guard let instances = count.integerValue.flatMap(Int.init(exactly:)), range.contains(instances) else {
            throw params.wrong(.instances, "a whole number from \(range.lowerBound) to \(range.upperBound)", count)
        }
        self.init(
            service: service, instances: instances, wait: try params.flag(.wait), timeout: try params.timeout())
    }

    func encode(into writer: inout JSONWriter) {
        writer.member("service", service)
        writer.member("instances", instances)
        if wait { writer.member("wait", true) }
        if let timeout { writer.member("timeout", timeout) }
    }
}
