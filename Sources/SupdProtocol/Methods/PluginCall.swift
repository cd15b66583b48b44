public import SupdJSON

/// A call of a plugin's method.
public struct PluginCall: Hashable, Sendable {
    /// `plugin.NAME.METHOD`.
    public var method: String
    /// What the plugin is given.
    public var params: JSONObject

    /// The call of `method`.
    public init(method: String, params: JSONObject = JSONObject()) {
        self.method = method
        self.params = params
    }
}

extension PluginCall: WrittenParams {
    func encode(into writer: inout JSONWriter) {
        for member in params.members {
            writer.key(member.key)
            writer.value(member.value)
        }
    }
}
