/// What a request says where it names services.
public protocol ServiceParams: Hashable, Sendable {
    /// Names, globs, tags and states as they were given.
    var services: [String] { get }
}

extension ServiceParams {
    /// The selectors that `services` are.
    public var selectors: [ServiceSelector] { services.map { ServiceSelector($0) } }
}
