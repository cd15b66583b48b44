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

    /// The last `lines` of `services`, and then all that come. Without a number they are `LogsParams.standardLines`, and as many as there may be
    /// with `since`: who goes on wants all that was missed.
    public init(services: [String], lines: Int? = nil, since: UInt64? = nil) {
        self.services = services
        self.lines =
            lines ?? (since == nil ? LogsParams.standardLines : ProtocolLimits.followedLogLines.upperBound)
        self.since = since
    }
}

extension FollowParams: RequestParams {
    init(_ params: ParamsReader) throws(ProtocolError) {
        self.init(
            services: try params.services(), lines: try params.count(.lines, ProtocolLimits.followedLogLines),
            since: try params.place(.since, "the number of a line"))
    }

    func encode(into writer: inout JSONWriter) {
        writer.member("services", services)
        writer.member("lines", lines)
        if let since { writer.member("since", since) }
    }
}
