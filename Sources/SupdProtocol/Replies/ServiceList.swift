public import SupdJSON

/// The reply of `service.status`.
public struct ServiceList: ServiceEntries, Hashable, Sendable {
    /// One entry an instance, in the order of the configuration.
    public var services: [ServiceStatus]

    /// The list of these.
    public init(services: [ServiceStatus]) {
        self.services = services
    }
}

/// What became of an order for one instance: where it is now, and what went wrong if something did.
public struct ServiceResult: Hashable, Sendable {
    /// Where it is now.
    public var status: ServiceStatus
    /// Why the order was not carried out, or not in time.
    public var error: ProtocolError?

    /// A result of these.
    public init(status: ServiceStatus, error: ProtocolError? = nil) {
        self.status = status
        self.error = error
    }
}

extension ServiceResult: WireValue {
    /// Writes the status with `error` beside its own members where there is one.
    public func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        status.encodeMembers(into: &writer)
        if let error { writer.member("error", error) }
        writer.endObject()
    }

    /// Reads the status and `error`.
    public init(from value: JSONValue) throws(WireError) {
        status = try ServiceStatus(from: value)
        error = try WireReader(value).optionalNested("error")
    }
}

/// The reply of `service.start`, `service.stop`, `service.restart`, `service.reload`, `service.scale`, `service.signal` and
/// `service.reset_failed`.
public struct ServiceResults: ServiceEntries, Hashable, Sendable {
    /// One result an instance, so that partial failure is seen.
    public var services: [ServiceResult]

    /// The list of these.
    public init(services: [ServiceResult]) {
        self.services = services
    }
}
