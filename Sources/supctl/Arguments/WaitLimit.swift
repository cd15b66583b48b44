import SupdPlugin
import SupdProtocol

/// How long to wait: a duration as configuration files have it, or `infinity`.
struct WaitLimit: Hashable {
    /// Nil for as long as it takes.
    var duration: Duration?

    /// Nil where `argument` says no such time, or one over the protocol's limit.
    init?(_ argument: String) {
        if argument == "infinity" {
            duration = nil
            return
        }
        guard let parsed = try? Duration(text: argument), parsed <= ProtocolLimits.longestTimeout else { return nil }
        duration = parsed
    }
}
