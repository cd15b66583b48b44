import SupdPlugin

/// What the log says of clients that were turned away: each kind once, and then at most once a minute how many more there were.
///
/// Any local user can bring these about, as often as he likes.
struct RefusalNotices {
    /// What was refused to whom.
    struct Subject: Hashable {
        enum Kind: Hashable {
            /// A request for this method.
            case request(String)
            /// A connection.
            case connection
            /// To go on: the connection was closed.
            case stay
        }

        var kind: Kind
        var uid: UInt32
    }

    /// How long what was said once is only counted.
    static let period: Duration = .seconds(60)
    /// How many subjects are told apart in that time.
    static let limit = 64

    private var began: MonotonicInstant?
    private var counts = [Subject: Int]()
    private var others = 0

    /// When the summary is due; nil where there is nothing to sum up.
    var due: MonotonicInstant? {
        guard others > 0 || counts.values.contains(where: { $0 > 0 }) else { return nil }
        return began?.advanced(by: Self.period)
    }

    /// Notes a refusal. True where it is to be said now: the first one of its subject.
    mutating func note(_ subject: Subject, now: MonotonicInstant) -> Bool {
        if let began, due == nil, now.duration(since: began) >= Self.period { forget() }
        if began == nil { began = now }
        if let count = counts[subject] {
            counts[subject] = count + 1
            return false
        }
        guard counts.count < Self.limit else {
            others += 1
            return false
        }
        counts[subject] = 0
        return true
    }

    /// What was counted, as a sentence, nil where nothing was; everything is the first of its kind again after it.
    mutating func summary() -> String? {
        defer { forget() }
        var parts: [(count: Int, text: String)] = []
        for (kind, counts) in Dictionary(grouping: counts, by: { $0.key.uid }).sorted(by: { $0.key < $1.key }) {
            let (requests, connections, stays) = counts.reduce(into: (0, 0, 0)) { sums, entry in
                switch entry.key.kind {
                case .request: sums.0 += entry.value
                case .connection: sums.1 += entry.value
                case .stay: sums.2 += entry.value
                }
            }
            if requests > 0 { parts.append((requests, "\(plural(requests, "request")) of uid \(kind) denied")) }
            if connections > 0 {
                parts.append((connections, "\(plural(connections, "connection")) of uid \(kind) refused"))
            }
            if stays > 0 { parts.append((stays, "\(plural(stays, "connection")) of uid \(kind) closed")) }
        }
        if others > 0 { parts.append((others, "\(others) more of others")) }
        guard !parts.isEmpty else { return nil }
        let shown = parts.sorted { $0.count > $1.count }.prefix(8).map(\.text).joined(separator: ", ")
        return "within the last minute also: \(shown)\(parts.count > 8 ? ", …" : "")"
    }

    private mutating func forget() {
        began = nil
        counts = [:]
        others = 0
    }
}
