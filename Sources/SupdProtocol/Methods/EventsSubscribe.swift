import SupdJSON
import SupdPlugin

extension MethodDescriptor {
    /// `events.subscribe`.
    static let eventsSubscribe = MethodDescriptor(
        .observe, [.services, .kinds, .since, .last], Request.Call.eventsSubscribe)
}

/// `events.subscribe`.
public struct EventParams: ServiceParams {
    /// Names, globs and tags: only what is about these is told. None is everything.
    public var services: [String]
    /// Only events of these kinds; none is all.
    public var kinds: [EventKind]
    /// The number after which it goes on, in place of a snapshot; nil begins with what happens now.
    public var since: UInt64?
    /// So many at most of those that there were, the last ones, in place of a snapshot; at most `ProtocolLimits.rememberedEvents`.
    public var last: Int?

    /// What is about `services`, of `kinds`, after the number `since`, and the `last` of what there was.
    public init(services: [String] = [], kinds: [EventKind] = [], since: UInt64? = nil, last: Int? = nil) {
        self.services = services
        self.kinds = kinds
        self.since = since
        self.last = last
    }
}

extension EventParams: RequestParams {
    init(_ params: ParamsReader) throws(ProtocolError) {
        self.init(
            services: try params.services(required: false), kinds: try Self.kinds(params),
            since: try params.place(.since, "the 'sequence' of an event"),
            last: try params.count(.last, 0...ProtocolLimits.rememberedEvents))
    }

    private static func kinds(_ params: ParamsReader) throws(ProtocolError) -> [EventKind] {
        guard let value = params.value(.kinds) else { return [] }
        let all = EventKind.allCases.map(\.rawValue)
        let words = all.joined(separator: ", ")
        guard let list = value.arrayValue else { throw params.wrong(.kinds, "a list of \(words)", value) }
        guard list.count <= all.count else {
            throw ProtocolError(
                .invalidParams, "'kinds' has \(list.count) entries, and there are \(all.count) kinds: \(words)")
        }
        var kinds: [EventKind] = []
        for (index, word) in list.enumerated() {
            guard let kind = word.stringValue.flatMap(EventKind.init(rawValue:)) else {
                throw params.wrong(
                    "kinds[\(index)]", "one of \(words)", Request.found(word),
                    suggestion: closestWord(to: word.stringValue ?? "", among: all))
            }
            kinds.append(kind)
        }
        return kinds
    }

    func encode(into writer: inout JSONWriter) {
        if !services.isEmpty { writer.member("services", services) }
        if !kinds.isEmpty { writer.member("kinds", kinds.map(\.rawValue)) }
        if let since { writer.member("since", since) }
        if let last { writer.member("last", last) }
    }
}
