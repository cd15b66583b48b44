public import SupdJSON
public import SupdPlugin

/// How many instances there are in each state.
public struct StateCounts: Hashable, Sendable {
    /// So many in one state.
    public struct Count: Hashable, Sendable {
        /// The state.
        public var state: WireWord<ServiceState>
        /// How many; never zero.
        public var count: Int
    }

    /// The states that there are instances in: those that this version knows in the order of `ServiceState`, then others as they came.
    public private(set) var counts: [Count]

    /// So many of each.
    public init(_ counts: [ServiceState: Int]) {
        self.counts = []
        for state in ServiceState.allCases { append(.known(state), counts[state] ?? 0) }
    }

    /// How many there are of each of `states`.
    public init(of states: [WireWord<ServiceState>]) {
        counts = []
        for state in ServiceState.allCases.map(WireWord.known) + states
        where counts.allSatisfy({ $0.state != state }) {
            append(state, states.count { $0 == state })
        }
    }

    /// How many there are in a state.
    public subscript(state: ServiceState) -> Int { counts.first { $0.state.known == state }?.count ?? 0 }

    /// How many there are.
    public var total: Int { counts.reduce(0) { $0 + $1.count } }

    private mutating func append(_ state: WireWord<ServiceState>, _ count: Int) {
        if count != 0 { counts.append(Count(state: state, count: count)) }
    }
}

extension StateCounts: WireValue {
    /// Writes the object: `total`, and every state.
    public func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("total", total)
        for state in ServiceState.allCases {
            writer.key(state.rawValue)
            writer.integer(self[state])
        }
        for other in counts where other.state.known == nil {
            writer.key(other.state.rawValue)
            writer.integer(other.count)
        }
        writer.endObject()
    }

    /// Reads the object.
    public init(from value: JSONValue) throws(WireError) {
        let reader = try WireReader(value)
        counts = []
        for state in ServiceState.allCases { append(.known(state), try reader.integer(state.rawValue)) }
        for member in reader.object.members where member.key != "total" && ServiceState(rawValue: member.key) == nil {
            append(.other(member.key), member.value.integerValue.flatMap(Int.init(exactly:)) ?? 0)
        }
    }
}
