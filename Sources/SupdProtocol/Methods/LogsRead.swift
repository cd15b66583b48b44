import SupdJSON
import SupdPlugin

extension MethodDescriptor {
    /// `logs.read`.
    static let logsRead = MethodDescriptor(.observe, [.services, .lines, .before], Request.Call.logsRead)
}

/// `logs.read`.
public struct LogsParams: ServiceParams {
    /// How many lines where the request does not say.
    public static let standardLines = 20

    /// Names, globs and tags; at least one.
    public var services: [String]
    /// The last so many lines of each instance; within `ProtocolLimits.logLines`.
    public var lines: Int
    /// Only lines before this place, the `earlier` of an earlier reply; for one instance alone.
    public var before: UInt64?

    /// The last `lines` of `services`.
    public init(services: [String], lines: Int = standardLines, before: UInt64? = nil) {
        self.services = services
        self.lines = lines
        self.before = before
    }
}

extension LogsParams: RequestParams {
    init(_ params: ParamsReader) throws(ProtocolError) {
        self.init(
            services: try params.services(),
            lines: try params.count(.lines, ProtocolLimits.logLines, standard: Self.standardLines),
            before: try params.place(.before, "the number that a reply has as 'earlier'"))
    }

    func encode(into writer: inout JSONWriter) {
        writer.member("services", services)
        writer.member("lines", lines)
        if let before { writer.member("before", before) }
    }
}
