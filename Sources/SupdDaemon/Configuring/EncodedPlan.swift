import SupdJSON
import SupdProtocol

/// A plan as one who asks is answered it. What is known of it beforehand was written beside the loop: with ten thousand services that takes
/// a while.
struct EncodedPlan: WireValue, Sendable {
    /// All but what is kept and what came of it, not ended.
    private let plan: JSONWriter
    /// The services whose instances are as many as the files say once it is carried out.
    let counted: Set<String>
    /// The services that keep other numbers of instances than the files say.
    var kept: [ConfigurationPlanReply.KeptInstances]
    /// What came of it; only where it was carried out.
    var outcome: ConfigurationPlanReply.Outcome?

    /// Takes time in proportion to the plan.
    init(_ reply: ConfigurationPlanReply) {
        var writer = JSONWriter()
        reply.beginEncoding(into: &writer)
        plan = writer
        counted = Set(reply.services.lazy.filter { $0.instances != nil || $0.kind.known == .removed }.map(\.name))
        kept = reply.kept
        outcome = reply.outcome
    }

    init(from value: JSONValue) throws(WireError) { self.init(try ConfigurationPlanReply(from: value)) }

    func encode(into writer: inout JSONWriter) {
        writer.append(begun: plan)
        ConfigurationPlanReply.endEncoding(kept, outcome, into: &writer)
    }
}
