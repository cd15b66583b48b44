import SupdJSON
import SupdPlugin

extension MethodDescriptor {
    /// `service.dependencies`.
    static let serviceDependencies = MethodDescriptor(
        .observe, [.services, .direction], Request.Call.serviceDependencies)
}

/// `service.dependencies`.
public struct DependencyParams: ServiceParams {
    /// Which way relations are followed from a service.
    public enum Direction: String, Hashable, Sendable, CaseIterable {
        /// To what it needs, through others too.
        case needs
        /// To what needs it.
        case neededBy = "needed_by"
    }

    /// Names, globs, tags and states; none is all services.
    public var services: [String]
    /// Only what is that way; nil is both.
    public var direction: Direction?

    /// What is around `services`.
    public init(services: [String] = [], direction: Direction? = nil) {
        self.services = services
        self.direction = direction
    }
}

extension DependencyParams: RequestParams {
    init(_ params: ParamsReader) throws(ProtocolError) {
        self.init(services: try params.services(required: false), direction: try Self.direction(params))
    }

    private static func direction(_ params: ParamsReader) throws(ProtocolError) -> Direction? {
        guard let value = params.value(.direction) else { return nil }
        guard let direction = value.stringValue.flatMap(Direction.init(rawValue:)) else {
            throw params.wrong(.direction, Direction.allCases.map(\.rawValue).joined(separator: " or "), value)
        }
        return direction
    }

    func encode(into writer: inout JSONWriter) {
        if !services.isEmpty { writer.member("services", services) }
        if let direction { writer.member("direction", direction.rawValue) }
    }
}
