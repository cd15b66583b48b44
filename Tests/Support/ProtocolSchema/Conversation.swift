import SupdJSON

/// What both sides say on one connection to the control socket, held to the schema.
///
/// A client of a test may send nonsense, and is told off by the daemon. What must be right is each line of the daemon's, and a request that
/// the daemon has carried out.
public struct Conversation: Sendable {
    /// What was sent and not looked at yet.
    private var sent: [UInt8] = []
    /// The requests so far, by their ids; an id may be used again.
    private var requests: [JSONValue: Set<JSONValue>] = [:]

    /// How many lines of services there were.
    private var linesFollowed = 0
    /// So many of them are looked at in any case; of a flood no more than each hundredth, as it would take minutes.
    private static let linesLookedAt = 2000

    /// One that begins.
    public init() {}

    /// The client has sent these bytes.
    public mutating func send(_ bytes: some Sequence<UInt8>) { sent += bytes }

    /// What is wrong with a line of the daemon's, without its newline, and with the request that it answers; empty for nothing.
    public mutating func problems(ofLine line: some Collection<UInt8>) -> [String] {
        if line.starts(with: #"{"jsonrpc":"2.0","method":"line""#.utf8) {
            linesFollowed += 1
            guard linesFollowed <= Self.linesLookedAt || linesFollowed.isMultiple(of: 100) else { return [] }
        }
        takeRequests()
        do {
            let schema = try ProtocolSchema.current()
            let message = try JSONValue(parsing: line, limits: .document)
            guard message.objectValue?["method"] == nil else { return schema.problems(message, as: "notification") }
            var problems = schema.problems(message, as: "reply")
            if let result = message.objectValue?["result"] {
                problems += self.problems(result, of: message.objectValue?["id"] ?? .null, schema)
            }
            return problems
        } catch {
            return ["\(error)"]
        }
    }

    /// A result fits its request, or one of those that had the same id.
    private func problems(_ result: JSONValue, of id: JSONValue, _ schema: ProtocolSchema) -> [String] {
        var all = ["it answers id \(id), which nothing was asked by"]
        for request in requests[id] ?? [] {
            let method = request.objectValue?["method"]?.stringValue ?? ""
            var problems = schema.problems(request, as: "request").map {
                "the request \(request), which was carried out: \($0)"
            }
            if !method.hasPrefix("plugin.") {
                problems += schema.problems(result, as: "\(method).result").map { "the result of \(method): \($0)" }
            }
            if problems.isEmpty { return [] }
            all = problems
        }
        return all
    }

    private mutating func takeRequests() {
        guard let end = sent.lastIndex(of: 0x0A) else { return }
        for line in sent[..<end].split(separator: 0x0A) {
            guard let request = try? JSONValue(parsing: line, limits: .document), let id = request.objectValue?["id"],
                request.objectValue?["method"]?.stringValue != nil
            else { continue }
            requests[id, default: []].insert(request)
        }
        sent.removeSubrange(...end)
    }
}
