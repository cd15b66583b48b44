import SupdPlugin

extension Int {
    /// `3 lines dropped: the journal did not take them`, for so many lines and `the journal did not take`.
    func dropped(_ because: String) -> String {
        "\(plural(self, "line")) dropped: \(because) \(self == 1 ? "it" : "them")"
    }

    /// `3 lines were lost`.
    var wereLost: String { plural(self, "line was", "lines were") + " lost" }
}

/// How many lines files did not take: those of one instance, over all that it had, or those of all.
final class DropCount {
    /// So many.
    var lines = 0
}
