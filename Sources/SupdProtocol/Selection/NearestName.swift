/// Suggestions for a name that does not exist.
public enum NearestName {
    /// The one of `names` nearest to `name`, or nil where none is near enough to be a slip of the pen: a third of
    /// its length in insertions, deletions, changed letters and swapped neighbours, at least one and at most three.
    public static func nearest(to name: String, among names: some Sequence<String>) -> String? {
        let wanted = Array(name.lowercased().utf8)
        guard !wanted.isEmpty, wanted.count <= 128 else { return nil }
        var limit = min(3, max(1, wanted.count / 3))
        var best: String?
        for candidate in names {
            let bytes = Array(candidate.lowercased().utf8)
            guard abs(bytes.count - wanted.count) <= limit, let distance = distance(wanted, bytes, atMost: limit)
            else { continue }
            if distance == 0 { return candidate }
            // Only a nearer one replaces it: of equally near ones the first is taken.
            best = candidate
            limit = distance - 1
        }
        return best
    }

    /// The edit distance with swaps of neighbours (optimal string alignment), or nil where it is over `limit`.
    private static func distance(_ from: [UInt8], _ to: [UInt8], atMost limit: Int) -> Int? {
        var beforeLast = [Int](repeating: 0, count: to.count + 1)
        var last = Array(0...to.count)
        var row = last
        for i in from.indices {
            row[0] = i + 1
            for j in to.indices {
                var cost = min(last[j + 1] + 1, row[j] + 1, last[j] + (from[i] == to[j] ? 0 : 1))
                if i > 0, j > 0, from[i] == to[j - 1], from[i - 1] == to[j] {
                    cost = min(cost, beforeLast[j - 1] + 1)
                }
                row[j + 1] = cost
            }
            if row.allSatisfy({ $0 > limit }) { return nil }
            (beforeLast, last, row) = (last, row, beforeLast)
        }
        let distance = last[to.count]
        return distance <= limit ? distance : nil
    }
}
