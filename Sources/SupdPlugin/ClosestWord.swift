/// The candidate that `word` was most likely meant to be, for a "did you mean" in an error; nil where none is close.
///
/// Of three letters or more the only one that begins with them is meant. Else close is a third of the word's letters, but no more than
/// three, changed, left out, put in or swapped with their neighbour; capital letters count as small ones. Of equally close ones the first
/// in byte order is taken, so that an error is always the same. A word of over 128 bytes, twice the longest name, is close to nothing.
public func closestWord(to word: String, among candidates: some Sequence<String>) -> String? {
    guard var closest = ClosestWord(to: word) else { return nil }
    for candidate in candidates { closest.look(at: candidate) }
    return closest.best
}

/// The search of `closestWord`, one candidate at a time: for many of them, some now and the others later.
package struct ClosestWord {
    private let word: String
    private let wanted: [UInt8]
    private var limit: Int
    private var found: (word: String, distance: Int)?
    /// The first that begins with the word, and whether there is another.
    private var longer: (word: String, isOnly: Bool)?

    /// A search for what `word` was meant to be; nil where nothing can be close to it.
    package init?(to word: String) {
        guard !word.isEmpty, word.utf8.count <= 128 else { return nil }
        self.word = word
        wanted = Array(word.lowercased().utf8)
        limit = min(3, max(1, wanted.count / 3))
    }

    /// The closest one so far.
    package var best: String? {
        if let longer, longer.isOnly { return longer.word }
        return found?.word
    }

    /// Looks whether `candidate` is it.
    package mutating func look(at candidate: String) {
        guard candidate != word else { return }
        let letters = Array(candidate.lowercased().utf8)
        if wanted.count >= 3, letters.starts(with: wanted) {
            longer = (candidate, longer == nil || longer?.word == candidate && longer?.isOnly == true)
        }
        guard abs(letters.count - wanted.count) <= limit,
            let distance = editDistance(wanted, letters, atMost: limit),
            distance < max(letters.count, wanted.count)
        else { return }
        if let found, (found.distance, found.word) <= (distance, candidate) { return }
        found = (candidate, distance)
        limit = distance
    }
}

/// How many letters must be changed, left out, put in or swapped with their neighbour to get from `a` to `b`
/// (optimal string alignment); nil where that is over `limit`.
private func editDistance(_ a: [UInt8], _ b: [UInt8], atMost limit: Int) -> Int? {
    var beforeLast = [Int](repeating: 0, count: b.count + 1)
    var last = Array(0...b.count)
    var current = last
    for i in a.indices {
        current[0] = i + 1
        for j in b.indices {
            var cost = min(last[j + 1] + 1, current[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
            if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, beforeLast[j - 1] + 1) }
            current[j + 1] = cost
        }
        // A swap comes from the row before the last, so that both must be over it.
        if current.allSatisfy({ $0 > limit }), last.allSatisfy({ $0 > limit }) { return nil }
        (beforeLast, last, current) = (last, current, beforeLast)
    }
    return last[b.count] <= limit ? last[b.count] : nil
}
