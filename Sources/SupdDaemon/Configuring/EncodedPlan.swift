import SupdJSON
import SupdProtocol

/// A plan as it is answered. What is known of it beforehand was written beside the loop: with ten thousand services that takes a while.
struct EncodedPlan: WireValue, Sendable {
    /// All but what came of it, not ended.
    private let plan: JSONWriter
    /// What came of it; only where it was carried out.
    var outcome: ConfigurationPlanReply.Outcome?

    /// Takes time in proportion to the plan.
    init(_ reply: ConfigurationPlanReply) {
        var writer = JSONWriter()
        reply.beginEncoding(into: &writer)
        plan = writer
        outcome = reply.outcome
    }

    init(from value: JSONValue) throws(WireError) { self.init(try ConfigurationPlanReply(from: value)) }

    func encode(into writer: inout JSONWriter) {
        writer.append(begun: plan)
        ConfigurationPlanReply.endEncoding(outcome, into: &writer)
    }
}
