public import SupdJSON

/// A method that a plugin adds to the control protocol, as `plugin.NAME.METHOD`.
public struct ControlMethod: Sendable {
    /// Its name, the last part of the method's.
    public var name: String
    /// Who may call it.
    public var access: AccessClass
    /// A sentence for `supctl plugins`.
    public var summary: String
    /// Answers a call. `context.services` shows what the caller may see and orders what he may order (`ServiceControl`); what the plugin
    /// knows of services by other ways, as by its jobs or sinks, may be hidden from him: `list` says what is not. `params` is what the client sent, `{}` where it sent none. An error that it throws is the call's
    /// answer: a `ControlMethodError` with its own message, any other as its description. It is a registered task of phase
    /// `jobs`; after 30 s it is cancelled, and the client gets an error that says so.
    public var call: @Sendable (_ params: JSONValue, _ context: PluginContext) async throws -> JSONValue

    /// The method `name`.
    public init(
        _ name: String, access: AccessClass, summary: String,
        call: @escaping @Sendable (_ params: JSONValue, _ context: PluginContext) async throws -> JSONValue
    ) {
        self.name = name
        self.access = access
        self.summary = summary
        self.call = call
    }
}

/// What a control method refuses a call with.
public struct ControlMethodError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A sentence for the client.
    public var description: String

    /// The error that says `description`.
    public init(_ description: String) { self.description = description }
}
