public import SupdJSON

/// A value of the protocol: written by one side, read by the other.
///
/// What is read back from what was written is equal to it, but for times, which keep milliseconds, and durations, which
/// keep microseconds. Members that a reader does not know are passed over, so that a newer daemon can say more.
public protocol WireValue: Sendable {
    /// Writes the value.
    func encode(into writer: inout JSONWriter)
    /// Reads the value, or says what is wrong with it.
    init(from value: JSONValue) throws(WireError)
}

/// A reply that is not what the protocol says.
public struct WireError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Where in the reply: `services[0].state`; empty for the whole of it.
    public var path: String
    /// What is wrong there: what was found, and what was expected.
    public var problem: String

    /// An error at `path`.
    public init(path: String, problem: String) {
        self.path = path
        self.problem = problem
    }

    /// `services[0].state: expected a string, found null`.
    public var description: String {
        path.isEmpty ? problem : "\(path): \(problem)"
    }
}
