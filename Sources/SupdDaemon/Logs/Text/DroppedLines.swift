extension Int {
    /// `3 lines dropped: the journal did not take them`, for so many lines and `the journal did not take`.
    func dropped(_ because: String) -> String {
        "\(self) \(self == 1 ? "line" : "lines") dropped: \(because) \(self == 1 ? "it" : "them")"
    }
}

/// How many lines of one instance its files did not take, over all of them.
final class DropCount {
    /// So many.
    var lines = 0
}
