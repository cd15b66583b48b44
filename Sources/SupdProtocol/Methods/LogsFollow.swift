import SupdJSON
import SupdPlugin

extension MethodDescriptor {
    /// `logs.follow`.
    static let logsFollow = MethodDescriptor(.observe, [.services, .lines], Request.Call.logsFollow)
}

/// `logs.follow`.
public struct FollowParams: ServiceParams {
    /// Names, globs and tags; at least one. Instances that come later are followed too where one means them.
    public var services: [String]
    /// How many lines of each that are in memory the reply has; within `ProtocolLimits.followedLogLines`.
    public var lines: Int

    /// The last `lines` of `services`, and then all that come.
    public init(services: [String], lines: Int = LogsParams.standardLines) {
        self.services = services
        self.lines = lines
    }
}

extension FollowParams: RequestParams {
    init(_ params: ParamsReader) throws(ProtocolError) {
        self.init(
            services: try params.services(),
            lines: try params.count(.lines, ProtocolLimits.followedLogLines, standard: LogsParams.standardLines))
    }

    func encode(into writer: inout JSONWriter) {
        writer.member("services", services)
        writer.member("lines", lines)
    }
}
