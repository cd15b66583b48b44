import SupdJSON
import SupdPlugin

extension MethodDescriptor {
    /// `logs.follow`.
    static let logsFollow = MethodDescriptor(.observe, [.services, .lines, .since], Request.Call.logsFollow)
}

/// `logs.follow`.
public struct FollowParams: ServiceParams {
    /// Names, globs and tags; at least one. Instances that come later are followed too where one means them.
    public var services: [String]
    /// How many lines of each that are in memory the reply has; within `ProtocolLimits.followedLogLines`.
    public var lines: Int
    /// Goes on after the line of this number: of what is in memory only later ones.
    public var since: UInt64?

    /// The last `lines` of `services`, and then all that come.
    public init(services: [String], lines: Int = LogsParams.standardLines, since: UInt64? = nil) {
        self.services = services
        self.lines = lines
        self.since = since
    }
}

extension FollowParams: RequestParams {
    init(_ params: ParamsReader) throws(ProtocolError) {
        let since = try params.place(.since, "the number of a line")
        let limit = ProtocolLimits.followedLogLines
        self.init(
            services: try params.services(),
            // Who goes on wants all that was missed.
            lines: try params.count(
                .lines, limit, standard: since == nil ? LogsParams.standardLines : limit.upperBound),
            since: since)
    }

    func encode(into writer: inout JSONWriter) {
        writer.member("services", services)
        writer.member("lines", lines)
        if let since { writer.member("since", since) }
    }
}
